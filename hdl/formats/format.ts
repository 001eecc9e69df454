import type { WeightBits } from "../../models/formats/quantized-matrix.ts";
import type { Unsigned } from "../builder/index.ts";

/** Neighbouring columns of a block. */
export interface Columns {
  readonly first: number;
  readonly count: number;
}

/** What a circuit has to know of a pattern of zeros: where the kept weight of a slot belongs, and what stands before packets. */
export interface PatternCircuit {
  /** Name of the room on every floor. */
  readonly name: string;
  /** Counts of kept weights in a row of a block that occur; powers of two. */
  readonly kept: readonly number[];
  readonly indexBits: number;
  /** A block begins with a byte that says its count. */
  readonly counted: boolean;
  /** Columns of the block that a row's kept weight can belong to, by its place in the row. */
  columnsOf(place: number): Columns;
  /**
   * The column within the block, 4 bits.
   * @param index as stored, `indexBits` wide; null where none is
   * @param slot place of the weight in its packet's half of the row
   * @param secondHalf the packet is the second one of its row (16 kept weights)
   */
  columnOf(index: Unsigned | null, slot: number, secondHalf: Unsigned): Unsigned;
}

/** A format that a circuit can read: width of a weight's code, and pattern. */
export interface FormatCircuit {
  readonly bits: WeightBits;
  readonly pattern: PatternCircuit;
}

/** Bytes of a packet of 8 kept weights: as many as a weight has bits. */
export const packetBytes = ({ bits, pattern }: FormatCircuit): number => bits + pattern.indexBits;
