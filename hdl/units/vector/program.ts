import type { RouteName } from "./routes.ts";

/** Choices of the scalar part's multiplexers. */
export const SCALAR = {
  left: { zero: 0, sum: 1, positive: 2, byte: 3 },
  right: {
    zero: 0,
    exponent: 1,
    length: 2,
    kept: 3,
    constant: 4,
    a: 5,
    c: 6,
    first: 7,
    third: 8,
    weights: 9,
    temperature: 10,
    common: 11,
  },
  keep: { none: 0, sum: 1, half: 2, larger: 3 },
  length: { none: 0, peak: 1, product: 2, inverse: 3 },
  factor: { none: 0, inverseLength: 1, epsilon: 2, inverse: 3, temperature: 4, result: 5, product: 6 },
  descriptor: { b: 0, c: 1, segment: 2 },
  clear: { none: 0, zero: 1, lowest: 2 },
  sum: { none: 0, clear: 1, add: 2, draw: 3 },
  into: { z: 0, x: 1, none: 2 },
} as const;

/** Constants that an instruction decides: a code's bits without its sign; 16, or more than all where there is no ε; 16 if the sum has more than 32 bits. */
export const VARIABLE = { bits: 0, epsilon: 1, high: 2 } as const;

/** What a step of an instruction does, in one cycle; for a pass, in its last one. */
export interface Step {
  readonly route: RouteName;
  readonly flow: "next" | "pass" | "draw" | "segments" | "passSegments" | "end";
  /** sum ← left + right, or minus it; `unlessZero`: not if the last length that was marked was that of 0. */
  readonly left: keyof typeof SCALAR.left;
  readonly right: keyof typeof SCALAR.right;
  readonly constant: number | keyof typeof VARIABLE;
  readonly subtract: boolean;
  readonly unlessZero: boolean;
  /** kept ← sum, half of it, or the larger of both. */
  readonly keep: keyof typeof SCALAR.keep;
  /** Which number of places becomes the sum; not below zero; its complement. */
  readonly places: "none" | "first" | "second" | "third";
  readonly positive: boolean;
  readonly complement: boolean;
  readonly length: keyof typeof SCALAR.length;
  readonly marksZero: boolean;
  readonly factor: keyof typeof SCALAR.factor;
  /** Whose descriptor is there in the next step. */
  readonly descriptor: keyof typeof SCALAR.descriptor;
  /** Another segment's turn; the first one's. */
  readonly segment: "none" | "next" | "first";
  /** The largest so far becomes 0 or −2^31; spreads to all lanes. */
  readonly clear: keyof typeof SCALAR.clear;
  readonly spread: boolean;
  readonly wordsSum: keyof typeof SCALAR.sum;
  /** Pointers for the pass that follows; where it writes. */
  readonly points: boolean;
  readonly into: keyof typeof SCALAR.into;
  /** Writes the descriptor: of codes, words, weights. */
  readonly writes: "none" | "peak" | "inverse";
  readonly token: boolean;
}

const NOTHING: Step = {
  route: "hold",
  flow: "next",
  left: "sum",
  right: "zero",
  constant: 0,
  subtract: false,
  unlessZero: false,
  keep: "none",
  places: "none",
  positive: false,
  complement: false,
  length: "none",
  marksZero: false,
  factor: "none",
  descriptor: "b",
  segment: "none",
  clear: "none",
  spread: false,
  wordsSum: "none",
  points: true,
  into: "z",
  writes: "none",
  token: false,
};

const step = (change: Partial<Step> = {}): Step => ({ ...NOTHING, ...change });

type Right = Step["right"];
type Operand = Right | Step["constant"];
/** sum ← sum + right */
const plus = (right: Operand, more: Partial<Step> = {}): Step => step({ ...operand(right), ...more });
const minus = (right: Operand, more: Partial<Step> = {}): Step =>
  step({ ...operand(right), subtract: true, ...more });
