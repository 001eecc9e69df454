import { bitLength, peakOf, saturate, shift } from "./arithmetic.ts";
import { MANTISSA_BITS, type WordVector } from "./vector.ts";

/** Bits behind the point of a cosine or sine. */
const ANGLE_BITS = 14;

/** Mantissas of a vector cut to 16 bits, as the multiplier takes them. */
export function mantissaPlaces(peak: number): number {
  return Math.max(0, bitLength(peak) - MANTISSA_BITS);
}

/**
 * Rotates one head by the angles of its position; element i turns with element i + headDim/2.
 * @param vector the whole projection that the head is a part of, with its peak
 * @param from first word of the head
 * @param angles [headDim]: cosine and sine of each of the headDim/2 frequencies in turn, as `rotaryRow` has them
 * @param into [headDim] words
 */
export function rotate(vector: WordVector, from: number, angles: Int16Array, into: Int32Array): WordVector {
  const half = angles.length / 2;
  const places = mantissaPlaces(vector.peak);
  const mantissa = (i: number): number => saturate(shift(vector.words[from + i]!, places), MANTISSA_BITS + 1);
  for (let i = 0; i < half; i++) {
    const a = mantissa(i);
    const b = mantissa(i + half);
    const cosine = angles[2 * i]!;
    const sine = angles[2 * i + 1]!;
    into[i] = a * cosine - b * sine;
    into[i + half] = b * cosine + a * sine;
  }
  return { words: into, exponent: vector.exponent + places - ANGLE_BITS, peak: peakOf(into) };
}

/** Cosine and sine of each frequency at one position, in turn: [headDim], 14 bits behind the point. */
export function rotaryRow(frequencies: Float64Array, position: number): Int16Array {
  const row = new Int16Array(2 * frequencies.length);
  for (const [i, frequency] of frequencies.entries()) {
    const angle = position * frequency;
    row[2 * i] = Math.round(Math.cos(angle) * 2 ** ANGLE_BITS);
    row[2 * i + 1] = Math.round(Math.sin(angle) * 2 ** ANGLE_BITS);
  }
  return row;
}
