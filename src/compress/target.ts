import type { Matrix } from "../../models/decoder/weights.ts";
import type { KernelArena } from "../../models/kernels/arena.ts";
import type { CalibrationInputs } from "./calibration-inputs.ts";
import type { Curvature } from "./hessian.ts";

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
  arena: KernelArena,
): Matrix {
  const { rows, cols, data } = weights;
  const rightSide = inputs.productsWith(wanted, rows);
  for (let i = 0; i < data.length; i++) rightSide[i]! += curvature.damping * data[i]!;
  const inverse = arena.floatMatrix(cols, cols, Float32Array.from(curvature.inverse));
  const fit = inverse.times(Float32Array.from(rightSide), rows); // the inverse is its own transpose
  return { rows, cols, data: data.map((weight, i) => weight + SHARE * (fit[i]! - weight)) };
}
