import { bitLength } from "./arithmetic.ts";

/** What a vector in block floating point needs beside its mantissas: value[i] = mantissa[i] · 2^exponent. */
export interface Descriptor {
  readonly exponent: number;
  /** Largest |mantissa|; whoever writes a vector keeps it, so that whoever reads it needs no pass to find it. */
  readonly peak: number;
}

/** A vector of up to 32-bit words with one exponent. */
export interface WordVector extends Descriptor {
  readonly words: Int32Array;
}

/** A vector of int8 codes with one exponent: what the matrix unit multiplies with. */
export interface CodeVector {
  readonly codes: Int8Array;
  readonly exponent: number;
}

/** Words stay below 2^WORD_BITS in magnitude. */
export const WORD_BITS = 30;
/** Mantissas of the residual stream and of every operand of a 16 × 16 multiplier stay below 2^MANTISSA_BITS. */
export const MANTISSA_BITS = 15;
/** Activation codes are int8: seven bits and a sign. */
export const CODE_BITS = 7;

/** The power of two just above every value of the vector: |value| < 2^magnitude. A zero vector has none. */
export function magnitude(vector: Descriptor): number {
  return vector.peak === 0 ? Number.NEGATIVE_INFINITY : bitLength(vector.peak) + vector.exponent;
}

/** The largest magnitude among vectors that are to share an exponent; for zero vectors alone, their exponent. */
export function commonMagnitude(vectors: readonly Descriptor[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const vector of vectors) largest = Math.max(largest, magnitude(vector));
  return largest === Number.NEGATIVE_INFINITY ? vectors[0]!.exponent : largest;
}
