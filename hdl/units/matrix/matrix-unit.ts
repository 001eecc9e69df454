import { HEADER_BYTES } from "../../../models/formats/stream.ts";
import {
  array,
  assign,
  bit,
  delayed,
  instance,
  module,
  mux,
  signed,
  unsigned,
  unsignedConstant,
  wire,
} from "../../builder/index.ts";
import { packetBytes } from "../../formats/format.ts";
import { bitsFor } from "../bits.ts";
import { offersShape, type PiecewiseSource, streamReader } from "../stream-reader.ts";
import { beatSequencer, windowBits } from "./beat-sequencer.ts";
import { dequantizer } from "./dequantizer.ts";
import { commandShape } from "./group.ts";
import { runsAreEven } from "./group-rules.ts";
import { groupSequencer } from "./group-sequencer.ts";
import {
  isCacheFormat,
  type MatrixParameters,
  type MatrixSizes,
  type MatrixSource,
  matrixSizes,
} from "./parameters.ts";
import { placeShape, rowSums } from "./row-sums.ts";
import { sparseChain } from "./sparse-chain.ts";
import { PASS_BITS, wordWriter } from "./word-writer.ts";

/** The scale of sums that have none: mantissa 1, shift 0. */
const SCALE_OF_ONE = 1;

/**
 * The matrix unit: reads a matrix' stream from one of its sources, multiplies it with int8 activations, and gives out the
 * words of its rows. `start` takes a command that counts from the next cycle on. Packets are taken as soon as their bytes are
 * there and worked off beat by beat, for one activation vector after the other; a tile's words follow `latencyCycles` after
 * its last beat, while the next tile, or the next matrix, is under way.
 *
 * `code_read` asks for the activations of window `code_window` of column block `code_block` of vector `code_vector`: those
 * from 16 · block + window · `windowOf(parameters)` on. They have to be there in the cycle after, and only then.
 */
