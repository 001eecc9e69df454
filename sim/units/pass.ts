import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../models/formats/stream.ts";
import type { StreamPlan } from "../../src/compile/stream-plan.ts";

/** A pass over a matrix: what the timing of MV and MM depends on. */
export interface Pass {
  readonly rows: number;
  readonly cols: number;
  readonly tileBlocks: number;
  readonly bits: number;
  readonly indexBits: number;
  /** Columns that share a scale byte; null for keys and values, which have none in their stream. */
  readonly groupSize: number | null;
  /** Weights a row of each block, in stream order, or of all blocks. */
  readonly kept: number | Uint8Array;
  readonly headerBytes: number;
  /** Each tile's stream begins with a new word: values are loaded tile by tile. */
  readonly alignedTiles: boolean;
  /** The last tile, too, is loaded and computed whole. */
  readonly wholeTiles: boolean;
  readonly tokens: number;
  /** Cause to be booked while its stream is awaited. */
  readonly starvedBy: string;
}

const PLAIN = {
  indexBits: 0,
  kept: BLOCK,
  groupSize: null,
  headerBytes: 0,
  alignedTiles: false,
  wholeTiles: false,
} as const;

export function weightsPass(plan: StreamPlan, tileBlocks: number, tokens: number): Pass {
  const { rows, cols, bits, indexBits, groupSize, kept } = plan;
  return {
    ...PLAIN,
    rows,
    cols,
    bits,
    indexBits,
    groupSize,
    kept,
    tileBlocks,
    tokens,
    headerBytes: HEADER_BYTES,
    starvedBy: "weights",
  };
}

/** Dot products with the keys of `tokens` tokens; whole tiles of keys are loaded. */
export function keysPass(
  keys: number,
  headDim: number,
  tileBlocks: number,
  bits: number,
  tokens: number,
): Pass {
  return {
    ...PLAIN,
    rows: keys,
    cols: headDim,
    bits,
    tileBlocks,
    wholeTiles: true,
    tokens,
    starvedBy: "keys",
  };
}

/** Sums over the values of `values` tokens. */
export function valuesPass(
  headDim: number,
  values: number,
  tileBlocks: number,
  bits: number,
  tokens: number,
): Pass {
  return {
    ...PLAIN,
    rows: headDim,
    cols: values,
    bits,
    tileBlocks,
    alignedTiles: true,
    tokens,
    starvedBy: "values",
  };
}
