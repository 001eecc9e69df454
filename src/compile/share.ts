import type { DecodeOperators, Operator } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { InputError } from "../../models/errors.ts";
import { BLOCK, type QuantizedMatrix } from "../../models/formats/quantized-matrix.ts";

/** A stretch of rows, heads or vectors: `from` up to, not including, `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What one of `cores` cores computes. Key and value heads are dealt out with the query heads that they serve. */
export interface Share {
  readonly core: number;
  readonly cores: number;
  readonly heads: Range;
  readonly kvHeads: Range;
}

/** The first cores get one more where a count does not divide: core 0 has the largest share of everything. */
function dealt(count: number, core: number, cores: number): Range {
  const [each, more] = [Math.floor(count / cores), count % cores];
  const before = (index: number): number => index * each + Math.min(index, more);
  return { from: before(core), to: before(core + 1) };
}

/** @throws InputError where a core would have no head, or no rows of a matrix */
export function shareOf(shape: LlamaShape, core: number, cores: number): Share {
  const { heads, kvHeads, hiddenSize, intermediateSize, vocabSize } = shape;
  if (kvHeads < cores) {
    throw new InputError(
      `The machine has ${cores} cores, but the model has ${kvHeads} key and value heads: each core needs one.`,
    );
  }
  const fewest = Math.min(hiddenSize, intermediateSize, vocabSize);
  if (Math.ceil(fewest / BLOCK) < cores) {
    throw new InputError(
      `The machine has ${cores} cores, but one of the model's matrices has ${fewest} rows: each core needs ${BLOCK}.`,
    );
  }
  const own = dealt(kvHeads, core, cores);
  const sharing = heads / kvHeads;
  return { core, cores, kvHeads: own, heads: { from: own.from * sharing, to: own.to * sharing } };
}

/** The share of a machine with one core. */
export const wholeShare = (shape: LlamaShape): Share => shareOf(shape, 0, 1);

/** Rows of a matrix that the core computes: those of its heads for q, k and v, else an even share in blocks of 16. */
export function rowsOf(share: Share, matrix: string, rows: number, headDim: number): Range {
  const of = ({ from, to }: Range): Range => ({ from: from * headDim, to: to * headDim });
  if (matrix === "q") return of(share.heads);
  if (matrix === "k" || matrix === "v") return of(share.kvHeads);
  const { from, to } = dealt(Math.ceil(rows / BLOCK), share.core, share.cores);
  return { from: Math.min(rows, from * BLOCK), to: Math.min(rows, to * BLOCK) };
}

export const sizeOf = ({ from, to }: Range): number => to - from;

/** Rows of a matrix, as a matrix of their own; exponents stay those of the whole. */
export function rowsOfMatrix(matrix: QuantizedMatrix, { from, to }: Range): QuantizedMatrix {
  if (from === 0 && to === matrix.rows) return matrix;
  const groups = Math.ceil(matrix.cols / matrix.groupSize);
  return {
    ...matrix,
    rows: to - from,
    codes: matrix.codes.subarray(from * matrix.cols, to * matrix.cols),
    scales: matrix.scales.subarray(from * groups, to * groups),
  };
}

/** The operators with those alone that belong to the core's heads. */
export function ownOperators(operators: DecodeOperators, share: Share): DecodeOperators {
  const own = (operator: Operator): boolean =>
    operator.kind !== "attend" ||
    (operator.kvHead >= share.kvHeads.from && operator.kvHead < share.kvHeads.to);
  return { ...operators, layer: operators.layer.filter(own) };
}