/** sum ← right */
const take = (right: Right, more: Partial<Step> = {}): Step => step({ left: "zero", right, ...more });
/** sum ← max(0, sum) + right, which is a number of places too. */
const placesPlus = (right: Right, more: Partial<Step> = {}): Step =>
  step({ left: "positive", right, places: "first", positive: true, ...more });

function operand(right: Operand): Partial<Step> {
  if (typeof right === "number" || right === "bits" || right === "epsilon" || right === "high")
    return { right: "constant", constant: right };
  return { right };
}

const pass = (route: RouteName, more: Partial<Step> = {}): Step => step({ route, flow: "pass", ...more });
const end = (more: Partial<Step> = {}): Step => step({ flow: "end", ...more });
const describe = end({ writes: "peak" });

/** The sum's 16 leading bits become the result; `sum` the places it was shifted by. 8 steps; the last ones may do more. */
function normalise(more: readonly Partial<Step>[] = []): Step[] {
  const steps = [
    step({ route: "takeSum" }),
    step({ route: "takeSum" }),
    step({ length: "product", marksZero: true }),
    take("length"),
    minus(16),
    step({ places: "first" }),
    step(),
    step(),
  ];
  return steps.map((one, i) => ({ ...one, ...more[i] }));
}

/** A function of the result becomes the factor. 5 steps; the first may do more. */
function lookUp(route: RouteName): Step[] {
  return [step({ route }), step({ route }), step({ route }), step({ route }), step({ factor: "product" })];
}

