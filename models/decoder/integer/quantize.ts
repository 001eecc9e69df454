import { shiftSaturate } from "./arithmetic.ts";
import { commonMagnitude, type Descriptor, type WordVector } from "./vector.ts";

/** Exponents of codes are int8: smaller values fade to zero, larger ones saturate. */
const LOWEST_EXPONENT = -128;
const HIGHEST_EXPONENT = 127;

/**
 * Words to two's-complement codes of `bits` bits with one exponent, which the largest magnitude decides.
 * Several vectors that lie one behind the other (the heads of an attention output) may come with an exponent each.
 * @param sharing all vectors that share the exponent, where there are more than these
 * @returns the exponent of the codes
 */
export function quantize(
  segments: readonly WordVector[],
  bits: number,
  codes: Int8Array,
  sharing: readonly Descriptor[] = segments,
): number {
  const wanted = commonMagnitude(sharing) - (bits - 1);
  const exponent = Math.min(HIGHEST_EXPONENT, Math.max(LOWEST_EXPONENT, wanted));
  let at = 0;
  for (const segment of segments) {
    const places = exponent - segment.exponent;
    for (const word of segment.words) codes[at++] = shiftSaturate(word, places, bits);
  }
  return exponent;
}