export function matrixUnit(parameters: MatrixParameters) {
  const sizes = matrixSizes(parameters);
  const { sources, prefixBytes, bodyBytes, rowBits, columnBits, latencyCycles, tileRows, maxTokens, window } =
    sizes;
  const lanes = Math.min(sizes.outputLanes, tileRows);
  const vectorBits = bitsFor(maxTokens - 1);
  return module(
    "matrix_unit",
    {
      description: `${sizes.lanes} multipliers, ${sizes.beatRows} rows a cycle, tiles of ${tileRows} rows.`,
      inputs: {
        start: bit,
        command: commandShape(sizes),
        offers: offersShape(sources),
        codes: array(window, signed(8)),
      },
      outputs: {
        // The last beat is under way or over: another command may be given.
        free: bit,
        pops: array(sources.length, bit),
        code_read: bit,
        code_vector: unsigned(vectorBits),
        code_block: unsigned(columnBits),
        code_window: unsigned(windowBits(sizes)),
        // Values hold until the next words; `row` is that of the first lane, of vector `vector`.
        words: array(lanes, { valid: bit, value: signed(32) }),
        row: unsigned(rowBits),
        vector: unsigned(vectorBits),
        // Number of the words' pass (the first after a reset is 0), and what it adds to the activations' exponent: that of
        // the stream's header and its places. They hold for `done` too.
        pass: unsigned(PASS_BITS),
        // Where what is known of passes lies in a memory: it is to be read at `pass_next` in cycles with `pass_reads`.
        pass_reads: bit,
        pass_next: unsigned(PASS_BITS),
        exponent: signed(9),
        // The pass' last words were written the cycle before.
        done: bit,
        busy: bit,
      },
    },
    (io) => {
      const bytes = wire("bytes", array(prefixBytes + bodyBytes, unsigned(8)));
      const header = wire("header", array(HEADER_BYTES, unsigned(8)));
      const ready = wire("bytes_ready", bit);
      const multipliersFree = wire("multipliers_free", bit);
      const tileFrees = wire("tile_frees", bit);

      const groups = instance("groups", groupSequencer(sizes), {
        start: io.start,
        command: io.command,
        bytes,
        header,
        bytes_ready: ready,
        multipliers_free: multipliersFree,
        tile_frees: tileFrees,
      });
      const reader = instance(
        "reader",
        streamReader({
          sources: sources.map((source) => streamSource(source, sizes)),
          prefixBytes,
          bodyBytes,
          openingBytes: HEADER_BYTES,
          ...bodiesOf(sizes),
        }),
        {
          offers: io.offers,
          source: groups.source,
          active: groups.active,
          skip: groups.skip,
          needed: groups.needed,
          take: groups.take,
          close: groups.close,
          resume: multipliersFree,
        },
      );
      assign(bytes, reader.bytes);
      assign(header, reader.opening);
      ready.set(reader.ready);

      const { beat, ...beats } = instance("beats", beatSequencer(sizes), {
        take: groups.take,
        group: groups.group,
        last_vector: groups.last_vector,
      });
      multipliersFree.set(beats.free);
      const unpacked = instance("dequantizer", dequantizer(sizes), {
        bytes,
        packing: groups.packing,
        load: groups.load,
        load_scales: groups.load_scales,
        mode: beat.mode,
        beat: beats.number,
        row: beat.row,
      });
      const { sums } = instance("chain", sparseChain(sizes), {
        weights: unpacked.weights,
        activations: io.codes,
        mode: delayed("mode_of_weights", beat.mode),
      });
      const one = unpacked.row_scales.map(() => unsignedConstant(SCALE_OF_ONE, 8));
      const read = wire("read", placeShape(sizes));
      const { rows } = instance("row_sums", rowSums(sizes), {
        beat,
        scales: mux(beats.scaled, unpacked.row_scales, one),
        sums,
        read,
      });

      // The writer's first words are there 3 cycles after a tile arrives.
      const writer = instance("writer", wordWriter(sizes), {
        arrives: delayed("tile_ended", beats.tile_ends, latencyCycles - 3, { reset: 0 }),
        tiles: groups.tiles,
        sums: rows,
      });
      assign(read, writer.read);
      tileFrees.set(writer.frees);

      io.free.set(groups.active.not().and(beats.free));
      assign(io.pops, reader.pops);
      io.code_read.set(beat.valid);
      io.code_vector.set(beat.vector);
      io.code_block.set(beats.column);
      io.code_window.set(beats.window);
      assign(io.words, writer.words);
      io.row.set(writer.row);
      io.vector.set(writer.vector);
      io.pass.set(writer.pass);
      io.pass_reads.set(writer.pass_reads);
      io.pass_next.set(writer.pass_next);
      io.exponent.set(writer.exponent);
      io.done.set(writer.done);
      io.busy.set(beats.busy);
    },
  );
}

/** Activations that the unit reads together: a word of the code memory. */
export const windowOf = (parameters: MatrixParameters): number => matrixSizes(parameters).window;

/** All that is taken of keys and values are whole packets; of weights it can be any number of bytes. */
function streamSource({ wordBytes, alignment, carries }: MatrixSource, sizes: MatrixSizes): PiecewiseSource {
  if (carries !== "keysAndValues") return { wordBytes, alignment, unit: 1 };
  const together = runsAreEven(sizes) ? sizes.packets : 1;
  const lengths = sizes.formats.filter(isCacheFormat).map((format) => together * packetBytes(format));
  const unit = Math.min(...lengths.map((length) => length & -length), wordBytes);
  return { wordBytes, alignment, unit };
}

/** How many bytes a taking can have behind its prefix, where these are few: a header's, and a packet's of each format. */
function bodiesOf({ formats, packets }: MatrixSizes): { readonly bodies?: readonly number[] } {
  if (packets > 1 || formats.some(({ pattern }) => pattern.counted)) return {};
  return { bodies: [HEADER_BYTES, ...formats.map(packetBytes)] };
}
