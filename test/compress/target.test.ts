import { describe, expect, it } from "vitest";
import { KernelArena } from "../../models/kernels/arena.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { CalibrationInputs } from "../../src/compress/calibration-inputs.ts";
import { curvatureOf } from "../../src/compress/hessian.ts";
import { targetWeights } from "../../src/compress/target.ts";
import { correlatedInputs, randomMatrix } from "./random.ts";

const arena = new KernelArena();
const random = new Random(7);
const [rows, cols, samples] = [5, 12, 200];
const weights = randomMatrix(random, rows, cols);
const x = correlatedInputs(random, samples, cols);
const inputs = new CalibrationInputs(x, cols, arena);

/** Y = X Wᵀ */
function outputsOf({ data }: { readonly data: Float32Array }): Float32Array {
  return Float32Array.from({ length: samples * rows }, (_, i) => {
    const [sample, row] = [Math.floor(i / rows), i % rows];
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += x[sample * cols + c]! * data[row * cols + c]!;
    return sum;
  });
}

describe("targetWeights", () => {
  it("are the weights themselves if their outputs are what is wanted", () => {
    const target = targetWeights(
      weights,
      inputs,
      curvatureOf(inputs.hessian, 0.01),
      outputsOf(weights),
      arena,
    );
    target.data.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights.data[i]!, 3);
    });
  });

  it("go half of the way to the weights whose outputs are wanted", () => {
    const other = randomMatrix(random, rows, cols);
    const target = targetWeights(weights, inputs, curvatureOf(inputs.hessian, 1e-6), outputsOf(other), arena);
    target.data.forEach((weight, i) => {
      expect(weight).toBeCloseTo((weights.data[i]! + other.data[i]!) / 2, 1);
    });
  });

  it("stay as they are where inputs say nothing", () => {
    const silent = new CalibrationInputs(new Float32Array(samples * cols), cols, arena);
    const wanted = outputsOf(randomMatrix(random, rows, cols));
    const target = targetWeights(weights, silent, curvatureOf(silent.hessian, 0.01), wanted, arena);
    target.data.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights.data[i]!, 5);
    });
  });
});
