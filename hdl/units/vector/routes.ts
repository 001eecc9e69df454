/**
 * How a lane's few parts are joined for each kind of pass. An element uses each part at a fixed distance from its read, a new
 * element begins every 1, 2 or 4 cycles: so what a part does in a cycle follows from the cycle's number modulo 4, its phase.
 * Distances: a word comes 1 cycle after its address, the shifter takes 2, the multiplier 2, its addend a cycle after its factors, a
 * function's difference comes 1 after its argument, its base another one later.
 */

/** Choices of the multiplexers. */
export const CHOICE = {
  read: { x: 0, y: 1, second: 2 },
  shifted: { word: 0, product: 1, result: 2 },
  places: { none: 0, first: 1, second: 2, third: 3 },
  exponent: { none: 0, key: 1, value: 2, distance: 3 },
  left: { half: 0, word: 1, result: 2, difference: 3, middle: 4, largest: 5 },
  right: { zero: 0, word: 1, angle: 2, fraction: 3, result: 4, factor: 5 },
  subtract: { never: 0, always: 1, negative: 2, magnitude: 3 },
  addend: { zero: 0, product: 1, base: 2, half: 3, sum: 4 },
  kept: { word: 0, written: 1 },
  factor: { none: 0, product: 1, sigmoid: 2 },
} as const;

/** What the parts of a lane do in a cycle. */
export interface Controls {
  /** What is read, and which pointers move on. */
  readonly read: keyof typeof CHOICE.read;
  readonly nextX: boolean;
  readonly nextY: boolean;
  readonly nextSecond: boolean;
  /** A result of this cycle's read will be written or kept. */
  readonly fires: boolean;
  /** This cycle's read is an element's last. */
  readonly ends: boolean;
  /** The sine, where otherwise the cosine is read. */
  readonly sine: boolean;

  /** Into the shifter. */
  readonly shifted: keyof typeof CHOICE.shifted;
  readonly places: keyof typeof CHOICE.places;
  /** What is subtracted from the places: a token's exponent, or for `distance` what an exponential says. */
  readonly exponent: keyof typeof CHOICE.exponent;
  readonly round: boolean;
  readonly unsigned: boolean;
  /** Its second cycle. */
  readonly accumulate: boolean;
  readonly limit: "none" | "word" | "mantissa" | "code";

  /** Factors. */
  readonly left: keyof typeof CHOICE.left;
  readonly right: keyof typeof CHOICE.right;
  /** For the factors of the cycle before. `negative`: where the right one was; `magnitude`: where one of them was. */
  readonly subtract: keyof typeof CHOICE.subtract;
  readonly addend: keyof typeof CHOICE.addend;

  /** What goes to the keeper of the largest. */
  readonly kept: keyof typeof CHOICE.kept;
  readonly absolute: boolean;
  /** The product is written, otherwise the shifter's result. */
  readonly writesProduct: boolean;
  /** A word is written at the second place. */
  readonly writesSecond: boolean;

  readonly function: "exp2" | "reciprocal" | "inverseSqrt" | "sigmoid";
  /** Remembers on which side and how far out a sigmoid's argument lies. */
  readonly marks: boolean;
  readonly factor: keyof typeof CHOICE.factor;
}

const IDLE: Controls = {
  read: "x",
  nextX: false,
  nextY: false,
  nextSecond: false,
  fires: false,
  ends: false,
  sine: false,
  shifted: "word",
  places: "first",
  exponent: "none",
  round: true,
  unsigned: false,
  accumulate: false,
  limit: "word",
  left: "half",
  right: "zero",
  subtract: "never",
  addend: "zero",
  kept: "word",
  absolute: false,
  writesProduct: false,
  writesSecond: false,
  function: "exp2",
  marks: false,
  factor: "none",
};

