import { accumulatorBound } from "../../models/decoder/integer/linear.ts";
import { widthFor } from "../../models/decoder/integer/model.ts";
import { PACKET } from "../../models/formats/packet.ts";
import {
  BLOCK,
  type Pattern,
  type QuantizedMatrix,
  type WeightBits,
} from "../../models/formats/quantized-matrix.ts";
import { MAX_SCALE } from "../../models/formats/scale.ts";
import { sparsityFormat } from "../../models/formats/sparsity.ts";
import { HEADER_BYTES } from "../../models/formats/stream.ts";

/** What a machine needs to know of a matrix to stream it: its size and how many weights each block keeps. */
export interface StreamPlan {
  readonly rows: number;
  readonly cols: number;
  readonly bits: WeightBits;
  readonly indexBits: number;
  readonly groupSize: number;
  /** Weights a row of each block, in stream order; a single number where all blocks keep equally many. */
  readonly kept: number | Uint8Array;
  /** Bytes before a block's packets. */
  readonly blockHeaderBytes: number;
  /** Bits that a row's sum can need, sign included. */
  readonly sumBits: number;
  /** Bytes of the stream by what they are; codes of pruned places that fill up a pattern count as codes. */
  readonly bytes: StreamBytes;
}

export interface StreamBytes {
  readonly header: number;
  readonly codes: number;
  readonly indices: number;
  /** Counts of kept weights before blocks. */
  readonly counts: number;
  readonly scales: number;
  readonly total: number;
}

/** A format without a matrix: what `--weights` and `--sparsity` say. */
export interface StreamFormat {
  readonly bits: WeightBits;
  readonly groupSize: number;
  readonly pattern: Pattern;
  /** Codes alone: scales, indices and counts are not in the stream. For comparison with others' byte counts; nothing can run it. */
  readonly codesOnly?: boolean;
}

/** The plan of a matrix with its weights: exactly what `encodeMatrix` writes. */
export function planOf(matrix: QuantizedMatrix, tileBlocks: number): StreamPlan {
  const format = sparsityFormat(matrix.pattern);
  const sumBits = widthFor(accumulatorBound(matrix));
  if (format.blockHeaderBytes === 0) return { ...planFor(matrix.rows, matrix.cols, matrix), sumBits };
  const { rows, cols, codes } = matrix;
  const nonZero = (row: number, col: number): boolean =>
    row < rows && col < cols && codes[row * cols + col] !== 0;
  const kept: number[] = [];
  for (const [row, col] of blocksInStreamOrder(rows, cols, tileBlocks)) {
    kept.push(format.keptOf((r, c) => nonZero(row + r, col + c)));
  }
  return { ...assemble(rows, cols, matrix, Uint8Array.from(kept)), sumBits };
}

/** The plan of a matrix of which only the size and the format are known. */
export function planFor(rows: number, cols: number, format: StreamFormat): StreamPlan {
  const { pattern } = format;
  if (pattern.kind !== "n:16")
    return assemble(
      rows,
      cols,
      format,
      sparsityFormat(pattern).keptOf(() => true),
    );
  return assemble(rows, cols, format, countsWithDensity(blocksOf(rows) * blocksOf(cols), pattern.density));
}

const blocksOf = (size: number): number => Math.ceil(size / BLOCK);

/** First row and column of each block, in the order of the stream. */
export function* blocksInStreamOrder(
  rows: number,
  cols: number,
  tileBlocks: number,
): Generator<[number, number]> {
  for (let tile = 0; tile < rows; tile += tileBlocks * BLOCK) {
    const tileEnd = Math.min(rows, tile + tileBlocks * BLOCK);
    for (let col = 0; col < cols; col += BLOCK) {
      for (let row = tile; row < tileEnd; row += BLOCK) yield [row, col];
    }
  }
}

/** Kept counts spread evenly (as a line is drawn on a raster) between the two that enclose the density. */
function countsWithDensity(blocks: number, density: number): Uint8Array {
  const wanted = density * BLOCK;
  const steps = [0, 2, 4, 8, 16];
  const upper = steps.find((step) => step >= wanted) ?? 16;
  const lower = [...steps].reverse().find((step) => step <= wanted) ?? 0;
  const share = upper === lower ? 1 : (wanted - lower) / (upper - lower);
  return Uint8Array.from({ length: blocks }, (_, i) =>
    Math.floor((i + 1) * share) > Math.floor(i * share) ? upper : lower,
  );
}

function assemble(rows: number, cols: number, format: StreamFormat, kept: number | Uint8Array): StreamPlan {
  const { codesOnly = false } = format;
  const coded = sparsityFormat(format.pattern);
  const indexBits = codesOnly ? 0 : coded.indexBits;
  const blockHeaderBytes = codesOnly ? 0 : coded.blockHeaderBytes;
  const blocks = blocksOf(rows) * blocksOf(cols);
  const keptOfAll = typeof kept === "number" ? kept * blocks : kept.reduce((sum, count) => sum + count, 0);
  const packets = (keptOfAll * BLOCK) / PACKET;
  const bytes = {
    header: codesOnly ? 0 : HEADER_BYTES,
    codes: packets * format.bits,
    indices: packets * indexBits,
    counts: blocks * blockHeaderBytes,
    scales: codesOnly ? 0 : blocksOf(rows) * BLOCK * Math.ceil(cols / format.groupSize),
  };
  const total = bytes.header + bytes.codes + bytes.indices + bytes.counts + bytes.scales;
  return {
    rows,
    cols,
    bits: format.bits,
    groupSize: format.groupSize,
    indexBits,
    blockHeaderBytes,
    kept,
    sumBits: widthFor(largestSum(cols, format)),
    bytes: { ...bytes, total },
  };
}

/** Largest sum that a row of any weights in this format can make: every code and every scale as large as can be. */
function largestSum(cols: number, { bits, pattern }: StreamFormat): number {
  const share = pattern.kind === "n:m" ? pattern.n / pattern.m : 1;
  return Math.ceil(cols * share) * 2 ** (bits - 1) * MAX_SCALE * 128;
}
