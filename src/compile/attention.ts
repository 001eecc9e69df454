import type { Operator } from "../../models/decoder/operators.ts";
import { padded } from "./buffers.ts";
import type { Emitter, Placement } from "./emit.ts";

type Attend = Extract<Operator, { kind: "attend" }>;

/**
 * Emits the attention of all groups of heads as a pipeline: while the vector unit turns one group's scores into
 * weights, the matrix unit computes the next group's scores. With one stage the groups follow one another. A group's queries
 * are made a turn ahead, so that no scores wait for them.
 */
export function emitAttention(
  emit: Emitter,
  placement: Placement,
  operators: readonly Attend[],
  at: (name: string) => string,
): void {
  const { buffers, schedule } = placement;
  const groups = groupsOf(operators, buffers.headsTogether);
  if (schedule.operators === "apart") {
    emitApart(emit, placement, groups, at);
    return;
  }
  for (let turn = 0; turn < groups.length + buffers.stages; turn++) {
    const coming = groups[turn];
    for (const ahead of turn === 0 ? [0, 1] : [turn + 1])
      if (groups[ahead] !== undefined) emitQueries(emit, placement, groups[ahead], ahead, at);
    if (coming !== undefined) emitScores(emit, placement, coming, turn, at);
    const index = turn - (buffers.stages - 1);
    const [weighed, scaled] = [index, index - 1].map((one) => groups[one]);
    if (weighed !== undefined) emitWeights(emit, placement, weighed, index, at);
    // Weights of a group first: its scores are there before the values of the group before.
    if (scaled !== undefined) emitScales(emit, placement, scaled, index - 1, at);
    if (weighed !== undefined) emitValues(emit, placement, weighed, index, at);
  }
}

function groupsOf(operators: readonly Attend[], together: number): Group[] {
  return operators.flatMap(({ kvHead, heads }) =>
    Array.from({ length: heads.length / together }, (_, i) => ({
      kvHead,
      heads: heads.slice(i * together, (i + 1) * together),
      first: i === 0,
    })),
  );
}