/** Cycles from an element's last read to ... */
export interface Taps {
  /** ... the cycle in which its word is written; */
  readonly write?: 3 | 5 | 7;
  /** ... in which its code is; */
  readonly code?: 3 | 5;
  /** ... in which it is compared with the largest so far; */
  readonly keep?: 2 | 4 | 6;
  /** ... in which it is added to the sum; */
  readonly sum?: 3 | 7;
  /** ... in which exponents are read. */
  readonly exponent?: 0 | 6;
  /** ... in which the place behind is the next one, where nothing is written. */
  readonly place?: 2 | 3;
}

export interface Route {
  /** Cycles in which elements are read: one in each `period`; a pair of elements for ROTATE. */
  readonly period: 1 | 2 | 4;
  /** Groups of 4 cycles by which an element's last read follows its first. */
  readonly lead: 0 | 2;
  /** Cycles after the last read in which results are under way; `LEAST_LATENCY` at least. */
  readonly drain: number;
  readonly taps: Taps;
  readonly phases: readonly Controls[];
}

type Change = Partial<Controls>;

function route(period: 1 | 2 | 4, drain: number, taps: Taps, all: Change, ...phases: Change[]): Route {
  const each = phases.length === 0 ? [{}] : phases;
  return {
    period,
    lead: 0,
    drain,
    taps,
    phases: Array.from({ length: 4 }, (_, phase) => ({ ...IDLE, ...all, ...each[phase % each.length] })),
  };
}

/** An element in every cycle. */
const EACH: Change = { fires: true, ends: true, nextX: true };

/** What is multiplied with the last results of a scalar step. */
const HOLD: Change = { addend: "product", shifted: "product", round: false, unsigned: true, limit: "none" };

