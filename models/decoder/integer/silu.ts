import { peakOf, saturate, shift, shiftSaturate } from "./arithmetic.ts";
import { mantissaPlaces } from "./rope.ts";
import { sigmoid } from "./table.ts";
import { MANTISSA_BITS, type WordVector } from "./vector.ts";

/** Bits behind the point of the sigmoid's argument. */
const ARGUMENT_FRACTION_BITS = 12;

/** gate · sigmoid(gate) · up, element by element. */
export function siluTimes(gate: WordVector, up: WordVector, into: Int32Array): WordVector {
  const gatePlaces = mantissaPlaces(gate.peak);
  const upPlaces = mantissaPlaces(up.peak);
  const gateExponent = gate.exponent + gatePlaces;
  for (let i = 0; i < into.length; i++) {
    const g = saturate(shift(gate.words[i]!, gatePlaces), MANTISSA_BITS + 1);
    const u = saturate(shift(up.words[i]!, upPlaces), MANTISSA_BITS + 1);
    // 17 bits: both 8 and -8 are beyond what the table covers, where sigmoid is 1 and 0.
    const argument = shiftSaturate(g, -(gateExponent + ARGUMENT_FRACTION_BITS), 17);
    into[i] = shift(g * sigmoid(argument), 15) * u;
  }
  return { words: into, exponent: gateExponent + up.exponent + upPlaces, peak: peakOf(into) };
}
