import type { Matrix } from "../../models/decoder/weights.ts";
import { type CalibrationInputs, type Curvature, solve } from "./hessian.ts";

/**
 * How far a matrix goes from repeating what it did before compression (0) to making up for what the matrices before
 * it lost (1). Following the lost outputs all the way fits the calibration set's accidents.
 */
const SHARE = 0.5;

/**
 * The weights that a matrix should have in a decoder whose earlier matrices are compressed already.
 *
 * Its inputs X are no longer those that it was trained on. The weights that come nearest to the `wanted` outputs Y
 * on them, and stay at W where the inputs say nothing, are the ridge regression
 *
 *     W_fit = (YᵀX/samples + λW) (H + λI)⁻¹
 *
 * and the target lies between W and W_fit. Li et al., "GPTAQ: Efficient Finetuning-Free Quantization for Asymmetric
 * Calibration", 2025, corrects GPTQ to the same end, column by column.
 * @param wanted Y, [samples × rows]
 */
export function targetWeights(
  weights: Matrix,
  inputs: CalibrationInputs,
  curvature: Curvature,
  wanted: Float32Array,
): Matrix {
  const { rows, cols, data } = weights;
  const products = inputs.productsWith(wanted, rows);
  const target = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const from = row * cols;
    const rightSide = products.subarray(from, from + cols);
    for (let col = 0; col < cols; col++) rightSide[col]! += curvature.damping * data[from + col]!;
    const fit = solve(curvature, rightSide);
    for (let col = 0; col < cols; col++) {
      target[from + col] = data[from + col]! + SHARE * (fit[col]! - data[from + col]!);
    }
  }
  return { rows, cols, data: target };
}