/** Programs of the instructions, in the order of their numbers. */
const PROGRAMS: Readonly<Record<string, readonly Step[]>> = {
  NORM: [
    take("c", { subtract: true }),
    minus("epsilon"),
    step({ keep: "sum", clear: "zero", wordsSum: "clear", factor: "inverseLength" }),
    pass("squares"),
    // The sum's leading bits; exponents of the mean square, and how far it is from that of ε.
    ...normalise([{ spread: true }, {}, {}, {}, {}, {}, operand("exponent"), operand("exponent")]),
    plus("high"),
    minus("a"),
    minus("kept"),
    // Mean square = leading bits · 1/n, with the bits that their signs hide.
    minus(1, { places: "third", positive: true, route: "multiply" }),
    plus("kept", { places: "second", positive: true, complement: true, route: "firstHalf" }),
    plus(1, { route: "nextHalf", factor: "result" }),
    step({ keep: "larger", route: "nextHalf" }),
    step({ route: "nextHalf" }),
    step({ route: "lastHalf", factor: "epsilon", wordsSum: "clear" }),
    // Aligned; so is ε · 2^16; their sum's leading bits.
    step({ route: "holdSecond" }),
    step({ route: "multiplyHalf" }),
    step({ route: "firstNegatedHalf", wordsSum: "add" }),
    step({ route: "lastHalf" }),
    step({ route: "holdThird" }),
    step(),
    step({ wordsSum: "add" }),
    ...normalise([{}, {}, {}, {}, {}, {}, operand("kept"), { ...operand("high") }]),
    plus(15),
    step({ keep: "half" }),
    ...lookUp("inverseSqrt"),
    // Places of the products.
    step({ route: "multiplyLargest" }),
    step({ route: "magnitude" }),
    step({ length: "product" }),
    take("length"),
    minus(7),
    placesPlus("exponent"),
    minus("kept", { unlessZero: true }),
    minus(15, { unlessZero: true }),
    pass("norm"),
    describe,
  ],
  ROTATE: [
    step({ length: "peak", clear: "zero" }),
    take("length"),
    minus(15),
    placesPlus("exponent"),
    pass("rotate", { ...operand(14), subtract: true }),
    describe,
  ],
  QUANTIZE: [
    take("exponent", { length: "peak" }),
    plus("length", { segment: "next", descriptor: "segment" }),
    step({ keep: "larger", flow: "segments", descriptor: "segment" }),
    step({ segment: "first" }),
    take("common"),
    minus("bits"),
    step({ left: "byte" }),
    step({ keep: "sum" }),
    minus("exponent", { points: false, descriptor: "segment" }),
    take("kept", { places: "first", points: false, segment: "next", descriptor: "segment" }),
    pass("quantize", { flow: "passSegments", descriptor: "segment" }),
    describe,
  ],
  SOFTMAX: [
    take("exponent", { subtract: true }),
    minus(16, { into: "x" }),
    step({ places: "first", clear: "lowest", wordsSum: "clear", into: "x" }),
    pass("scores"),
    step({ spread: true, into: "x" }),
    pass("exponentials"),
    take("weights"),
    minus(7),
    minus(15, { places: "second" }),
    step({ keep: "sum" }),
    pass("weights"),
    ...normalise(),
    ...lookUp("reciprocal"),
    take("kept"),
    end({ writes: "inverse" }),
  ],
  SCALE: [
    step({ length: "peak", clear: "zero" }),
    take("length"),
    minus(15, { descriptor: "b" }),
    placesPlus("exponent", { descriptor: "c" }),
    plus(1, { factor: "inverse", length: "inverse" }),
    pass("scale", { right: "length", subtract: true }),
    describe,
  ],
  SILU: [
    step({ length: "peak", clear: "zero", descriptor: "c" }),
    take("length", { length: "peak" }),
    minus(15),
    take("length", { places: "first", positive: true }),
    minus(15, { descriptor: "b" }),
    take("exponent", { places: "third", positive: true }),
    plus("first"),
    plus(11, { descriptor: "c" }),
    plus("exponent", { places: "second", complement: true }),
    plus("third"),
    pass("silu", { ...operand(11), subtract: true }),
    describe,
  ],
  ADD: [
    take("exponent", { length: "peak", clear: "zero" }),
    plus("length", { descriptor: "c" }),
    take("exponent", { length: "peak", keep: "sum" }),
    plus("length"),
    step({ keep: "larger" }),
    take("common"),
    minus(14),
    minus("exponent", { keep: "sum" }),
    take("kept", { places: "first", descriptor: "c" }),
    minus("exponent"),
    take("kept", { places: "second" }),
    pass("add"),
    describe,
  ],
  PEAK: [step({ clear: "zero" }), take("exponent"), pass("peak"), describe],
  SAMPLE: [step({ clear: "lowest", into: "none" }), pass("greedy"), end({ token: true })],
  DRAW: [
    step({ length: "peak", factor: "temperature" }),
    take("length"),
    minus(15),
    placesPlus("exponent"),
    plus("temperature"),
    plus(16),
    step({ places: "second", complement: true, clear: "lowest", wordsSum: "clear", into: "x" }),
    pass("mantissas"),
    step({ spread: true }),
    // The largest, times the factor, is taken from all.
    step({ route: "multiplyLargest" }),
    step({ route: "negated" }),
    step({ route: "holdWritten", wordsSum: "add", into: "x" }),
    pass("distances"),
    step({ clear: "zero", wordsSum: "clear", into: "x" }),
    pass("exponentials"),
    step({ route: "takeSum" }),
    step({ route: "takeSum" }),
    step({ route: "holdWhole" }),
    step({ route: "holdWhole", wordsSum: "clear" }),
    step({ route: "holdWhole", flow: "draw", wordsSum: "draw" }),
    step({ into: "none" }),
    pass("draw"),
    end({ token: true }),
  ],
};

/** Step 0 waits for an instruction, step 1 looks at it. */
const STEPS: Step[] = [step({ flow: "end" }), step()];
const entries: Record<string, number> = {};
for (const [name, program] of Object.entries(PROGRAMS)) {
  entries[name] = STEPS.length;
  STEPS.push(...program);
}

export const PROGRAM: readonly Step[] = STEPS;
/** First steps of the instructions. */
export const ENTRIES: Readonly<Record<string, number>> = entries;
