import type { LlamaShape } from "../../models/decoder/shape.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { type Machine, memoryHolding } from "./machine.ts";

/** Places on the chip: words of vector memory, bytes of the memories for codes and for exponents. */
export interface Buffers {
  readonly words: {
    readonly residual: number;
    readonly q: number;
    readonly k: number;
    readonly v: number;
    /** Two, used in turn. */
    readonly rotated: readonly number[];
    /** For each stage of the attention pipeline: scores and summed values of the heads of a group. */
    readonly scores: readonly number[];
    readonly values: readonly number[];
    readonly output: number;
    readonly gate: number;
    readonly up: number;
    readonly logits: number;
  };
  readonly codes: {
    readonly norm: number;
    readonly keys: number;
    readonly values: number;
    readonly queries: readonly number[];
    readonly weights: readonly number[];
    readonly attended: number;
    readonly hidden: number;
  };
  /** Exponents of keys and values of the tokens attended to, two bytes a token; two, used in turn. */
  readonly exponents: readonly number[];
  /** Heads that share a pass over keys and values. */
  readonly headsTogether: number;
  /** Groups of heads in flight in the attention pipeline. */
  readonly stages: number;
  readonly usedWords: number;
  readonly usedCodeBytes: number;
  readonly usedExponentBytes: number;
}

/** Codes of a vector end at a multiple of 16: the matrix unit reads whole blocks. */
export const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

class Arena {
  private next: number;
  private most: number;

  constructor(from = 0) {
    this.next = from;
    this.most = from;
  }

  take = (size: number): number => {
    const address = this.next;
    this.next += size;
    this.most = Math.max(this.most, this.next);
    return address;
  };

  /** Takes the same size several times. */
  takeEach = (count: number, size: number): number[] => Array.from({ length: count }, () => this.take(size));

  /** Starts a phase whose buffers may lie over those of the phase before. */
  restart(at: number): void {
    this.next = at;
  }

  get end(): number {
    return this.next;
  }

  get used(): number {
    return this.most;
  }
}

/** How much runs side by side in attention: the more, the more room is needed. */
export interface Overlap {
  /** Groups of heads in flight. */
  readonly stages: number;
  /** Key and value heads whose exponents are on the chip. */
  readonly exponentBuffers: number;
}

/** Places every buffer for a context of `context` tokens; phases that never overlap in time share their room. */
export function placeBuffers(
  shape: LlamaShape,
  machine: Machine,
  context: number,
  { stages, exponentBuffers }: Overlap,
): Buffers {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim, vocabSize } = shape;
  const headsTogether = headsSharing(shape, machine);
  const words = new Arena();
  const residual = words.take(hiddenSize);
  const phase = words.end;
  const q = words.take(heads * headDim);
  const k = words.take(kvHeads * headDim);
  const v = words.take(kvHeads * headDim);
  const rotated = words.takeEach(2, headDim);
  const values = words.takeEach(stages, headsTogether * headDim);
  const shared = words.end;
  const scores = words.takeEach(stages, headsTogether * padded(context));
  words.restart(shared);
  const output = words.take(hiddenSize);
  words.restart(phase);
  const gate = words.take(intermediateSize);
  const up = words.take(intermediateSize);
  // Behind the last norm nobody needs the residual stream any more.
  words.restart(residual);
  const logits = words.take(vocabSize);

  const codes = new Arena();
  const norm = codes.take(padded(hiddenSize));
  const codePhase = codes.end;
  const keys = codes.take(kvHeads * padded(headDim));
  const valueCodes = codes.take(kvHeads * padded(headDim));
  // Queries of one group more than are in flight: they are made a turn ahead.
  const queries = codes.takeEach(stages + 1, headsTogether * padded(headDim));
  const weights = codes.takeEach(stages, headsTogether * padded(context));
  const attended = codes.take(padded(heads * headDim));
  codes.restart(codePhase);
  const hidden = codes.take(padded(intermediateSize));

  const pairs = new Arena();
  // They are loaded in words of the memory, and read a pair for each of the vector unit's lanes.
  const piece = Math.max(BLOCK, memoryHolding(machine, "keysAndValues").wordBytes, 2 * machine.vector.lanes);
  const exponents = pairs.takeEach(
    Math.min(exponentBuffers, kvHeads),
    Math.ceil((2 * context) / piece) * piece,
  );
  return {
    words: { residual, q, k, v, rotated, scores, values, output, gate, up, logits },
    codes: { norm, keys, values: valueCodes, queries, weights, attended, hidden },
    exponents,
    headsTogether,
    stages,
    usedWords: words.used,
    usedCodeBytes: codes.used,
    usedExponentBytes: pairs.used,
  };
}

/** Query heads of one key and value head that share a pass over its keys and values. */
export function headsSharing({ heads, kvHeads }: LlamaShape, { matrix }: Machine): number {
  return largestDivisor(heads / kvHeads, matrix.maxTokens);
}

function largestDivisor(of: number, atMost: number): number {
  for (let divisor = Math.min(of, atMost); divisor > 1; divisor--) if (of % divisor === 0) return divisor;
  return 1;
}

/** Numbers of the descriptors: one for every vector that is alive at a time. */
export interface Descriptors {
  readonly residual: number;
  readonly norm: number;
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly rotated: readonly number[];
  readonly keys: number;
  readonly values: number;
  /** First of `headsTogether`, for each stage. */
  readonly queries: readonly number[];
  readonly weights: readonly number[];
  readonly sums: readonly number[];
  /** First of `heads`. */
  readonly outputs: number;
  readonly attended: number;
  readonly output: number;
  readonly gate: number;
  readonly up: number;
  readonly hidden: number;
  readonly logits: number;
  readonly count: number;
}

export function numberDescriptors(shape: LlamaShape, headsTogether: number, stages: number): Descriptors {
  const numbers = new Arena();
  const { take, takeEach } = numbers;
  return {
    residual: take(1),
    norm: take(1),
    q: take(1),
    k: take(1),
    v: take(1),
    rotated: takeEach(2, 1),
    keys: take(shape.kvHeads),
    values: take(shape.kvHeads),
    queries: takeEach(stages + 1, headsTogether),
    // The sum of a group's weights is wanted when the next group's are there.
    weights: takeEach(stages + 1, headsTogether),
    sums: takeEach(stages, headsTogether),
    outputs: take(shape.heads),
    attended: take(1),
    output: take(1),
    gate: take(1),
    up: take(1),
    hidden: take(1),
    logits: take(1),
    count: numbers.used,
  };
}
