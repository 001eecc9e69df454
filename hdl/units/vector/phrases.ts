import type { Choice } from "./choices.ts";
import { type Change, type Step, step } from "./step.ts";

/** Steps that programs are made of. */

export const idle = (count: number): Step[] => Array.from({ length: count }, () => step());

/** sum ← sum + term */
export const plus = (term: Step["term"], more: Change = {}): Step => step({ term, ...more });
export const minus = (term: Step["term"], more: Change = {}): Step => plus(term, { minus: true, ...more });
/** sum ← term */
export const take = (term: Step["term"], more: Change = {}): Step => plus(term, { base: "zero", ...more });
/** sum ← max(0, sum) + term */
export const positivePlus = (term: Step["term"], more: Change = {}): Step =>
  plus(term, { base: "positive", ...more });
/** kept ← max(kept, sum); so is the sum. 2 steps. */
export const larger = (last: Change = {}): Step[] => [
  minus("kept"),
  positivePlus("kept", { keep: "sum", ...last }),
];
/** sum ← kept, or the exponent at hand where none was kept. 2 steps. */
export const common = (): Step[] => [take("kept"), take("exponent", { act: "ifNone" })];
/** The places by which words of the descriptor at hand become mantissas. 3 steps. */
export const mantissaPlaces = (put: Choice<"put">, last: Change = {}): Step[] => [
  take("length"),
  minus(15),
  positivePlus("zero", { put, ...last }),
];

/** A pass: its round's words, in which `all` holds. */
export function pass(all: Change, ...phases: Change[]): Step[] {
  const span = phases.length > 4 ? 8 : phases.length > 2 ? 4 : phases.length === 2 ? 2 : 1;
  return phases.map((phase, i) =>
    step({ passes: true, span, wraps: i === phases.length - 1, ...all, ...phase }),
  );
}

/** An element in every cycle: its word shifted. */
export const each = (all: Change): Step[] => pass({ shift: true, fires: true, moves: true, ...all }, {});
/** An element in every second cycle: words are written so that others can write in between. */
export const eachSecond = (all: Change): Step[] => pass(all, {}, { shift: true, fires: true, moves: true });
/** A product made of the word's result, and shifted four cycles later. */
export const products = (all: Change, words: Change, made: Change = {}): Step[] =>
  pass(
    { tap: "product", ...all },
    { fires: true, moves: true, shift: true, operand: "product", ...made },
    { shift: true, ...words },
  );

/** Exponentials of the distances from the largest, in their places; their sum. */
export const exponentials = (): Step[] =>
  pass(
    { tap: "exponential", writes: "words" },
    {
      ...{ fires: true, moves: true, act: "look" },
      ...{ shift: true, operand: "product", places: "first", exponent: "distance" },
    },
    { shift: true, multiply: "table" },
  );

/** Outside of passes, numbers are shifted as they are: not rounded, without a sign. */
export const sumRaw: Change = { shift: true, operand: "sum" };
export const productRaw: Change = { shift: true, operand: "product" };

/**
 * The result becomes the sum's 16 leading bits, `length` the sum's length, and sum what it was shifted by; the last steps leave
 * room for others. 14 steps.
 */
export function normalise(last: readonly Change[] = []): Step[] {
  const steps = [
    step(sumRaw),
    ...idle(4),
    step({ length: "seen" }),
    take("length", { act: "markZero" }),
    minus(16, { put: "first" }),
    step(),
    step({ ...sumRaw, places: "first" }),
    ...idle(4),
  ];
  return steps.map((one, i) => ({ ...one, ...last[i - 8] }));
}

/** The result's function: a product of the table three steps later. */
export const lookUp = (): Step[] => [step({ act: "look" }), step({ multiply: "table" }), step()];
