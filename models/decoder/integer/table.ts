/**
 * Functions of one variable as 64 straight pieces: 64 base values and 64 differences of 16 bits, which is two block
 * RAMs for all four functions, one multiplier and one adder. Largest errors are stated in `docs/numerics.md` and
 * tested over every input.
 */
const PIECES = 64;

class PiecewiseLinear {
  readonly base: Int32Array;
  readonly difference: Int32Array;
  private readonly fractionBits: number;

  /**
   * @param at value of the function at piece boundary `i` (0 to 64), already an integer
   * @param inputBits bits of the input: the upper six choose the piece, the others interpolate
   */
  constructor(at: (i: number) => number, inputBits: number) {
    const values = Array.from({ length: PIECES + 1 }, (_, i) => at(i));
    this.base = Int32Array.from(values.slice(0, PIECES));
    this.difference = Int32Array.from({ length: PIECES }, (_, i) => values[i + 1]! - values[i]!);
    this.fractionBits = inputBits - 6;
  }

  /** @param x unsigned, `inputBits` wide */
  at(x: number): number {
    const piece = x >> this.fractionBits;
    const fraction = x & ((1 << this.fractionBits) - 1);
    const half = 1 << (this.fractionBits - 1);
    return this.base[piece]! + ((this.difference[piece]! * fraction + half) >> this.fractionBits);
  }
}

const Q15 = 2 ** 15;
const boundary = (i: number): number => i / PIECES;

const exp2Table = new PiecewiseLinear((i) => Math.min(Q15 - 1, Math.round(Q15 * 2 ** -boundary(i))), 16);
const reciprocalTable = new PiecewiseLinear((i) => Math.round(Q15 / (1 + boundary(i))), 15);
const sigmoidTable = new PiecewiseLinear((i) => Math.round(Q15 / (1 + Math.exp(-8 * boundary(i)))), 15);
/** 32 pieces for [1, 2) and 32 for [2, 4). */
const inverseSqrtTable = new PiecewiseLinear(
  (i) => Math.round(Q15 / Math.sqrt(i < 32 ? 1 + i / 32 : 2 * (1 + (i - 32) / 32))),
  16,
);

/**
 * 2^-(d · 2^-16) for d ≥ 0, as a 15-bit fraction of one: [0, 2^15).
 * @param d unsigned 32-bit, 16 bits of it behind the point
 */
export function exp2Negative(d: number): number {
  const whole = Math.floor(d / 65536);
  if (whole > 15) return 0;
  const value = exp2Table.at(d & 0xffff);
  return whole === 0 ? value : (value + (1 << (whole - 1))) >> whole;
}

/**
 * 1/x for x in [1, 2), as a 15-bit fraction of one: (2^14, 2^15].
 * @param mantissa x · 2^15, in [2^15, 2^16)
 */
export function reciprocal(mantissa: number): number {
  return reciprocalTable.at(mantissa - Q15);
}

/**
 * 1/(1 + e^-x) as a 15-bit fraction of one: [0, 2^15]. From |x| = 8 on it is 0 or 1.
 * @param x with 12 bits behind the point
 */
export function sigmoid(x: number): number {
  const distance = Math.abs(x);
  const upper = distance >= Q15 ? Q15 : sigmoidTable.at(distance);
  return x < 0 ? Q15 - upper : upper;
}

/**
 * 1/√x for x in [1, 4), as a 15-bit fraction of one: [2^14, 2^15].
 * @param mantissa x · 2^15 for x in [1, 2), or x · 2^14 for x in [2, 4): in [2^15, 2^16) either way
 * @param upper x is in [2, 4)
 */
export function inverseSqrt(mantissa: number, upper: boolean): number {
  return inverseSqrtTable.at(mantissa - Q15 + (upper ? Q15 : 0));
}
