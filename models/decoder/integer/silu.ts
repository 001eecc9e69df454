import { peakOf, saturate, shift, shiftSaturate } from "./arithmetic.ts";
import { mantissaPlaces } from "./rope.ts";
import { sigmoid } from "./table.ts";
import { MANTISSA_BITS, type WordVector } from "./vector.ts";

/** Bits behind the point of the sigmoid's argument. */
const ARGUMENT_FRACTION_BITS = 12;

/**
 * silu(gate) = gate · sigmoid(gate), element by element, as 16-bit mantissas.
 * @param into receives them; may be the gate's own words
 */
export function silu(gate: WordVector, into: Int32Array): WordVector {
  const places = mantissaPlaces(gate.peak);
  const exponent = gate.exponent + places;
  for (let i = 0; i < into.length; i++) {
    const g = saturate(shift(gate.words[i]!, places), MANTISSA_BITS + 1);
    // 17 bits: both 8 and -8 are beyond what the table covers, where sigmoid is 1 and 0.
    const argument = shiftSaturate(g, -(exponent + ARGUMENT_FRACTION_BITS), 17);
    into[i] = shift(g * sigmoid(argument), 15);
  }
  return { words: into, exponent, peak: peakOf(into) };
}

/**
 * mantissas · words, element by element; the words are cut to 16-bit mantissas.
 * @param mantissas words of 16 bits
 * @param into receives the products; may be the words of either
 */
export function times(mantissas: WordVector, words: WordVector, into: Int32Array): WordVector {
  const places = mantissaPlaces(words.peak);
  for (let i = 0; i < into.length; i++)
    into[i] = mantissas.words[i]! * saturate(shift(words.words[i]!, places), MANTISSA_BITS + 1);
  return { words: into, exponent: mantissas.exponent + words.exponent + places, peak: peakOf(into) };
}

/** silu(gate) · up, element by element. */
export function siluTimes(gate: WordVector, up: WordVector, into: Int32Array): WordVector {
  return times(silu(gate, new Int32Array(into.length)), up, into);
}
