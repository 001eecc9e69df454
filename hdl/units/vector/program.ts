import type { Choice } from "./microcode.ts";

/** What one word of microcode does in its cycle; `microcode.ts` says what each field means. */
export interface Step {
  readonly flow: "next" | "pass" | "draw" | "end";
  /** Words that are repeated in a pass or from segment to segment; their block begins at a multiple of it. */
  readonly span: 1 | 2 | 4 | 8;
  /** Last word of a pass's round. */
  readonly wraps: boolean;
  /** From here back to the block's beginning, as long as there are segments. */
  readonly segments: boolean;

  readonly shift: boolean;
  readonly operand: Choice<"operand">;
  readonly places: Choice<"places">;
  readonly exponent: Choice<"exponent">;
  readonly limit: Choice<"limit">;

  readonly multiply: boolean;
  readonly left: Choice<"left">;
  readonly right: Choice<"right">;
  readonly addend: Choice<"addend">;
  readonly subtract: Choice<"subtract">;

  readonly factor: Choice<"factor">;
  readonly looks: boolean;
  readonly function: Choice<"function">;
  readonly absolute: boolean;

  readonly readY: boolean;
  readonly lagging: boolean;
  readonly captures: boolean;
  readonly moves: boolean;
  readonly fires: boolean;
  readonly tap: Choice<"tap">;
  readonly keeps: boolean;
  readonly weighs: boolean;
  readonly adds: boolean;
  readonly finds: boolean;
  readonly writes: Choice<"writes">;
  readonly into: Choice<"into">;
  readonly second: boolean;
  readonly sine: boolean;
  readonly single: boolean;
  readonly lateExponents: boolean;

  readonly base: Choice<"base">;
  readonly term: Choice<"term">;
  readonly constant: number | Choice<"variable">;
  readonly minus: boolean;
  readonly when: Choice<"when">;
  readonly keep: Choice<"keep">;
  readonly put: Choice<"put">;
  readonly length: Choice<"length">;
  readonly marksZero: boolean;
  readonly descriptor: Choice<"descriptor">;
  readonly segment: Choice<"segment">;
  readonly clear: Choice<"clear">;
  readonly spread: boolean;
  readonly clearsSum: boolean;
  readonly rewinds: boolean;
  readonly describes: Choice<"describes">;
  readonly token: boolean;
}

type Change = Partial<Step>;

const NOTHING: Step = {
  flow: "next",
  span: 1,
  wraps: false,
  segments: false,
  shift: false,
  operand: "word",
  places: "zero",
  exponent: "none",
  limit: "word",
  multiply: false,
  left: "result",
  right: "factor",
  addend: "zero",
  subtract: "never",
  factor: "none",
  looks: false,
  function: "exp2",
  absolute: false,
  readY: false,
  lagging: false,
  captures: false,
  moves: false,
  fires: false,
  tap: "word",
  keeps: false,
  weighs: false,
  adds: false,
  finds: false,
  writes: "none",
  into: "z",
  second: false,
  sine: false,
  single: false,
  lateExponents: false,
  base: "sum",
  term: "zero",
  constant: 0,
  minus: false,
  when: "always",
  keep: "none",
  put: "none",
  length: "none",
  marksZero: false,
  descriptor: "b",
  segment: "none",
  clear: "none",
  spread: false,
  clearsSum: false,
  rewinds: true,
  describes: "none",
  token: false,
};

const step = (change: Change = {}): Step => ({ ...NOTHING, ...change });
const idle = (count: number): Step[] => Array.from({ length: count }, () => step());

type Operand = Step["term"] | Step["constant"];
const operand = (term: Operand): Change =>
  typeof term === "number" || term === "bits" || term === "epsilon" || term === "high" || term === "lowest"
    ? { term: "constant", constant: term }
    : { term };
/** sum ← sum + term */
const plus = (term: Operand, more: Change = {}): Step => step({ ...operand(term), ...more });
const minus = (term: Operand, more: Change = {}): Step => plus(term, { minus: true, ...more });
/** sum ← term */
const take = (term: Operand, more: Change = {}): Step => plus(term, { base: "zero", ...more });
/** sum ← max(0, sum) + term */
const positivePlus = (term: Operand, more: Change = {}): Step => plus(term, { base: "positive", ...more });
/** kept ← max(kept, sum); so is the sum. 2 steps. */
const larger = (more: Change = {}, last: Change = {}): Step[] => [
  minus("kept", more),
  positivePlus("kept", { keep: "sum", ...last }),
];
/** sum ← kept, or the exponent at hand where none was kept. 2 steps. */
const common = (more: Change = {}): Step[] => [take("kept", more), take("exponent", { when: "ifNone" })];

