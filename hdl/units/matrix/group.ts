import { bit, unsigned, type ValueOf } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { beatBits } from "./dequantizer.ts";
import type { MatrixSizes } from "./parameters.ts";

/** What a matrix unit is told to compute. */
export const commandShape = ({
  rowBits,
  columnBits,
  formats,
  sources,
  maxTokens,
  tileBlocks,
}: MatrixSizes) => ({
  /** Number of the source that the stream comes from. */
  source: unsigned(bitsFor(sources.length - 1)),
  rows: unsigned(rowBits),
  column_blocks: unsigned(columnBits),
  /** Number of the last of the activation vectors that share the pass, counted from 0. */
  last_vector: unsigned(bitsFor(maxTokens - 1)),
  /** The stream begins with a header and has scales; otherwise its format is `format`. */
  weights: bit,
  format: unsigned(bitsFor(formats.length - 1)),
  /** Row blocks of each tile, the last one too, which is computed whole; 0: as many as there are, up to the unit's own. */
  whole_blocks: unsigned(bitsFor(tileBlocks)),
  /** Every tile, not the first only, begins at a multiple of the alignment. */
  aligned_tiles: bit,
});

/** A group of packets, or what stands before packets, as it goes from the sequencer to the multipliers. */
export const groupShape = (sizes: MatrixSizes) => ({
  /** Number of its last beat; for each activation vector there are as many. */
  last_beat: unsigned(beatBits(sizes)),
  /** They multiply, or scale rows of a skipped block. */
  works: bit,
  /** It takes its cycles once, not for each activation vector. */
  once: bit,
  mode: unsigned(bitsFor(sizes.modes.length - 1)),
  /** Its column block. */
  column: unsigned(sizes.columnBits),
  /** Its first weight begins row `row` of the tile; otherwise it goes on where the last group ended. */
  places_row: bit,
  row: unsigned(Math.log2(sizes.tileRows)),
  /** It is the second packet of a row. */
  continues_row: bit,
  begins_group: bit,
  ends_group: bit,
  begins_row: bit,
  /** Its rows have scales of their own. */
  scaled: bit,
  ends_tile: bit,
});
export type Group = ValueOf<ReturnType<typeof groupShape>>;
