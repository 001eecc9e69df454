import fc from "fast-check";
import { expect, it } from "vitest";
import { KernelArena } from "../../models/kernels/arena.ts";
import { CalibrationInputs } from "../../src/compress/calibration-inputs.ts";
import { ColumnPass } from "../../src/compress/column-pass.ts";
import { curvatureOf } from "../../src/compress/hessian.ts";
import { planOf } from "../../src/compress/prune.ts";
import { emptyRow } from "../../src/compress/row.ts";
import { scaleGrid } from "../../src/compress/scales.ts";
import { correlatedInputs, randomMatrix, seeds } from "./random.ts";

const arena = new KernelArena();
const [cols, window, bits] = [48, 16, 4] as const;

/** U upper triangular with UᵀU = `matrix`. */
function cholesky(matrix: Float64Array): Float64Array {
  const u = new Float64Array(cols * cols);
  for (let i = 0; i < cols; i++) {
    for (let j = i; j < cols; j++) {
      let rest = matrix[i * cols + j]!;
      for (let k = 0; k < i; k++) rest -= u[k * cols + i]! * u[k * cols + j]!;
      u[i * cols + j] = i === j ? Math.sqrt(rest) : rest / u[i * cols + i]!;
    }
  }
  return u;
}

it("decides as SparseGPT and GPTQ do with the Cholesky factor of the inverse Hessian", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(2, 4, 8, 16), (random, n) => {
      const weights = randomMatrix(random, 1, cols);
      const inputs = new CalibrationInputs(correlatedInputs(random, 200, cols), cols, arena);
      const curvature = curvatureOf(inputs.hessian, 0.01);
      const pattern = n === 16 ? ({ kind: "dense" } as const) : ({ kind: "n:m", n, m: window } as const);
      const format = { bits, groupSize: window, pattern };
      const grid = scaleGrid(weights, bits);
      const row = emptyRow(cols, window);
      row.target.set(weights.data);
      const plan = planOf(pattern, 1, cols, () => new Float64Array(cols));
      new ColumnPass(curvature, plan, format, grid).run(row, 0);

      const u = cholesky(curvature.inverse);
      const w = Float64Array.from(weights.data);
      for (let j = 0; j < cols; j++) {
        const diagonal = u[j * cols + j]!;
        if (j % window === 0) {
          const columns = Array.from({ length: window }, (_, i) => j + i);
          const saliency = (c: number) => w[c]! ** 2 / u[c * cols + c]! ** 2;
          const kept = columns.sort((a, b) => saliency(b) - saliency(a)).slice(0, n);
          expect([...row.kept.subarray(j, j + window)].reduce((sum, one) => sum + one, 0)).toBe(n);
          for (const column of kept) expect(row.kept[column]).toBe(1);
        }
        const scale = grid.scales[row.scaleIndex[Math.floor(j / window)]!]!;
        const code = row.kept[j] === 1 ? Math.max(-8, Math.min(7, Math.floor(w[j]! / scale + 0.5))) : 0;
        expect(row.codes[j]).toBe(code);
        const error = (w[j]! - scale * code) / diagonal;
        for (let k = j + 1; k < cols; k++) w[k]! -= error * u[j * cols + k]!;
      }
      for (let i = 0; i < cols; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += curvature.hessian[i * cols + j]! * row.error[j]!;
        expect(row.gradient[i]).toBeCloseTo(sum, 8);
      }
    }),
    { numRuns: 30 },
  );
});
