import type { Matrix } from "../../models/decoder/weights.ts";
import type { WeightBits } from "../../models/formats/quantized-matrix.ts";
import { matrixExponent, scaleOf } from "../../models/formats/scale.ts";

/** Every scale that a scale byte can say, but zero, in ascending order, with its byte. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte)
  .filter((byte) => scaleOf(byte) > 0 && (byte < 32 || (byte & 31) >= 16))
  .sort((a, b) => scaleOf(a) - scaleOf(b));
const SCALES = Float64Array.from(BYTES, scaleOf);

/** Lowest and highest code of `bits` bits. */
export function codeRange(bits: WeightBits): { readonly lowest: number; readonly highest: number } {
  return { lowest: -(2 ** (bits - 1)), highest: 2 ** (bits - 1) - 1 };
}

/** The code nearest to `ratio`, which is a value divided by its scale. */
export function nearestCode(ratio: number, lowest: number, highest: number): number {
  const code = Math.floor(ratio + 0.5);
  return code < lowest ? lowest : code > highest ? highest : code;
}

/** The grid of scales of one matrix: those of a byte, times the matrix's power of two. */
export interface ScaleGrid {
  readonly exponent: number;
  /** Ascending. */
  readonly scales: Float64Array;
  readonly bytes: readonly number[];
}

/** A grid on which every group of `weights` has its scale, with an octave above for weights that grow on the way. */
export function scaleGrid(weights: Matrix, bits: WeightBits): ScaleGrid {
  const peak = weights.data.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const wanted = matrixExponent((2 * peak) / codeRange(bits).highest);
  const exponent = Math.min(127, Math.max(-128, wanted)); // a matrix's header has a byte for it
  return { exponent, scales: SCALES.map((scale) => scale * 2 ** exponent), bytes: BYTES };
}

/** Index of the first scale that is at least `scale` (the last index if there is none). */
function indexOfScale(grid: ScaleGrid, scale: number): number {
  let low = 0;
  let high = grid.scales.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (grid.scales[middle]! < scale) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the scale nearest to `scale`. */
export function nearestScale(grid: ScaleGrid, scale: number): number {
  const above = indexOfScale(grid, scale);
  if (above === 0) return 0;
  return grid.scales[above]! - scale < scale - grid.scales[above - 1]! ? above : above - 1;
}

/**
 * The grid's scale that loses least on `values[from … to)`, pruned ones left out: its index, or −1 if all are zero.
 * The loss is the squared rounding error, weighted by the squares of `importance`.
 *
 * Searched from two fifths of the scale at which nothing is clipped (clipping the largest often pays) to twice that
 * scale (values that are representable already may need no more than a few codes).
 */
export function bestScale(
  values: Float64Array,
  importance: Float64Array,
  kept: Uint8Array,
  from: number,
  to: number,
  bits: WeightBits,
  grid: ScaleGrid,
): number {
  const { lowest, highest } = codeRange(bits);
  let peak = 0;
  for (let j = from; j < to; j++) if (kept[j] === 1) peak = Math.max(peak, Math.abs(values[j]!));
  if (peak === 0) return -1;
  const noClipping = peak / highest;
  let best = -1;
  let least = Infinity;
  for (let index = indexOfScale(grid, 0.4 * noClipping); index < grid.scales.length; index++) {
    const scale = grid.scales[index]!;
    const inverse = 1 / scale;
    if (best >= 0 && scale > 2 * noClipping) break;
    let loss = 0;
    for (let j = from; j < to && loss < least; j++) {
      if (kept[j] === 0) continue;
      const error = values[j]! - scale * nearestCode(values[j]! * inverse, lowest, highest);
      const weighted = error * importance[j]!;
      loss += weighted * weighted;
    }
    if (loss < least) {
      least = loss;
      best = index;
    }
  }
  return best;
}
