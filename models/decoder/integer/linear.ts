import type { QuantizedMatrix } from "../../formats/quantized-matrix.ts";
import { scaleOf } from "../../formats/scale.ts";
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

/** Several tokens' outputs of one matrix: words [tokens × rows], all with the matrix's own change of exponent. */
export interface LinearOutput {
  readonly words: Int32Array;
  /** To be added to the exponent of each token's activations. */
  readonly exponent: number;
}

/** A quantized matrix, ready to be multiplied with int8 activations. */
export class IntegerMatrix {
  readonly matrix: QuantizedMatrix;
  readonly places: number;
  readonly exponent: number;
  private readonly scales: Float64Array;

  /** @param places as a stream's header says them; otherwise what the weights ask for */
  constructor(matrix: QuantizedMatrix, places = outputPlaces(matrix)) {
    this.matrix = matrix;
    this.places = places;
    this.exponent = matrix.exponent + this.places;
    this.scales = Float64Array.from(matrix.scales, scaleOf);
  }

  /**
   * word[t][r] = ( Σ_groups scale[r][g] · Σ_columns code[r][c] · activation[t][c] ) · 2^-places, rounded.
   * @param activations [tokens × cols]
   */
  times(activations: Int8Array, tokens: number): Int32Array {
    const { rows, cols, groupSize, codes } = this.matrix;
    const groups = Math.ceil(cols / groupSize);
    const words = new Int32Array(tokens * rows);
    for (let token = 0; token < tokens; token++) {
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let group = 0; group < groups; group++) {
          const end = Math.min(cols, (group + 1) * groupSize);
          let dot = 0;
          for (let col = group * groupSize; col < end; col++) {
            dot += codes[row * cols + col]! * activations[token * cols + col]!;
          }
          sum += dot * this.scales[row * groups + group]!;
        }
        words[token * rows + row] = shiftWide(sum, this.places);
      }
    }
    return words;
  }
}
