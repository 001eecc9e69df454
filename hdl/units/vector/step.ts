import type { Choice } from "./choices.ts";

/** What one word of microcode does in its cycle; `choices.ts` says what the names mean. */
export interface Step {
  /** A word of a pass is repeated with the pass's others; the others come one after another. */
  readonly passes: boolean;
  /** Words that are repeated in a pass or from segment to segment; their block begins at a multiple of it. */
  readonly span: 1 | 2 | 4 | 8;

  /** The shifter takes its operand. */
  readonly shift: boolean;
  readonly operand: Choice<"operand">;
  readonly places: Choice<"places">;
  /** An element's own exponent among the places. */
  readonly exponent: Choice<"exponent">;
  readonly multiply: Choice<"multiply">;
  readonly act: Choice<"act">;

  // In passes:
  /** Last word of a pass's round. */
  readonly wraps: boolean;
  /** What is shifted becomes a code, where codes are written, or else a mantissa; otherwise a word. */
  readonly cut: boolean;
  /** Words are read from y instead of x; the element is the one that lags behind. */
  readonly readY: boolean;
  readonly lagging: boolean;
  /** The element that lags may become the next one, and so may the one that is read. */
  readonly captures: boolean;
  readonly moves: boolean;
  /** A result is due so many cycles later. */
  readonly fires: boolean;
  readonly tap: Choice<"tap">;
  readonly writes: Choice<"writes">;
  /** Of a pair, the second result; the sine. */
  readonly second: boolean;
  readonly sine: boolean;

  // Elsewhere: sum ← base ± term.
  readonly base: Choice<"base">;
  readonly term: Choice<"term"> | number;
  readonly minus: boolean;
  readonly keep: Choice<"keep">;
  /** Places that become the sum of this step, a step later. */
  readonly put: Choice<"put">;
  readonly length: Choice<"length">;
  /** The descriptor that the next step finds; of QUANTIZE, `b` is the segment's. */
  readonly descriptor: Choice<"descriptor">;
}

export type Change = Partial<Step>;

const NOTHING: Step = {
  passes: false,
  span: 1,
  shift: false,
  operand: "word",
  places: "zero",
  exponent: "none",
  multiply: "none",
  act: "none",
  wraps: false,
  cut: false,
  readY: false,
  lagging: false,
  captures: false,
  moves: false,
  fires: false,
  tap: "word",
  writes: "none",
  second: false,
  sine: false,
  base: "sum",
  term: "zero",
  minus: false,
  keep: "none",
  put: "none",
  length: "none",
  descriptor: "b",
};

export const step = (change: Change = {}): Step => ({ ...NOTHING, ...change });
