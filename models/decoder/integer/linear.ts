import type { QuantizedMatrix } from "../../formats/quantized-matrix.ts";
import { scaleOf } from "../../formats/scale.ts";
import { KernelArena } from "../../kernels/arena.ts";
import type { IntegerResident } from "../../kernels/resident.ts";
import { bitLength, shiftWide } from "./arithmetic.ts";
import { WORD_BITS } from "./vector.ts";

/** Largest |activation code|. */
const CODE_LIMIT = 128;

/**
 * Places by which a row's sum is shifted right to become a word, for the largest sum that these weights can make:
 * max over rows of Σ scale · Σ |code| · 128.
 */
export function outputPlaces(matrix: QuantizedMatrix): number {
  return Math.max(0, bitLength(accumulatorBound(matrix)) - WORD_BITS);
}

/** Largest |sum| that a row of these weights can make with int8 activations. */
export function accumulatorBound({ rows, cols, groupSize, codes, scales }: QuantizedMatrix): number {
  const groups = Math.ceil(cols / groupSize);
  let bound = 0;
  for (let row = 0; row < rows; row++) {
    let rowBound = 0;
    for (let group = 0; group < groups; group++) {
      const end = Math.min(cols, (group + 1) * groupSize);
      let sum = 0;
      for (let col = group * groupSize; col < end; col++) sum += Math.abs(codes[row * cols + col]!);
      rowBound += sum * CODE_LIMIT * scaleOf(scales[row * groups + group]!);
    }
    bound = Math.max(bound, rowBound);
  }
  return bound;
}

/** Keeps all matrices where the kernel that multiplies them is at home. */
const arena = new KernelArena();

/** A quantized matrix, ready to be multiplied with int8 activations. */
export class IntegerMatrix {
  readonly matrix: QuantizedMatrix;
  readonly places: number;
  /** What the matrix adds to the exponent of its input. */
  readonly exponent: number;
  private readonly scales: Float64Array;
  private readonly resident: IntegerResident;

  /** @param places as a stream's header says them; otherwise what the weights ask for */
  constructor(matrix: QuantizedMatrix, places = outputPlaces(matrix)) {
    const { rows, cols, codes, groupSize } = matrix;
    this.matrix = matrix;
    this.places = places;
    this.exponent = matrix.exponent + this.places;
    this.scales = Float64Array.from(matrix.scales, scaleOf);
    this.resident = arena.integerMatrix(rows, cols, Int16Array.from(codes), groupSize);
  }

  /**
   * word[t][r] = ( Σ_groups scale[r][g] · Σ_columns code[r][c] · activation[t][c] ) · 2^-places, rounded.
   * @param activations [tokens × cols]
   * @returns [tokens × rows]
   */
  times(activations: Int8Array, tokens: number): Int32Array {
    const { rows } = this.matrix;
    const { groups } = this.resident;
    const dots = this.resident.groupDots(Int16Array.from(activations), tokens);
    const words = new Int32Array(tokens * rows);
    for (let at = 0, dot = 0; at < words.length; at++) {
      const row = at % rows;
      let sum = 0;
      for (let group = 0; group < groups; group++) sum += dots[dot++]! * this.scales[row * groups + group]!;
      words[at] = shiftWide(sum, this.places);
    }
    return words;
  }
}
