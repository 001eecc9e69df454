import type { Matrix } from "../../models/decoder/weights.ts";
import type { QuantizedMatrix } from "../../models/formats/quantized-matrix.ts";
import { magnitudeMask } from "./prune.ts";
import { bestScale, codeRange, nearestCode, scaleGrid } from "./scales.ts";
import type { MatrixFormat } from "./spec.ts";

/**
 * The baseline: keeps the largest weights and rounds them to nearest, without looking at a single input. Each group's
 * scale is the one on the grid with the least squared error of its weights, so the grid is the same as the
 * second-order method's and only the way to the codes differs.
 */
export function baseline(weights: Matrix, format: MatrixFormat): QuantizedMatrix {
  const { rows, cols, data } = weights;
  const { bits, groupSize, pattern } = format;
  const mask = magnitudeMask(weights, pattern);
  const grid = scaleGrid(weights, bits);
  const { lowest, highest } = codeRange(bits);
  const groups = Math.ceil(cols / groupSize);
  const codes = new Int8Array(rows * cols);
  const scales = new Uint8Array(rows * groups);
  const values = Float64Array.from(data);
  const equally = new Float64Array(rows * cols).fill(1);
  for (let row = 0; row < rows; row++) {
    for (let group = 0; group < groups; group++) {
      const from = row * cols + group * groupSize;
      const to = Math.min(from + groupSize, (row + 1) * cols);
      const index = bestScale(values, equally, mask, from, to, bits, grid);
      if (index < 0) continue;
      scales[row * groups + group] = grid.bytes[index]!;
      for (let i = from; i < to; i++) {
        if (mask[i] === 1) codes[i] = nearestCode(values[i]! / grid.scales[index]!, lowest, highest);
      }
    }
  }
  return { rows, cols, bits, groupSize, pattern, codes, scales, exponent: grid.exponent };
}
