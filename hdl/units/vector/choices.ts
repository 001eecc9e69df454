import { FUNCTION } from "./function-table.ts";
import { LIMIT } from "./shifter.ts";

/** Sources of a factor. */
const FACTOR = { result: 0, inverseLength: 1, epsilon: 2, inverse: 3, temperature: 4 } as const;
/** An act that takes a factor has the source's number in its lower bits. */
const TAKES = 16;
const LOOKS = 24;

/** Numbers of what a word of microcode can choose, by field, and of the multiplexers' inputs that follow from it. */
export const CHOICE = {
  operand: { word: 0, product: 1, sum: 2 },
  places: { zero: 0, first: 1, second: 2, third: 3 },
  exponent: { none: 0, key: 1, value: 2, distance: 3 },
  limit: LIMIT,
  /**
   * What the multiplier makes of the result r, the factor f, and the product before, p: r·r; r·2^15 and p + r·2^15; r·f; r·f with
   * |r| for r or f, whichever is negative (`magnitude`: their signs differ); f·2^15 and p + f·2^15; r·f for a factor of which a
   * negative one is minus that (`signed`); p − largest·f; a straight piece of the table; r·angle, p + r·angle and p − r·angle.
   * The lower two bits are those of `right`, but that `signed` and `distance` have a factor there; the highest one subtracts.
   */
  multiply: {
    none: 0b0000,
    square: 0b0100,
    raised: 0b1000,
    raisedMore: 0b1100,
    factor: 0b0001,
    magnitude: 0b0101,
    raisedFactor: 0b1001,
    raisedFactorMore: 0b1101,
    signed: 0b0111,
    distance: 0b1011,
    table: 0b0011,
    angle: 0b0010,
    angleMore: 0b0110,
    angleLess: 0b1010,
  },
  left: { result: 0, difference: 1, half: 2, largest: 3 },
  right: { result: 0, factor: 1, angle: 2, fraction: 3 },
  addend: { zero: 0, product: 1, base: 2 },
  factor: FACTOR,
  /** What happens beside, one thing a word. */
  act: {
    none: 0,
    clear: 1,
    clearToLowest: 2,
    spread: 3,
    add: 4,
    nextSegment: 5,
    repeat: 6,
    markZero: 7,
    draw: 8,
    ifNone: 9,
    unlessZero: 10,
    end: 12,
    endWithInverse: 13,
    endWithToken: 14,
    result: TAKES + FACTOR.result,
    inverseLength: TAKES + FACTOR.inverseLength,
    epsilon: TAKES + FACTOR.epsilon,
    inverse: TAKES + FACTOR.inverse,
    temperature: TAKES + FACTOR.temperature,
    look: LOOKS,
    lookAndTakeSigmoid: LOOKS + 1,
  },
  function: FUNCTION,
  /** Of results of the last two, not every one is an element's. */
  tap: { word: 0, product: 1, exponential: 2, found: 3, turned: 4, gated: 5 },
  writes: { none: 0, words: 1, codes: 2 },
  base: { sum: 0, zero: 1, positive: 2, byte: 3 },
  /**
   * What is added to the sum; from 16 on the lower four bits are a constant, of which 0 stands for 16. `bits`: a code's bits without
   * its sign; `epsilon`: 16, or more than all where there is no ε; `high`: 16 if the sum has more than 32 bits; `lowest`: less
   * than any magnitude.
   */
  term: {
    zero: 0,
    exponent: 1,
    length: 2,
    kept: 3,
    a: 4,
    c: 5,
    weights: 6,
    temperature: 7,
    bits: 8,
    epsilon: 9,
    high: 10,
    lowest: 11,
  },
  keep: { none: 0, sum: 1, half: 2 },
  put: { none: 0, first: 1, second: 2, third: 3 },
  length: { none: 0, seen: 1, peak: 2, inverse: 3 },
  descriptor: { b: 0, c: 1 },
} as const;

export type Choice<K extends keyof typeof CHOICE> = keyof (typeof CHOICE)[K] & string;

/** Cycles from an element's last read, or where it fires, to its result. */
export const TAPS = { word: 5, product: 12, exponential: 14, found: 10, turned: 13, gated: 11 } as const;