/** A pass: its round's words, in which `all` holds. */
function pass(all: Change, ...phases: Change[]): Step[] {
  const span = phases.length > 4 ? 8 : phases.length > 2 ? 4 : phases.length === 2 ? 2 : 1;
  return phases.map((phase, i) =>
    step({ flow: "pass", span, wraps: i === phases.length - 1, ...all, ...phase }),
  );
}

/** An element in every cycle: its word shifted. */
const each = (all: Change): Step[] => pass({ shift: true, fires: true, moves: true, ...all }, {});
/** An element in every second cycle: words are written so that others can write in between. */
const eachSecond = (all: Change): Step[] => pass(all, {}, { shift: true, fires: true, moves: true });
/** A product made of the word's result, and shifted four cycles later. */
const products = (all: Change, words: Change, made: Change): Step[] =>
  pass(
    { tap: "product", ...all },
    { fires: true, moves: true, shift: true, operand: "product", ...made },
    { shift: true, multiply: true, ...words },
  );

/** Outside of passes, numbers are shifted as they are: not rounded, without a sign. */
const sumRaw: Change = { shift: true, operand: "sum" };
const productRaw: Change = { shift: true, operand: "product" };

/** The result becomes the sum's 16 leading bits, `length` the sum's length, and sum what it was shifted by. 14 steps. */
function normalise(last: readonly Change[] = []): Step[] {
  const steps = [
    step(sumRaw),
    ...idle(4),
    step({ length: "seen" }),
    take("length", { marksZero: true }),
    minus(16, { put: "first" }),
    step(),
    step({ ...sumRaw, places: "first" }),
    ...idle(4),
  ];
  return steps.map((one, i) => ({ ...one, ...last[i - 8] }));
}

/** The result's function: a product of the table three steps later. */
const lookUp = (name: Choice<"function">, more: Change = {}): Step[] => [
  step({ looks: true, function: name, ...more }),
  step({ multiply: true, left: "difference", right: "fraction", addend: "base" }),
  step(),
];
/** Minus the product of −2^15 and the factor is added: two of them are the factor · 2^16. */
const half = (more: Change = {}): Step =>
  step({ multiply: true, left: "half", addend: "product", subtract: "always", ...more });

/** Exponentials of the distances from the largest, in their places; their sum. */
const exponentials = (more: Change = {}): Step[] =>
  pass(
    { tap: "exponential", writes: "words", into: "x", adds: true, lateExponents: true, ...more },
    {
      fires: true,
      moves: true,
      looks: true,
      shift: true,
      operand: "product",
      places: "first",
      exponent: "distance",
    },
    { shift: true, multiply: true, left: "difference", right: "fraction", addend: "base" },
  );

const mantissa: Change = { shift: true, limit: "mantissa" };
/** The places by which words become mantissas. */
const mantissaPlaces = (put: Choice<"put">): Step[] => [
  take("length"),
  minus(15),
  positivePlus("zero", { put }),
];

