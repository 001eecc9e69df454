import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { HEADER_BYTES } from "../../../models/formats/stream.ts";
import {
  array,
  assign,
  bit,
  instance,
  module,
  mux,
  register,
  signed,
  unsigned,
  unsignedConstant,
  wire,
} from "../../builder/index.ts";
import { offersShape, streamReader } from "../stream-reader.ts";
import { beatSequencer } from "./beat-sequencer.ts";
import { dequantizer } from "./dequantizer.ts";
import { commandShape } from "./group.ts";
import { groupSequencer } from "./group-sequencer.ts";
import { LEAST_LATENCY, type MatrixParameters, matrixSizes } from "./parameters.ts";
import { rowSums } from "./row-sums.ts";
import { sparseChain } from "./sparse-chain.ts";
import { PASS_BITS, wordWriter } from "./word-writer.ts";

/** The scale of sums that have none: mantissa 1, shift 0. */
const SCALE_OF_ONE = 1;

/**
 * The matrix unit: reads a matrix' stream, multiplies it with int8 activations, and gives out the words of its rows. `start`
 * takes a command that counts from the next cycle on. Packets are taken as soon as their bytes are there and worked off beat
 * by beat; a tile's words follow `latencyCycles` after its last beat, while the next tile is under way.
 *
 * `block_read` asks for the 16 activations of column block `block`; they have to be there in the cycle after, and to stay.
 */
export function matrixUnit(parameters: MatrixParameters) {
  const sizes = matrixSizes(parameters);
  const { sources, groupBytes, tileRows, rowBits, columnBits, latencyCycles } = sizes;
  const lanes = Math.min(sizes.outputLanes, tileRows);
  return module(
    "matrix_unit",
    {
      description: `${sizes.lanes} multipliers, ${sizes.beatRows} rows a cycle, tiles of ${tileRows} rows.`,
      inputs: {
        start: bit,
        command: commandShape(sizes),
        offers: offersShape(sources),
        activations: array(BLOCK, signed(8)),
      },
      outputs: {
        // The last beat is under way or over: another command may be given.
        free: bit,
        pops: array(sources.length, bit),
        block_read: bit,
        block: unsigned(columnBits),
        words: array(lanes, { valid: bit, value: signed(32) }),
        row: unsigned(rowBits),
        // Number of the words' pass (the first after a reset is 0), and what it adds to the activations' exponent: that of
        // the stream's header and its places. They hold for `done` too.
        pass: unsigned(PASS_BITS),
        exponent: signed(9),
        // The pass' last word was written the cycle before.
        done: bit,
        busy: bit,
      },
    },
    (io) => {
      const bytes = wire("bytes", unsigned(8 * groupBytes));
      const ready = wire("bytes_ready", bit);
      const multipliersFree = wire("multipliers_free", bit);
      const frees = wire("set_frees", array(2, bit));

      const groups = instance("groups", groupSequencer(sizes), {
        start: io.start,
        command: io.command,
        bytes: bytes.truncate(8 * HEADER_BYTES),
        bytes_ready: ready,
        multipliers_free: multipliersFree,
        set_frees: frees,
      });
      const reader = instance("reader", streamReader({ sources, mostBytes: groupBytes }), {
        source: groups.source,
        offers: io.offers,
        active: groups.active,
        needed: groups.needed,
        take: groups.take,
        close: groups.close,
        resume: multipliersFree,
      });
      bytes.set(reader.bytes);
      ready.set(reader.ready);

      const { beat, ...beats } = instance("beats", beatSequencer(sizes), {
        take: groups.take,
        group: groups.group,
      });
      multipliersFree.set(beats.free);
      const unpacked = instance("dequantizer", dequantizer(sizes), {
        bytes,
        ...groups.unpacking,
        mode: beat.mode,
        advance: beats.advance,
        advance_rows: beats.advance_rows,
      });
      const { sums } = instance("chain", sparseChain(sizes), {
        weights: unpacked.weights,
        activations: io.activations,
        mode: beat.mode,
      });
      const one = unpacked.row_scales.map(() => unsignedConstant(SCALE_OF_ONE, 8));
      const readSet = wire("read_set", bit);
      const readAddress = wire("read_address", unsigned(Math.max(1, Math.log2(tileRows / sizes.banks))));
      const { rows } = instance("row_sums", rowSums(sizes), {
        beat,
        scales: mux(beats.scaled, unpacked.row_scales, one),
        sums,
        read_set: readSet,
        read_address: readAddress,
      });

      // The writer asks for the first sums a cycle before their words are due.
      let ended = { tile: beats.tile_ends, set: beat.set };
      for (let i = 1; i <= latencyCycles - LEAST_LATENCY + 4; i++)
        ended = register(`tile_ended_${i}`, { tile: bit, set: bit }, { reset: 0, next: ended });
      const writer = instance("writer", wordWriter(sizes), {
        arrives: ended.tile,
        arriving_set: ended.set,
        tiles: groups.tiles,
        sums: rows,
      });
      readSet.set(writer.read_set);
      readAddress.set(writer.read_address);
      assign(frees, writer.frees);

      io.free.set(groups.active.not().and(beats.free));
      assign(io.pops, reader.pops);
      io.block_read.set(groups.block_read);
      io.block.set(groups.block);
      assign(io.words, writer.words);
      io.row.set(writer.row);
      io.pass.set(writer.pass);
      io.exponent.set(writer.exponent);
      io.done.set(writer.done);
      io.busy.set(beats.busy);
    },
  );
}
