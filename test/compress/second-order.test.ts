import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../models/decoder/weights.ts";
import { KernelArena } from "../../models/kernels/arena.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";
import { baseline } from "../../src/compress/baseline.ts";
import { CalibrationInputs } from "../../src/compress/calibration-inputs.ts";
import { dequantized } from "../../src/compress/dequantize.ts";
import { type Curvature, curvatureOf } from "../../src/compress/hessian.ts";
import { secondOrder } from "../../src/compress/second-order.ts";
import { correlatedInputs, faults, formats, outputError, randomMatrix, seeds } from "./random.ts";

const arena = new KernelArena();

function randomCurvature(random: Random, samples: number, cols: number): Curvature {
  return curvatureOf(
    new CalibrationInputs(correlatedInputs(random, samples, cols), cols, arena).hessian,
    0.01,
  );
}

const problems = fc.record({
  random: seeds,
  rows: fc.integer({ min: 1, max: 40 }),
  cols: fc.integer({ min: 1, max: 70 }),
  format: formats,
});

describe("secondOrder and baseline", () => {
  it("keep to the pattern and to the range of codes, whatever the size", () => {
    fc.assert(
      fc.property(problems, ({ random, rows, cols, format }) => {
        const weights = randomMatrix(random, rows, cols);
        expect(faults(secondOrder(weights, randomCurvature(random, 60, cols), format))).toEqual([]);
        expect(faults(baseline(weights, format))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("agree with themselves when run again", () => {
    fc.assert(
      fc.property(problems, ({ random, rows, cols, format }) => {
        const weights = randomMatrix(random, rows, cols);
        const curvature = randomCurvature(random, 40, cols);
        expect(secondOrder(weights, curvature, format)).toEqual(secondOrder(weights, curvature, format));
        expect(baseline(weights, format)).toEqual(baseline(weights, format));
      }),
      { numRuns: 10 },
    );
  });

  it("second-order loses less of the outputs", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 300 }), ({ random, format }, samples) => {
        const weights = randomMatrix(random, 16, 48);
        const curvature = randomCurvature(random, samples, 48);
        const better = outputError(weights, secondOrder(weights, curvature, format), curvature);
        expect(better).toBeLessThan(outputError(weights, baseline(weights, format), curvature));
      }),
      { numRuns: 40 },
    );
  });

  it("find weights exactly that the format can say", () => {
    fc.assert(
      fc.property(problems, ({ random, rows, cols, format }) => {
        const representable = dequantized(baseline(randomMatrix(random, rows, cols), format));
        const curvature = randomCurvature(random, 60, cols);
        expect(dequantized(secondOrder(representable, curvature, format))).toEqual(representable);
        expect(dequantized(baseline(representable, format))).toEqual(representable);
      }),
      { numRuns: 40 },
    );
  });

  it("give finite weights where all inputs of a column, or all inputs, are zero", () => {
    const weights: Matrix = { rows: 2, cols: 4, data: Float32Array.of(1, -2, 3, -4, 0, 0, 0, 0) };
    const dead = Float32Array.of(0, 1, 0, 2, 0, 3, 0, 4);
    for (const inputs of [dead, new Float32Array(8)]) {
      const curvature = curvatureOf(new CalibrationInputs(inputs, 4, arena).hessian, 0.01);
      const matrix = secondOrder(weights, curvature, {
        bits: 4,
        groupSize: 16,
        pattern: { kind: "n:m", n: 2, m: 4 },
      });
      expect(dequantized(matrix).data.every(Number.isFinite)).toBe(true);
      expect([...matrix.codes.subarray(4)]).toEqual([0, 0, 0, 0]);
    }
  });
});

describe("coordinate descent", () => {
  it("leaves no code whose change alone would lower the error", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(2, 3, 4), (random, bits) => {
        const weights = randomMatrix(random, 2, 12);
        const curvature = randomCurvature(random, 100, 12);
        const matrix = secondOrder(weights, curvature, {
          bits: bits as 2 | 3 | 4,
          groupSize: 16,
          pattern: { kind: "dense" },
        });
        const error = outputError(weights, matrix, curvature);
        matrix.codes.forEach((code, i) => {
          for (const other of [code - 1, code + 1]) {
            if (other < -(2 ** (bits - 1)) || other >= 2 ** (bits - 1)) continue;
            const changed = { ...matrix, codes: matrix.codes.with(i, other) };
            expect(outputError(weights, changed, curvature)).toBeGreaterThan(error * (1 - 1e-6));
          }
        });
      }),
      { numRuns: 30 },
    );
  });
});
