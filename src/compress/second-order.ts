import type { Matrix } from "../../models/decoder/weights.ts";
import type { QuantizedMatrix } from "../../models/formats/quantized-matrix.ts";
import { ColumnPass } from "./column-pass.ts";
import { descend } from "./descent.ts";
import type { Curvature } from "./hessian.ts";
import { planOf } from "./prune.ts";
import { emptyRow } from "./row.ts";
import { scaleGrid } from "./scales.ts";
import type { MatrixFormat } from "./spec.ts";

/**
 * Prunes and quantizes `weights` so that the outputs on the calibration inputs change least: SparseGPT and GPTQ in
 * one pass over the columns, then coordinate descent on what the pass decided.
 */
export function secondOrder(weights: Matrix, curvature: Curvature, format: MatrixFormat): QuantizedMatrix {
  const { rows, cols, data } = weights;
  const { bits, groupSize, pattern } = format;
  const grid = scaleGrid(weights, bits);
  const plan = planOf(pattern, rows, cols, () => removalCosts(weights, curvature));
  const row = emptyRow(cols, groupSize);
  const groups = row.scaleIndex.length;
  const codes = new Int8Array(rows * cols);
  const scales = new Uint8Array(rows * groups);
  const pass = new ColumnPass(curvature, plan, format, grid);
  for (let r = 0; r < rows; r++) {
    row.target.set(data.subarray(r * cols, (r + 1) * cols));
    pass.run(row, r);
    descend(row, curvature, plan.width, format, grid);
    codes.set(row.codes, r * cols);
    row.scaleIndex.forEach((index, group) => {
      scales[r * groups + group] = index < 0 ? 0 : grid.bytes[index]!;
    });
  }
  return { rows, cols, bits, groupSize, pattern, codes, scales, exponent: grid.exponent };
}

/** What removing each weight costs if all others of its row make up for it: w² / [H⁻¹]_jj. */
function removalCosts({ data, cols }: Matrix, { inverse }: Curvature): Float64Array {
  return Float64Array.from(data, (weight, index) => weight ** 2 / inverse[(index % cols) * (cols + 1)]!);
}
