import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KernelArena } from "../../models/kernels/arena.ts";
import { CalibrationInputs } from "../../src/compress/calibration-inputs.ts";
import { curvatureOf } from "../../src/compress/hessian.ts";
import { correlatedInputs, seeds } from "./random.ts";

const arena = new KernelArena();
const sizes = fc.record({
  random: seeds,
  samples: fc.integer({ min: 1, max: 600 }),
  cols: fc.integer({ min: 1, max: 24 }),
});

describe("calibration inputs", () => {
  it("give H = XᵀX / samples", () => {
    fc.assert(
      fc.property(sizes, ({ random, samples, cols }) => {
        const x = correlatedInputs(random, samples, cols);
        const { data } = new CalibrationInputs(x, cols, arena).hessian;
        for (let i = 0; i < cols; i++) {
          for (let j = 0; j < cols; j++) {
            let sum = 0;
            let size = 0;
            for (let s = 0; s < samples; s++) {
              sum += x[s * cols + i]! * x[s * cols + j]!;
              size += Math.abs(x[s * cols + i]! * x[s * cols + j]!);
            }
            expect(Math.abs(data[i * cols + j]! - sum / samples)).toBeLessThanOrEqual(
              (1e-5 * size) / samples,
            );
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("give YᵀX / samples for outputs Y", () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const y = Float32Array.of(1, 0, -1);
    expect([...new CalibrationInputs(x, 2, arena).productsWith(y, 1)]).toEqual([(1 - 5) / 3, (2 - 6) / 3]);
  });
});

describe("curvature", () => {
  it("factors H + λI into R Rᵀ with R upper triangular, also where inputs are fewer than columns", () => {
    fc.assert(
      fc.property(sizes, ({ random, samples, cols }) => {
        const inputs = new CalibrationInputs(
          correlatedInputs(random, Math.ceil(samples / 50), cols),
          cols,
          arena,
        );
        const { factor, hessian, damping } = curvatureOf(inputs.hessian, 0.01);
        expect(damping).toBeGreaterThan(0);
        for (let i = 0; i < cols; i++) {
          expect(factor[i * cols + i]).toBeGreaterThan(0);
          for (let j = 0; j < cols; j++) {
            let product = 0;
            for (let k = 0; k < cols; k++) product += factor[i * cols + k]! * factor[j * cols + k]!;
            expect(product).toBeCloseTo(hessian[i * cols + j]!, 8);
            if (j < i) expect(factor[i * cols + j]).toBe(0);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is defined when all inputs are zero", () => {
    const { hessian, factor } = curvatureOf({ cols: 2, data: new Float64Array(4) }, 0.01);
    expect([...hessian]).toEqual([1, 0, 0, 1]);
    expect([...factor]).toEqual([1, 0, 0, 1]);
  });

  it("inverts H + λI", () => {
    fc.assert(
      fc.property(sizes, ({ random, samples, cols }) => {
        const inputs = new CalibrationInputs(correlatedInputs(random, samples, cols), cols, arena);
        const { hessian, inverse } = curvatureOf(inputs.hessian, 0.01);
        for (let i = 0; i < cols; i++) {
          for (let j = 0; j < cols; j++) {
            let sum = 0;
            for (let k = 0; k < cols; k++) sum += hessian[i * cols + k]! * inverse[k * cols + j]!;
            expect(sum).toBeCloseTo(i === j ? 1 : 0, 7);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
