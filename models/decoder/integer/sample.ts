import { saturate, shift, shiftSaturate } from "./arithmetic.ts";
import type { Dyadic } from "./norm.ts";
import { mantissaPlaces } from "./rope.ts";
import { exponentials } from "./softmax.ts";
import { MANTISSA_BITS, type WordVector } from "./vector.ts";

/** The most likely token; the first one where several are equal. */
export function argmax(logits: Int32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** Where the generator begins for a seed: never at zero, where it would stay; an odd number's odd multiple is none. */
export const generatorState = (seed: number): number => ((seed * 2 + 1) * 0x9e3779b1) >>> 0 || 1;

/** One step of Marsaglia's xorshift generator (Xorshift RNGs, 2003: 13, 17, 5); never zero for a state not zero. */
export function xorshift32(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

/**
 * Draws a token with probability proportional to exp(logit / temperature).
 * @param inverseTemperature log2(e) / temperature
 * @param random 32 random bits, of which the upper 20 are used
 */
export function sample(logits: WordVector, inverseTemperature: Dyadic, random: number): number {
  const places = mantissaPlaces(logits.peak);
  const pointPlaces = -(logits.exponent + places + inverseTemperature.exponent + 16);
  // The upper fifteen bits of the mantissa, so that the product with a 16-bit mantissa stays in 31 bits.
  const factor = inverseTemperature.mantissa >> 1;
  const mantissas = logits.words.map((word) => saturate(shift(word, places), MANTISSA_BITS + 1));
  const largest = mantissas.reduce((most, mantissa) => Math.max(most, mantissa), -(2 ** MANTISSA_BITS));
  // Distances below the largest: where a low temperature saturates them, they count for nothing anyway.
  const z = mantissas.map((mantissa) => shiftSaturate((mantissa - largest) * factor, pointPlaces - 1, 32));
  const weights = exponentials(z);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const drawn = Math.floor(((random >>> 12) * sum) / 2 ** 20);
  let cumulative = 0;
  for (let i = 0; i < weights.length; i++) {
    cumulative += weights[i]!;
    if (cumulative > drawn) return i;
  }
  return weights.length - 1;
}
