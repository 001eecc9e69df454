import { dense } from "./dense.ts";
import { nOf16 } from "./n-of-16.ts";
import { nOfM } from "./n-of-m.ts";
import type { Pattern } from "./quantized-matrix.ts";

/** Columns of a block's row that are kept, in ascending order; all rows of a block keep equally many. */
export type KeptColumns = readonly number[];

/**
 * How a pattern of zeros is stored: a row of a block of 16 × 16 keeps `kept` weights, each with an index of
 * `indexBits` bits that says which column it belongs to.
 */
export interface SparsityFormat {
  /** Name for people and for the rooms of the other floors. */
  readonly name: string;
  /** Bits of index stored with each kept weight. */
  readonly indexBits: number;
  /** Bytes before a block's packets: a count of kept weights where it differs from block to block. */
  readonly blockHeaderBytes: 0 | 1;
  /**
   * Weights that each row of a block keeps (0, 2, 4, 8 or 16).
   * @param nonZero tells whether the weight at (row, column) of the block is not zero
   */
  keptOf(nonZero: (row: number, column: number) => boolean): number;
  /** Chooses `kept` columns of a row: every one that is not zero, and others where fewer are. */
  choose(nonZero: (column: number) => boolean, kept: number): KeptColumns;
  /** Index to be stored for the kept weight in `slot` that stands in `column`. */
  indexOf(column: number, slot: number): number;
  /** The column of the kept weight in `slot` with the stored `index`. */
  columnOf(index: number, slot: number): number;
}

/** The room of a pattern. */
export function sparsityFormat(pattern: Pattern): SparsityFormat {
  switch (pattern.kind) {
    case "dense":
      return dense;
    case "n:m":
      return nOfM(pattern.n, pattern.m);
    case "n:16":
      return nOf16;
  }
}
