import { saturate, shift } from "./arithmetic.ts";
import type { Residual } from "./norm.ts";
import { commonMagnitude, MANTISSA_BITS, type WordVector } from "./vector.ts";

/** Keeps of a residual stream what the norm after it needs. */
export function residual(words: Int32Array, exponent: number): Residual {
  let peak = 0;
  let sumOfSquares = 0;
  for (const word of words) {
    peak = Math.max(peak, Math.abs(word));
    sumOfSquares += word * word;
  }
  return { words, exponent, peak, sumOfSquares };
}

/**
 * x + y in 16-bit mantissas. The exponent leaves one bit for the carry, so one pass is enough: it is decided by the
 * operands' magnitudes before the sum is known.
 * @param into [n], may be x's own words
 */
export function add(x: Residual, y: WordVector, into: Int32Array): Residual {
  const exponent = commonMagnitude([x, y]) + 1 - MANTISSA_BITS;
  for (let i = 0; i < into.length; i++) {
    const sum = shift(x.words[i]!, exponent - x.exponent) + shift(y.words[i]!, exponent - y.exponent);
    into[i] = saturate(sum, MANTISSA_BITS + 1);
  }
  return residual(into, exponent);
}
