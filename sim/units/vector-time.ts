import type { Operation } from "../../src/compile/instruction.ts";
import type { Machine } from "../../src/compile/machine.ts";

/** A pass over the elements of a vector. */
interface VectorPass {
  /** Cycles an element. */
  readonly cycles: number;
  /** Cycles by which its way through the lane is longer than the shortest one. */
  readonly longer: number;
  /**
   * What is counted, `lanes` at a time: elements, pairs of them, or elements with those that fill up the last block of codes; or
   * elements one at a time.
   */
  readonly over: "elements" | "pairs" | "codes" | "alone";
}

/**
 * How the vector unit goes over a vector: passes, and a fixed number of cycles for what is done once an instruction. A lane has
 * one shifter, through which every word goes in and every result comes out, one multiplier, one table and one port to read words:
 * an element takes as many cycles as it uses the shifter, at least; and two where words are written, as the matrix unit writes
 * through the same port in the cycles between.
 */
interface VectorTime {
  readonly passes: readonly VectorPass[];
  /** Cycles for scalars: a root, a reciprocal, exponents. */
  readonly scalarCycles: number;
}

const pass = (cycles: number, longer: number, over: VectorPass["over"] = "elements"): VectorPass => ({
  cycles,
  longer,
  over,
});

const TIMES: Partial<Readonly<Record<Operation, VectorTime>>> = {
  /** Squares and their sum; then, when the root is known, a product an element. */
  "MISC.NORM": { passes: [pass(2, 6), pass(2, 6, "codes")], scalarCycles: 65 },
  /** The same with the sum of the elements, too. */
  "MISC.LAYERNORM": { passes: [pass(2, 6), pass(2, 6, "codes")], scalarCycles: 74 },
  /** A pair goes in twice and comes out once. */
  "MISC.ROTATE": { passes: [pass(6, 6, "pairs")], scalarCycles: 8 },
  "MISC.PEAK": { passes: [pass(1, 0)], scalarCycles: 3 },
  /** Of each segment a pass of its own. */
  "MISC.QUANTIZE": { passes: [pass(1, 0, "codes")], scalarCycles: 7 },
  /** Scores and the largest; exponentials and their sum; codes. Then the reciprocal of the sum. */
  "MISC.SOFTMAX": { passes: [pass(2, 1), pass(2, 8), pass(1, 0, "codes")], scalarCycles: 27 },
  "MISC.SCALE": { passes: [pass(2, 6)], scalarCycles: 9 },
  /** The gate goes in, once more as the sigmoid's argument, once more as a factor; the product comes out. */
  "MISC.GATE": { passes: [pass(4, 18)], scalarCycles: 10 },
  /** Two words go in, their product comes out. */
  "MISC.MULTIPLY": { passes: [pass(3, 6)], scalarCycles: 9 },
  /** Two words go in, their sum comes out. */
  "MISC.ADD": { passes: [pass(3, 6)], scalarCycles: 16 },
  /** The largest. */
  "MISC.SAMPLE": { passes: [pass(1, 0)], scalarCycles: 3 },
};

/** Sampling at a temperature: logits and their largest; scaled distances; exponentials and their sum; the draw. */
const DRAWING_TIME: VectorTime = {
  passes: [pass(2, 1), pass(2, 6), pass(2, 8), pass(2, 4, "alone")],
  scalarCycles: 41,
};

/** Cycles that each segment of QUANTIZE takes beside its pass: four to compare magnitudes, two to apply its own exponent. */
const SEGMENT_CYCLES = 6;

const BLOCK = 16;

export interface VectorWork {
  readonly operation: Operation;
  /** Of a segment, where there are several. */
  readonly elements: number;
  /** Segments that QUANTIZE gives one exponent. */
  readonly segments?: number;
  /** SAMPLE draws. */
  readonly drawing?: boolean;
}

/** Cycles that an instruction takes for one vector: going over it, and what does not depend on its length. */
interface Cycles {
  readonly passes: number;
  readonly rest: number;
}

type Unit = Pick<Machine["vector"], "lanes" | "latencyCycles" | "cyclesPerPass">;

/** Cycles that an instruction takes. */
export function vectorCycles(work: VectorWork, { vector }: { readonly vector: Unit }): number {
  const { passes, rest } = cyclesOf(work, vector);
  return passes + rest;
}

/** Cycles for several vectors, which follow one another without a pause. */
export function vectorsCycles(works: readonly VectorWork[], { vector }: { readonly vector: Unit }): number {
  const cycles = works.map((work) => cyclesOf(work, vector));
  return cycles.reduce((sum, { passes }) => sum + passes, 0) + Math.max(...cycles.map(({ rest }) => rest));
}

function cyclesOf(
  { operation, elements, segments = 1, drawing = false }: VectorWork,
  { lanes, latencyCycles, cyclesPerPass }: Unit,
): Cycles {
  const time = drawing && operation === "MISC.SAMPLE" ? DRAWING_TIME : TIMES[operation];
  if (time === undefined) throw new RangeError(`the vector unit does not run ${operation}`);
  if (operation === "MISC.QUANTIZE") {
    let passes = 0;
    for (let segment = 0; segment < segments; segment++)
      passes += segmentBeats(segment, segments, elements, lanes);
    return { passes, rest: time.scalarCycles + segments * (SEGMENT_CYCLES + latencyCycles) };
  }
  let [passes, rest] = [0, time.scalarCycles];
  for (const { cycles, longer, over } of time.passes) {
    passes += (cyclesPerPass ?? cycles) * Math.ceil(counted(elements, over) / (over === "alone" ? 1 : lanes));
    rest += longer + latencyCycles;
  }
  return { passes, rest };
}

function counted(elements: number, over: VectorPass["over"]): number {
  if (over === "pairs") return elements / 2;
  return over === "codes" ? Math.ceil(elements / BLOCK) * BLOCK : elements;
}

/** Codes are written `lanes` at a time; where segments meet within as many, each takes a cycle. The last one fills up the block. */
function segmentBeats(segment: number, segments: number, elements: number, lanes: number): number {
  const from = Math.floor((segment * elements) / lanes);
  const to = (segment + 1) * elements;
  return (segment + 1 < segments ? Math.ceil(to / lanes) : counted(to, "codes") / lanes) - from;
}

/**
 * Cycles until a core has the other cores' parts of vectors of `words` words together, four codes to a word; peaks and descriptors
 * come with the first.
 */
export function exchangeCycles(words: number, { cluster }: Pick<Machine, "cluster">): number {
  if (cluster === undefined) throw new RangeError("a single core exchanges nothing");
  return cluster.exchangeLatencyCycles + Math.max(1, Math.ceil(words / cluster.exchangeWordsPerCycle));
}
