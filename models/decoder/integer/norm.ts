import { bitLength, saturate, shift } from "./arithmetic.ts";
import { inverseSqrt } from "./table.ts";
import { CODE_BITS, type CodeVector, MANTISSA_BITS } from "./vector.ts";

/** The residual stream: 16-bit mantissas with one exponent, and what the next norm needs of them. */
export interface Residual {
  /** [hiddenSize], each below 2^15 in magnitude */
  readonly words: Int32Array;
  readonly exponent: number;
  readonly peak: number;
  /** Σ words², exact. */
  readonly sumOfSquares: number;
}

/** A positive constant as a 16-bit mantissa and a power of two: value = mantissa · 2^exponent. */
export interface Dyadic {
  readonly mantissa: number;
  readonly exponent: number;
}

/** The dyadic number nearest to `value` ≥ 0; its mantissa has exactly sixteen bits, or is zero. */
export function dyadic(value: number): Dyadic {
  if (value === 0) return { mantissa: 0, exponent: 0 };
  const exponent = Math.floor(Math.log2(value)) - 15;
  const mantissa = Math.round(value / 2 ** exponent);
  return mantissa === 2 ** 16 ? { mantissa: 2 ** 15, exponent: exponent + 1 } : { mantissa, exponent };
}

/** What RMSNorm is made with: 1/n and the epsilon beneath the root. */
export interface NormConstants {
  readonly inverseLength: Dyadic;
  readonly epsilon: Dyadic;
}

export function normConstants(length: number, epsilon: number): NormConstants {
  return { inverseLength: dyadic(1 / length), epsilon: dyadic(epsilon) };
}

/** A positive integer cut to sixteen bits: `x` ≈ mantissa · 2^exponent, rounded down. */
function leadingBits(x: number): Dyadic {
  const exponent = bitLength(x) - 16;
  return { mantissa: Math.floor(x / 2 ** exponent), exponent };
}

/** a + b of two dyadic numbers below 2^32, aligned to the larger one; the smaller one's lost bits are cut off. */
function add(a: Dyadic, b: Dyadic): Dyadic {
  if (a.mantissa === 0) return b;
  if (b.mantissa === 0) return a;
  const exponent = Math.max(a.exponent, b.exponent);
  const aligned = (x: Dyadic): number => Math.floor(x.mantissa / 2 ** (exponent - x.exponent));
  return { mantissa: aligned(a) + aligned(b), exponent };
}

/**
 * 1/√(mean square + ε) of the residual stream, as a 15-bit fraction and a power of two.
 * A mean square of zero (with no ε) gives zero.
 */
export function inverseRms(x: Residual, { inverseLength, epsilon }: NormConstants): Dyadic {
  const sum = x.sumOfSquares === 0 ? { mantissa: 0, exponent: 0 } : leadingBits(x.sumOfSquares);
  const meanSquare = {
    mantissa: sum.mantissa * inverseLength.mantissa,
    exponent: sum.exponent + inverseLength.exponent + 2 * x.exponent,
  };
  // ε takes the 32-bit form of the product, so that aligning loses nothing that counts.
  const total = add(meanSquare, { mantissa: epsilon.mantissa * 2 ** 16, exponent: epsilon.exponent - 16 });
  if (total.mantissa === 0) return { mantissa: 0, exponent: 0 };
  const { mantissa, exponent } = leadingBits(total.mantissa);
  // total = m · 2^-15 · 2^power with m · 2^-15 in [1, 2); an odd power gives one factor of two to the root.
  const power = exponent + total.exponent + 15;
  const upper = power % 2 !== 0;
  return { mantissa: inverseSqrt(mantissa, upper), exponent: -15 - Math.floor(power / 2) };
}

/** RMSNorm without gains (they are folded into the matrices that follow), in int8 codes for the matrix unit. */
export function norm(x: Residual, constants: NormConstants, codes: Int8Array): CodeVector {
  const scale = inverseRms(x, constants);
  const places = Math.max(0, bitLength(x.peak * scale.mantissa) - CODE_BITS);
  for (let i = 0; i < x.words.length; i++) {
    codes[i] = saturate(shift(x.words[i]! * scale.mantissa, places), CODE_BITS + 1);
  }
  return { codes, exponent: x.exponent + scale.exponent + places };
}

/** Largest mantissa of the residual stream. */
export const RESIDUAL_LIMIT = 2 ** MANTISSA_BITS;
