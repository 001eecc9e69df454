import { describe, expect, it } from "vitest";
import { calibrate, heldOut } from "../../../src/roofline/calibration/calibrate.ts";
import { a100Calibration } from "../../../src/roofline/calibration/constants.ts";
import { fitKernels } from "../../../src/roofline/calibration/fit.ts";
import { kernelSeconds } from "../../../src/roofline/calibration/kernel-time.ts";
import { leastSquares } from "../../../src/roofline/calibration/least-squares.ts";
import {
  FITTED_MODELS,
  type Measurement,
  measuredKernels,
  PROCESSORS,
} from "../../../src/roofline/calibration/measurements.ts";
import { meanAbsolute, relativeError } from "../../../src/roofline/calibration/uncertainty.ts";

const { measurements } = measuredKernels();
const stored = a100Calibration();
const calibration = calibrate(measurements);
const checked = heldOut(measurements);

const meanError = (rows: readonly { measurement: Measurement; predicted: number }[]): number =>
  meanAbsolute(rows.map(({ measurement, predicted }) => relativeError(predicted, measurement.seconds)));

describe("least squares", () => {
  it("finds the parameters of a curve, whatever one outlier says", () => {
    const curve = ([a, b]: readonly number[], x: number): number => a! * Math.exp(b! * x);
    const xs = Array.from({ length: 21 }, (_, i) => i / 10);
    const ys = xs.map((x, i) => curve([3, -0.7], x) + (i === 4 ? 2 : 0));
    const [a, b] = leastSquares((tried) => xs.map((x, i) => curve(tried, x) - ys[i]!), [1, 0]);
    expect(Math.abs(a! - 3)).toBeLessThan(0.05);
    expect(Math.abs(b! + 0.7)).toBeLessThan(0.05);
  });
});

describe("constants of the A100", () => {
  it("are what the measured kernels give: npm run calibrate", () => {
    const flat = (value: unknown): number[] =>
      typeof value === "number" ? [value] : Object.values(value as object).flatMap(flat);
    const { source, ...constants } = stored;
    expect(source).toContain("vidur");
    // The schema's name stands before the numbers in the file; all numbers, in the file's order.
    const kept = flat({ ...constants, schema: {} });
    const found = flat(calibration);
    expect(kept).toHaveLength(found.length);
    for (const [i, value] of found.entries()) expect(Math.abs(kept[i]! / value - 1)).toBeLessThan(1e-4);
  });

  it("are found again from times that they gave", () => {
    const timed = measurements
      .filter(({ device, model }) => device === "a100" && model === FITTED_MODELS[0])
      .map((one) => ({ ...one, seconds: kernelSeconds(one.kernel, stored.constants, PROCESSORS.a100) }));
    const found = fitKernels(timed, PROCESSORS.a100);
    const errors = timed.map(({ kernel, seconds }) =>
      relativeError(kernelSeconds(kernel, found, PROCESSORS.a100), seconds),
    );
    expect(meanAbsolute(errors)).toBeLessThan(0.01);
  });
});

describe("kernels of a model that was not fitted", () => {
  it.each(FITTED_MODELS)("%s: mean error at most 7 % with constants of the other", (model) => {
    const rows = checked.filter(({ measurement }) => measurement.model === model);
    expect(rows).toHaveLength(600);
    expect(meanError(rows)).toBeLessThan(0.07);
  });

  it("five further models: mean error at most 7 %", () => {
    const fitted: readonly string[] = FITTED_MODELS;
    const rows = measurements
      .filter(({ device, model }) => device === "a100" && !fitted.includes(model))
      .map((measurement) => ({
        measurement,
        predicted: kernelSeconds(measurement.kernel, stored.constants, PROCESSORS.a100),
      }));
    expect(new Set(rows.map(({ measurement }) => measurement.model)).size).toBe(5);
    expect(meanError(rows)).toBeLessThan(0.07);
  });

  it("matrix products of an H100 and an A40, with their peaks alone: below 10 %", () => {
    for (const device of ["h100", "a40"] as const) {
      const rows = measurements
        .filter((one) => one.device === device && one.kernel.kind === "gemm")
        .map((measurement) => ({
          measurement,
          predicted: kernelSeconds(measurement.kernel, stored.constants, PROCESSORS[device]),
        }));
      expect(meanError(rows), device).toBeLessThan(0.1);
    }
  });
});