/** Scores and softmax of all groups are one operator, and what they weigh is another. */
function emitApart(
  emit: Emitter,
  placement: Placement,
  groups: readonly Group[],
  at: (name: string) => string,
): void {
  for (const [turn, group] of groups.entries()) {
    emitQueries(emit, placement, group, turn, at);
    emitScores(emit, placement, group, turn, at);
    emitWeights(emit, placement, group, turn, at);
  }
  emit.storeAttentionWeights();
  emit.apart();
  emit.loadAttentionWeights();
  for (const [turn, group] of groups.entries()) {
    emitValues(emit, placement, group, turn, at);
    emitScales(emit, placement, group, turn, at);
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

const rotates = ({ variant }: Placement["shape"]): boolean => variant?.positions !== "learned";

/** Rotates and rounds the queries of a group's heads. */
function emitQueries(
  emit: Emitter,
  { shape, buffers, descriptors }: Placement,
  group: Group,
  turn: number,
  at: (name: string) => string,
): void {
  const { headDim } = shape;
  const slot = turn % buffers.codes.queries.length;
  const queries = buffers.codes.queries[slot]!;
  for (const [i, query] of group.heads.entries()) {
    emit.begin(at(`head ${query} query`));
    const turn = query % buffers.words.rotated.length;
    const into = queries + i * padded(headDim);
    if (!rotates(shape)) {
      const from = buffers.words.q + query * headDim;
      emit.peak(headDim, from, descriptors.q, descriptors.rotated[turn]!);
      emit.quantize(headDim, 1, 8, from, into, descriptors.rotated[turn]!, descriptors.queries[slot]! + i);
      continue;
    }
    emit.rotate(
      buffers.words.q + query * headDim,
      buffers.words.rotated[turn]!,
      descriptors.q,
      descriptors.rotated[turn]!,
    );
    emit.quantize(
      headDim,
      1,
      8,
      buffers.words.rotated[turn]!,
      into,
      descriptors.rotated[turn]!,
      descriptors.queries[slot]! + i,
    );
  }
}

function emitScores(
  emit: Emitter,
  placement: Placement,
  group: Group,
  turn: number,
  at: (name: string) => string,
): void {
  const { buffers, layout, share } = placement;
  const head = layout.keyValues.heads[group.kvHead - share.kvHeads.from]!;
  emit.begin(at(`attend ${group.kvHead}`));
  if (group.first) emit.loadExponents(head, exponentBuffer(placement, group.kvHead));
  emit.loadKeys(head);
  emit.begin(at(`head ${group.heads.join("+")} scores`));
  emit.multiplyKeys(
    group.heads.length,
    buffers.codes.queries[turn % buffers.codes.queries.length]!,
    buffers.words.scores[turn % buffers.stages]!,
  );
}

/** Turns a group's scores into weights. */
function emitWeights(
  emit: Emitter,
  placement: Placement,
  group: Group,
  turn: number,
  at: (name: string) => string,
): void {
  const { buffers, descriptors, context } = placement;
  const stage = turn % buffers.stages;
  const weights = buffers.codes.weights[stage]!;
  for (const [i, head] of group.heads.entries()) {
    emit.begin(at(`head ${head} softmax`));
    emit.softmax(
      buffers.words.scores[stage]! + i * padded(context),
      exponentBuffer(placement, group.kvHead),
      weights + i * padded(context),
      descriptors.queries[turn % descriptors.queries.length]! + i,
      descriptors.weights[turn % descriptors.weights.length]! + i,
    );
  }
}

function emitValues(
  emit: Emitter,
  { buffers, descriptors, layout, share }: Placement,
  group: Group,
  turn: number,
  at: (name: string) => string,
): void {
  const stage = turn % buffers.stages;
  emit.begin(at(`attend ${group.kvHead}`));
  emit.loadValues(layout.keyValues.heads[group.kvHead - share.kvHeads.from]!);
  emit.begin(at(`head ${group.heads.join("+")} values`));
  emit.multiplyValues(
    group.heads.length,
    buffers.codes.weights[stage]!,
    buffers.words.values[stage]!,
    descriptors.weights[turn % descriptors.weights.length]!,
    descriptors.sums[stage]!,
  );
}

/** Divides a group's summed values by the sums of their weights. */
function emitScales(
  emit: Emitter,
  { shape, buffers, descriptors }: Placement,
  group: Group,
  turn: number,
  at: (name: string) => string,
): void {
  const { headDim } = shape;
  const stage = turn % buffers.stages;
  const values = buffers.words.values[stage]!;
  for (const [i, head] of group.heads.entries()) {
    emit.begin(at(`head ${head} scale`));
    // A head's query words have been used up: its output takes their place.
    const into = buffers.words.q + head * headDim;
    emit.scale(
      values + i * headDim,
      into,
      descriptors.sums[stage]! + i,
      descriptors.weights[turn % descriptors.weights.length]! + i,
      descriptors.outputs + head,
    );
  }
}

/** Rotates and rounds the new keys, rounds the new values, and stores both with their exponents. */
export function emitRemember(emit: Emitter, placement: Placement, at: (name: string) => string): void {
  const { shape, buffers, descriptors: d, layout, kvBits, share } = placement;
  const { headDim } = shape;
  const { from, to } = share.kvHeads;
  for (let head = from; head < to; head++) {
    const stretch = layout.keyValues.heads[head - from]!;
    const turn = head % buffers.words.rotated.length;
    const rotated = buffers.words.rotated[turn]!;
    const keyCodes = buffers.codes.keys + head * padded(headDim);
    emit.begin(at(`key head ${head}`));
    const key = buffers.words.k + head * headDim;
    if (rotates(shape)) emit.rotate(key, rotated, d.k, d.rotated[turn]!);
    else emit.peak(headDim, key, d.k, d.rotated[turn]!);
    const words = rotates(shape) ? rotated : key;
    emit.quantize(headDim, 1, kvBits, words, keyCodes, d.rotated[turn]!, d.keys + head);
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
