import type { Operation } from "../../src/compile/instruction.ts";
import type { Machine } from "../../src/compile/machine.ts";

/**
 * How the vector unit goes over a vector: passes, each of so many cycles an element, and a fixed number of cycles for
 * what is done once a vector. A lane has one multiplier, one shifter, one table and one port to read words.
 */
interface VectorTime {
  /** Cycles an element in each pass. */
  readonly passes: readonly number[];
  /** Cycles for scalars: a root, a reciprocal, an exponent. */
  readonly scalarCycles: number;
}

const TIMES: Partial<Readonly<Record<Operation, VectorTime>>> = {
  /** The sum of squares is known: normalise, multiply, look up, then one product an element. */
  "MISC.NORM": { passes: [1], scalarCycles: 12 },
  /** Four products a pair. */
  "MISC.ROTATE": { passes: [2], scalarCycles: 1 },
  "MISC.PEAK": { passes: [1], scalarCycles: 1 },
  "MISC.QUANTIZE": { passes: [1], scalarCycles: 2 },
  /** Largest score; exponentials and their sum; codes. Then the reciprocal of the sum. */
  "MISC.SOFTMAX": { passes: [1, 1, 1], scalarCycles: 6 },
  "MISC.SCALE": { passes: [1], scalarCycles: 1 },
  /** Products: within the table, with the gate, with up. */
  "MISC.SILU": { passes: [3], scalarCycles: 2 },
  /** Two reads an element; the square is made in the same two cycles. */
  "MISC.ADD": { passes: [2], scalarCycles: 2 },
  /** Greedy: one pass. */
  "MISC.SAMPLE": { passes: [1], scalarCycles: 1 },
};

/** Sampling at a temperature: scaled logits and their largest; exponentials and their sum; the draw. */
const SAMPLE_TIME: VectorTime = { passes: [1, 1, 1], scalarCycles: 6 };

/** Cycles that an instruction over `elements` elements takes. */
export function vectorCycles(
  operation: Operation,
  elements: number,
  { vector }: Machine,
  sampling = false,
): number {
  const time = sampling && operation === "MISC.SAMPLE" ? SAMPLE_TIME : TIMES[operation];
  if (time === undefined) throw new RangeError(`the vector unit does not run ${operation}`);
  const beats = Math.ceil(elements / vector.lanes);
  return time.passes.reduce(
    (sum, perElement) => sum + perElement * beats + vector.latencyCycles,
    time.scalarCycles,
  );
}