export const ROUTES = {
  /** Largest |word|. */
  peak: route(1, 3, { keep: 2 }, { ...EACH, absolute: true }),
  /** Squares and their sum, largest |word|. */
  squares: route(
    1,
    3,
    { keep: 2, sum: 3 },
    { ...EACH, absolute: true, left: "word", right: "word", writesProduct: true },
  ),
  /** Words times a factor, rounded to codes. */
  norm: route(
    1,
    5,
    { code: 5 },
    { ...EACH, left: "word", right: "factor", subtract: "negative", shifted: "product", limit: "code" },
  ),
  /** The products a·c, b·s, b·c and a·s of a pair: the second is taken from the first, the fourth added to the third. */
  rotate: route(
    4,
    6,
    { write: 5, keep: 6 },
    {
      limit: "mantissa",
      left: "result",
      right: "angle",
      kept: "written",
      absolute: true,
      writesProduct: true,
    },
    { writesSecond: true },
    { read: "y", fires: true, sine: true, addend: "product", subtract: "always" },
    { read: "y", nextY: true },
    { nextX: true, fires: true, ends: true, sine: true, addend: "product" },
  ),
  quantize: route(1, 3, { code: 3 }, { ...EACH, limit: "code" }),
  /** Scores as fixed-point numbers, in their places. */
  scores: route(1, 4, { write: 3, keep: 4, exponent: 0 }, { ...EACH, exponent: "key", kept: "written" }),
  /** Exponentials of the distances from the largest, in their places. */
  exponentials: route(
    1,
    8,
    { write: 7, sum: 7, exponent: 6 },
    {
      ...EACH,
      left: "difference",
      right: "fraction",
      addend: "base",
      shifted: "product",
      exponent: "distance",
    },
  ),
  /** Exponentials to codes. */
  weights: route(
    1,
    3,
    { code: 3, exponent: 0 },
    { ...EACH, places: "second", exponent: "value", limit: "code" },
  ),
  scale: route(
    1,
    6,
    { write: 5, keep: 6 },
    {
      ...EACH,
      limit: "mantissa",
      left: "result",
      right: "factor",
      subtract: "negative",
      kept: "written",
      absolute: true,
      writesProduct: true,
    },
  ),
  /**
   * Reads: the gate (0), up of two elements ago (1), the gate of the element before once more (3). The gate's mantissa goes
   * through the shifter again as the sigmoid's argument (3), meets the sigmoid 7 cycles later (2), and their product up (0).
   */
  silu: {
    ...route(
      4,
      6,
      { write: 5, keep: 6 },
      { function: "sigmoid", absolute: true, kept: "written", limit: "mantissa" },
      { nextX: true, limit: "word", left: "middle", right: "result", addend: "base" },
      { read: "y", nextY: true, fires: true, ends: true, factor: "sigmoid" },
      { places: "third", left: "result", right: "factor", marks: true, writesProduct: true },
      {
        read: "second",
        nextSecond: true,
        shifted: "result",
        places: "second",
        left: "difference",
        right: "fraction",
        addend: "half",
        subtract: "negative",
      },
    ),
    lead: 2,
  } as Route,
  /** The second vector's word is added to the first one's. */
  add: route(
    2,
    4,
    { write: 3, keep: 4 },
    { kept: "written", absolute: true },
    { nextX: true, places: "second", limit: "none" },
    { read: "y", nextY: true, fires: true, ends: true, accumulate: true, limit: "mantissa" },
  ),
  /** The largest word and its place. */
  greedy: route(1, 3, { keep: 2, place: 2 }, EACH),
  /** Mantissas, in their places. */
  mantissas: route(1, 4, { write: 3, keep: 4 }, { ...EACH, limit: "mantissa", kept: "written" }),
  /** Their distances from the largest, times a factor, in their places. */
  distances: route(
    1,
    5,
    { write: 5 },
    {
      ...EACH,
      left: "word",
      right: "factor",
      addend: "sum",
      shifted: "product",
      places: "second",
    },
  ),
  /** Subtracts exponentials from the sum until it is negative. */
  draw: route(1, 3, { sum: 3, place: 3 }, { ...EACH, places: "none" }),

  // Scalars. The product stays, and is shifted.
  hold: route(1, 3, {}, HOLD),
  holdSecond: route(1, 3, {}, { ...HOLD, places: "second" }),
  holdThird: route(1, 3, {}, { ...HOLD, places: "third" }),
  holdWhole: route(1, 3, {}, { ...HOLD, places: "none" }),
  /** The sum becomes the product; if it has more than 32 bits, without its lowest 16. */
  takeSum: route(1, 3, {}, { ...HOLD, addend: "sum" }),
  /** Takes factors while the product stays: result and factor, largest and factor, half of 2^16 (negative) and factor. */
  multiply: route(1, 3, {}, { ...HOLD, left: "result", right: "factor" }),
  multiplyLargest: route(1, 3, {}, { ...HOLD, left: "largest", right: "factor" }),
  multiplyHalf: route(1, 3, {}, { ...HOLD, right: "factor" }),
  /** The factors' product without its sign, and the product with its sign changed. */
  magnitude: route(1, 3, {}, { ...HOLD, addend: "zero", subtract: "magnitude" }),
  negated: route(1, 3, {}, { ...HOLD, addend: "zero", subtract: "always" }),
  /** Products with −2^15 are subtracted; twice that is factor · 2^16. */
  firstHalf: route(1, 3, {}, { ...HOLD, addend: "zero", right: "factor" }),
  firstNegatedHalf: route(1, 3, {}, { ...HOLD, addend: "zero", subtract: "always", right: "factor" }),
  nextHalf: route(1, 3, {}, { ...HOLD, subtract: "always", right: "factor" }),
  lastHalf: route(1, 3, {}, { ...HOLD, subtract: "always" }),
  /** The product stays, and is what a sum takes. */
  holdWritten: route(1, 3, {}, { ...HOLD, writesProduct: true }),
  reciprocal: route(
    1,
    3,
    {},
    {
      ...HOLD,
      function: "reciprocal",
      kept: "written",
      left: "difference",
      right: "fraction",
      addend: "base",
    },
  ),
  inverseSqrt: route(
    1,
    3,
    {},
    {
      ...HOLD,
      function: "inverseSqrt",
      kept: "written",
      left: "difference",
      right: "fraction",
      addend: "base",
    },
  ),
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];
