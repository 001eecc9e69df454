import { bitLength, peakOf, saturate, shift, shiftSaturate } from "./arithmetic.ts";
import type { Dyadic } from "./norm.ts";
import { mantissaPlaces } from "./rope.ts";
import { exp2Negative, reciprocal } from "./table.ts";
import { CODE_BITS, type CodeVector, MANTISSA_BITS, type WordVector } from "./vector.ts";

/** Bits behind the point of a score in the exponent's domain. */
const SCORE_FRACTION_BITS = 16;

/** Attention weights of one head, not yet divided by their sum. */
export interface AttentionWeights extends CodeVector {
  /** 1 / Σ weights; `scale` applies it after the values are summed. */
  readonly inverseSum: Dyadic;
}

/** Scores moved to a fixed point: 32 bits, 16 of them behind it. Keys carry an exponent a token. */
function fixedPoint(scores: Int32Array, exponent: number, keyExponents: Int8Array): Int32Array {
  return scores.map((score, t) =>
    shiftSaturate(score, -(exponent + keyExponents[t]! + SCORE_FRACTION_BITS), 32),
  );
}

/** 2^(z - max z), as 15-bit fractions of one. */
export function exponentials(z: Int32Array): Int32Array {
  let largest = -(2 ** 31);
  for (const value of z) largest = Math.max(largest, value);
  return z.map((value) => exp2Negative(largest - value));
}

/**
 * Softmax in base 2 of a head's scores; log2(e)/√headDim is folded into the query's weights. A value's exponent is
 * folded into its token's weight, so that one exponent serves the sum over tokens.
 * @param scores [tokens], dot products of query and key codes
 * @param exponent exponent of the query's codes
 * @param keyExponents [tokens]
 * @param valueExponents [tokens]
 * @param codes receives [tokens]; what lies behind stays untouched
 */
export function softmax(
  scores: Int32Array,
  exponent: number,
  keyExponents: Int8Array,
  valueExponents: Int8Array,
  codes: Int8Array,
): AttentionWeights {
  const weights = exponentials(fixedPoint(scores, exponent, keyExponents));
  let sum = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < weights.length; t++) {
    sum += weights[t]!;
    if (weights[t] !== 0) largest = Math.max(largest, bitLength(weights[t]!) + valueExponents[t]!);
  }
  const common = largest - CODE_BITS;
  for (let t = 0; t < weights.length; t++) {
    codes[t] = saturate(shift(weights[t]!, common - valueExponents[t]!), CODE_BITS + 1);
  }
  return { codes, exponent: common - 15, inverseSum: inverseOf(sum) };
}

/** 1/(sum · 2^-15) for a positive integer: the reciprocal of its sixteen leading bits. */
function inverseOf(sum: number): Dyadic {
  const places = bitLength(sum) - 16;
  return { mantissa: reciprocal(Math.floor(sum / 2 ** places)), exponent: -15 - places };
}

/** Divides the summed values of a head by the sum of its attention weights. */
export function scale(values: WordVector, by: Dyadic, into: Int32Array): WordVector {
  const places = mantissaPlaces(values.peak);
  for (let i = 0; i < into.length; i++) {
    into[i] = saturate(shift(values.words[i]!, places), MANTISSA_BITS + 1) * by.mantissa;
  }
  return { words: into, exponent: values.exponent + places + by.exponent, peak: peakOf(into) };
}