/** Programs of the instructions. */
const PROGRAMS: Readonly<Record<string, readonly Step[]>> = {
  NORM: [
    step({ clearsSum: true, factor: "inverseLength" }),
    ...products({ adds: true, limit: "none" }, { right: "result" }, {}),
    // The sum's leading bits; the mean square's exponent, and how far it is from that of ε, which is −c − 16.
    ...normalise([
      operand("exponent"),
      operand("exponent"),
      operand("high"),
      { ...operand("a"), minus: true },
      operand("c"),
    ]),
    // Mean square = leading bits · 1/n, with the bits that their signs hide; ε · 2^16 follows.
    plus("epsilon", { keep: "sum", multiply: true }),
    half({ base: "positive", put: "third" }),
    half({ ...operand("kept"), minus: true, put: "second", factor: "result" }),
    half(operand("kept")),
    half({ ...operand("c"), minus: true, factor: "epsilon", clearsSum: true }),
    half({ ...operand("epsilon"), minus: true, keep: "sum", addend: "zero" }),
    half({ ...productRaw, places: "second" }),
    step(),
    step({ ...productRaw, places: "third" }),
    step(),
    step({ adds: true }),
    step(),
    step({ adds: true }),
    // The leading bits of both; the root's exponent.
    ...normalise([
      operand("kept"),
      operand("high"),
      { ...operand(15), keep: "half" },
      { ...operand(10), base: "zero", put: "third" },
    ]),
    ...lookUp("inverseSqrt"),
    step({ ...productRaw, places: "third" }),
    step({ factor: "inverse" }),
    ...idle(2),
    // Places of the products: the bits of root · peak.
    step({ multiply: true, subtract: "magnitude" }),
    step({ factor: "result" }),
    step(productRaw),
    ...idle(4),
    step({ length: "seen" }),
    take("length"),
    minus(7),
    positivePlus("zero", { put: "first" }),
    plus("exponent"),
    minus("kept", { when: "unlessZero" }),
    minus(15, { when: "unlessZero" }),
    ...products({ writes: "codes" }, { subtract: "negative" }, { places: "first", limit: "code" }),
    step({ flow: "end", describes: "peak" }),
  ],
  /** The products a·c, b·s, b·c and a·s of a pair: the second is taken from the first, the fourth added to the third. */
  ROTATE: [
    step({ length: "peak", clear: "zero" }),
    ...mantissaPlaces("first"),
    plus("exponent"),
    minus(14),
    ...pass(
      { tap: "turned", keeps: true, absolute: true, writes: "words", right: "angle" },
      {
        fires: true,
        shift: true,
        operand: "product",
        multiply: true,
        addend: "product",
        subtract: "always",
      },
      { readY: true, ...mantissa, places: "first" },
      { captures: true, sine: true, ...mantissa, places: "first", multiply: true },
      { fires: true, readY: true, shift: true, operand: "product", multiply: true, addend: "product" },
      { second: true, moves: true, ...mantissa, places: "first" },
      { sine: true, ...mantissa, places: "first", multiply: true },
    ),
    step({ flow: "end", describes: "peak" }),
  ],
  QUANTIZE: [
    take("lowest", { keep: "sum" }),
    take("exponent", { length: "peak", span: 4 }),
    plus("length", { segment: "next" }),
    ...larger({}, { segments: true, descriptor: "segment" }),
    ...common({ segment: "first" }),
    minus("bits"),
    step({ base: "byte", keep: "sum", descriptor: "segment" }),
    minus("exponent", { put: "first", rewinds: false, span: 4 }),
    take("kept", { rewinds: false, segment: "next", descriptor: "segment" }),
    ...each({ places: "first", limit: "code", writes: "codes", segments: true, descriptor: "segment" }),
    step({ flow: "end", describes: "peak" }),
  ],
  SOFTMAX: [
    take("exponent", { minus: true }),
    minus(16, { put: "first", clear: "lowest", clearsSum: true }),
    ...eachSecond({ places: "first", exponent: "key", writes: "words", into: "x", keeps: true }),
    take(9, { spread: true, put: "first" }),
    ...exponentials({ weighs: true }),
    step(),
    take("weights"),
    minus(7, { put: "second" }),
    minus(15, { keep: "sum" }),
    ...each({ places: "second", exponent: "value", limit: "code", writes: "codes" }),
    ...normalise(),
    ...lookUp("reciprocal"),
    take("kept", { factor: "product" }),
    step({ flow: "end", describes: "inverse" }),
  ],
  SCALE: [
    step({ length: "peak", clear: "zero" }),
    ...mantissaPlaces("first"),
    plus("exponent", { descriptor: "c" }),
    plus(1, { factor: "inverse", length: "inverse" }),
    minus("length"),
    ...products(
      { writes: "words", keeps: true, absolute: true },
      { places: "first", limit: "mantissa", subtract: "negative" },
      {},
    ),
    step({ flow: "end", describes: "peak" }),
  ],
  /**
   * The gate (1) times one (5) goes through the shifter as the sigmoid's argument (7), is looked up (12) and becomes a factor
   * (16). Read once more (15), the gate (16) meets it (20), and their product goes through the shifter (22).
   */
  GATE: [
    take(15, { length: "peak", clear: "zero", put: "third" }),
    ...mantissaPlaces("first"),
    plus("exponent", { keep: "sum" }),
    take("kept", { minus: true }),
    minus(12, { put: "second" }),
    take("kept"),
    ...pass(
      { tap: "exponential", function: "sigmoid", absolute: true, shift: true, multiply: true },
      { ...mantissa, places: "first", looks: true, factor: "sigmoid", subtract: "negative" },
      { ...mantissa, places: "first", right: "one", fires: true },
      {
        ...{ operand: "product", places: "third", writes: "words" },
        ...{ left: "difference", right: "fraction", addend: "base" },
      },
      {
        ...{ operand: "product", places: "second", multiply: false, keeps: true },
        ...{ lagging: true, captures: true, moves: true, fires: true, tap: "gated" },
      },
    ),
    step({ flow: "end", describes: "peak" }),
  ],
  /** The first word (1) becomes the factor (5) of the second one (2). */
  MULTIPLY: [
    take("exponent", { clear: "zero", keep: "sum", descriptor: "c" }),
    step({ length: "peak" }),
    take("length"),
    minus(15),
    positivePlus("zero", { put: "first", descriptor: "c" }),
    plus("exponent"),
    plus("kept"),
    ...pass(
      { tap: "product", writes: "words", keeps: true, absolute: true, shift: true },
      { operand: "product", multiply: true },
      { readY: true, fires: true, moves: true },
      { ...mantissa, places: "first", factor: "result" },
    ),
    step({ flow: "end", describes: "peak" }),
  ],
  /** The second word's mantissa is added to the first one's by the multiplier, one times each. */
  ADD: [
    take("exponent", { length: "peak", clear: "zero" }),
    plus("length", { keep: "sum", descriptor: "c" }),
    take("exponent", { length: "peak" }),
    plus("length"),
    ...larger(),
    ...common(),
    minus(14, { keep: "sum" }),
    minus("exponent", { put: "first" }),
    take("kept", { descriptor: "c" }),
    minus("exponent", { put: "second" }),
    take("kept"),
    ...pass(
      { tap: "product", writes: "words", keeps: true, absolute: true, shift: true, right: "one" },
      { operand: "product", limit: "mantissa", multiply: true, addend: "product" },
      { readY: true, fires: true, moves: true, places: "first" },
      { places: "second", multiply: true },
    ),
    step({ flow: "end", describes: "peak" }),
  ],
  PEAK: [
    take("exponent", { clear: "zero" }),
    ...each({ keeps: true, absolute: true }),
    step({ flow: "end", describes: "peak" }),
  ],
  SAMPLE: [step({ clear: "lowest" }), ...each({ keeps: true }), step({ flow: "end", token: true })],
  DRAW: [
    step({ length: "peak", factor: "temperature" }),
    ...mantissaPlaces("first"),
    plus("exponent"),
    plus("temperature"),
    plus(16),
    plus(1, { keep: "sum" }),
    take("kept", { minus: true, put: "second", clear: "lowest", clearsSum: true }),
    ...eachSecond({ places: "first", limit: "mantissa", writes: "words", into: "x", keeps: true }),
    step({ spread: true }),
    // Distances from the largest, times the factor.
    ...products(
      { writes: "words", into: "x" },
      {},
      { places: "second", multiply: true, left: "largest", addend: "product", subtract: "always" },
    ),
    take(9, { clear: "zero", put: "first" }),
    ...exponentials(),
    step(sumRaw),
    step({ clear: "zero", clearsSum: true }),
    ...idle(3),
    step({ flow: "draw" }),
    step(),
    step(),
    // The first whose cumulated weight is more than the draw.
    ...pass(
      { tap: "found", adds: true, finds: true, keeps: true, single: true },
      { fires: true, moves: true, ...sumRaw },
      { shift: true },
    ),
    step({ flow: "end", token: true }),
  ],
};

/** Words of microcode: 0 waits for an instruction, 1 looks at it. */
const WORDS: Step[] = [step(), step()];
const entries: Record<string, number> = {};
for (const [name, program] of Object.entries(PROGRAMS)) {
  // Blocks begin at multiples of their spans: the first one by where the program begins, others behind a pause.
  const first = program.findIndex(({ span }) => span > 1);
  while (first >= 0 && (WORDS.length + first) % (program[first]?.span ?? 1) !== 0) WORDS.push(step());
  entries[name] = WORDS.length;
  let open = 1;
  for (const one of program) {
    if (one.span > open) while (WORDS.length % one.span !== 0) WORDS.push(step());
    open = one.wraps ? 1 : one.span;
    WORDS.push(one);
    // A pass is left at the end of its block.
    if (one.wraps) while (WORDS.length % one.span !== 0) WORDS.push(step());
  }
}

export const PROGRAM: readonly Step[] = WORDS;
/** First words of the instructions. */
export const ENTRIES: Readonly<Record<string, number>> = entries;
