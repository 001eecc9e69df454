import type { Operator } from "../../models/decoder/operators.ts";
import { padded } from "./buffers.ts";
import type { Emitter, Placement } from "./emit.ts";

type Attend = Extract<Operator, { kind: "attend" }>;

/**
 * Emits the attention of all groups of heads as a pipeline: while the vector unit turns one group's scores into
 * weights, the matrix unit computes the next group's scores. With one stage the groups follow one another.
 */
export function emitAttention(
  emit: Emitter,
  placement: Placement,
  operators: readonly Attend[],
  at: (name: string) => string,
): void {
  const { buffers } = placement;
  const groups = operators.flatMap((operator) => {
    const count = operator.heads.length / buffers.headsTogether;
    return Array.from(
      { length: count },
      (_, i): Group => ({
        kvHead: operator.kvHead,
        heads: operator.heads.slice(i * buffers.headsTogether, (i + 1) * buffers.headsTogether),
        first: i === 0,
      }),
    );
  });
  for (let turn = 0; turn < groups.length + buffers.stages - 1; turn++) {
    const coming = groups[turn];
    if (coming !== undefined) emitScores(emit, placement, coming, turn % buffers.stages, at);
    const index = turn - (buffers.stages - 1);
    const leaving = groups[index];
    if (leaving !== undefined) emitValues(emit, placement, leaving, index % buffers.stages, at);
  }
}

interface Group {
  readonly kvHead: number;
  readonly heads: readonly number[];
  /** The first group of its key and value head: it loads the exponents. */
  readonly first: boolean;
}

const exponentBuffer = ({ buffers }: Placement, kvHead: number): number =>
  buffers.exponents[kvHead % buffers.exponents.length]!;

function emitScores(
  emit: Emitter,
  placement: Placement,
  group: Group,
  stage: number,
  at: (name: string) => string,
): void {
  const { shape, buffers, descriptors, layout } = placement;
  const { headDim } = shape;
  const head = layout.keyValues.heads[group.kvHead]!;
  emit.begin(at(`attend ${group.kvHead}`));
  if (group.first) emit.loadExponents(head, exponentBuffer(placement, group.kvHead));
  emit.loadKeys(head);
  const queries = buffers.codes.queries[stage]!;
  for (const [i, query] of group.heads.entries()) {
    emit.begin(at(`head ${query} query`));
    const turn = query % buffers.words.rotated.length;
    emit.rotate(
      buffers.words.q + query * headDim,
      buffers.words.rotated[turn]!,
      descriptors.q,
      descriptors.rotated[turn]!,
    );
    const into = queries + i * padded(headDim);
    emit.quantize(
      headDim,
      1,
      8,
      buffers.words.rotated[turn]!,
      into,
      descriptors.rotated[turn]!,
      descriptors.queries[stage]! + i,
    );
  }
  emit.begin(at(`head ${group.heads.join("+")} scores`));
  emit.multiplyKeys(group.heads.length, queries, buffers.words.scores[stage]!);
}

function emitValues(
  emit: Emitter,
  placement: Placement,
  group: Group,
  stage: number,
  at: (name: string) => string,
): void {
  const { shape, buffers, descriptors, layout, context } = placement;
  const { headDim } = shape;
  emit.begin(at(`attend ${group.kvHead}`));
  emit.loadValues(layout.keyValues.heads[group.kvHead]!);
  const weights = buffers.codes.weights[stage]!;
  for (const [i, head] of group.heads.entries()) {
    emit.begin(at(`head ${head} softmax`));
    emit.softmax(
      buffers.words.scores[stage]! + i * padded(context),
      exponentBuffer(placement, group.kvHead),
      weights + i * padded(context),
      descriptors.queries[stage]! + i,
      descriptors.weights[stage]! + i,
    );
  }
  emit.begin(at(`head ${group.heads.join("+")} values`));
  const values = buffers.words.values[stage]!;
  emit.multiplyValues(
    group.heads.length,
    weights,
    values,
    descriptors.weights[stage]!,
    descriptors.sums[stage]!,
  );
  for (const [i, head] of group.heads.entries()) {
    emit.begin(at(`head ${head} scale`));
    // A head's query words have been used up: its output takes their place.
    const into = buffers.words.q + head * headDim;
    emit.scale(
      values + i * headDim,
      into,
      descriptors.sums[stage]! + i,
      descriptors.weights[stage]! + i,
      descriptors.outputs + head,
    );
  }
}

/** Rotates and rounds the new keys, rounds the new values, and stores both with their exponents. */
export function emitRemember(emit: Emitter, placement: Placement, at: (name: string) => string): void {
  const { shape, buffers, descriptors: d, layout, kvBits } = placement;
  const { headDim, kvHeads } = shape;
  for (let head = 0; head < kvHeads; head++) {
    const stretch = layout.keyValues.heads[head]!;
    const turn = head % buffers.words.rotated.length;
    const rotated = buffers.words.rotated[turn]!;
    const keyCodes = buffers.codes.keys + head * padded(headDim);
    emit.begin(at(`key head ${head}`));
    emit.rotate(buffers.words.k + head * headDim, rotated, d.k, d.rotated[turn]!);
    emit.quantize(headDim, 1, kvBits, rotated, keyCodes, d.rotated[turn]!, d.keys + head);
    emit.storeKey(stretch, keyCodes);
    const valueWords = buffers.words.v + head * headDim;
    const valueCodes = buffers.codes.values + head * padded(headDim);
    emit.begin(at(`value head ${head}`));
    emit.peak(headDim, valueWords, d.v, d.values + head);
    emit.quantize(headDim, 1, kvBits, valueWords, valueCodes, d.values + head, d.values + head);
    emit.storeValue(stretch, valueCodes);
    emit.storeExponents(stretch, d.keys + head, d.values + head);
  }
}
