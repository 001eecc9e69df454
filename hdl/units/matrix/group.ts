import { bit, unsigned, type ValueOf } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { cyclesBits } from "./group-rules.ts";
import type { MatrixSizes } from "./parameters.ts";

/** What a matrix unit is told to compute. */
export const commandShape = ({ rowBits, columnBits, formats, sources }: MatrixSizes) => ({
  rows: unsigned(rowBits),
  /** Number of the source that the stream comes from. */
  source: unsigned(bitsFor(sources.length - 1)),
  column_blocks: unsigned(columnBits),
  /** The stream begins with a header and has scales; otherwise its format is `format`. */
  weights: bit,
  format: unsigned(bitsFor(formats.length - 1)),
  /** The last tile, too, is computed whole. */
  whole_tiles: bit,
  /** Every tile, not the first only, begins at a multiple of the alignment. */
  aligned_tiles: bit,
});
export type Command = ValueOf<ReturnType<typeof commandShape>>;

/** A group of packets, or what stands before packets, as it goes from the sequencer to the multipliers. */
export const groupShape = (sizes: MatrixSizes) => ({
  /** Cycles that it keeps the multipliers busy. */
  cycles: unsigned(cyclesBits(sizes)),
  /** They multiply, or scale rows of a skipped block. */
  works: bit,
  mode: unsigned(bitsFor(sizes.modes.length - 1)),
  /** Its first weight begins row `row` of the tile; otherwise it goes on where the last group ended. */
  places_row: bit,
  row: unsigned(Math.log2(sizes.tileRows)),
  begins_group: bit,
  ends_group: bit,
  begins_row: bit,
  /** Its rows have scales of their own. */
  scaled: bit,
  set: bit,
  ends_tile: bit,
});
export type Group = ValueOf<ReturnType<typeof groupShape>>;

/** What the dequantizer has to do with the bytes that are taken. */
export const unpackingShape = (sizes: MatrixSizes) => ({
  load: bit,
  load_scales: bit,
  format: unsigned(bitsFor(sizes.formats.length - 1)),
  /** Scale bytes stand between the packets. */
  group_ends: bit,
  second_half: bit,
  packets: unsigned(bitsFor(sizes.packets)),
});
