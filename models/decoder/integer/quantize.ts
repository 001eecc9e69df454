import { saturate, shift } from "./arithmetic.ts";
import { commonMagnitude, type WordVector } from "./vector.ts";

/** Exponents of codes are int8; values so small that they would need a lower one fade to zero. */
export const LOWEST_EXPONENT = -128;

/**
 * Words to two's-complement codes of `bits` bits with one exponent, which the largest magnitude decides.
 * Several vectors that lie one behind the other (the heads of an attention output) may come with an exponent each.
 * @returns the exponent of the codes
 */
export function quantize(segments: readonly WordVector[], bits: number, codes: Int8Array): number {
  const exponent = Math.max(LOWEST_EXPONENT, commonMagnitude(segments) - (bits - 1));
  let at = 0;
  for (const segment of segments) {
    const places = exponent - segment.exponent;
    for (const word of segment.words) codes[at++] = saturate(shift(word, places), bits);
  }
  return exponent;
}
