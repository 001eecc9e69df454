import {
  array,
  assign,
  bit,
  module,
  mux,
  register,
  signedConstant,
  unsigned,
  unsignedConstant,
  type Value,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { type MatrixSizes, PACKET } from "./parameters.ts";
import { unpackGroup, WEIGHT } from "./unpack.ts";

const NO_WEIGHT = { code: signedConstant(0, 8), column: unsignedConstant(0, 4) };
const NO_SCALE = unsignedConstant(0, 8);

/**
 * Unpacks groups of packets, of every format that it is built for, into int8 weights with their columns, and holds the
 * scale bytes of the rows that begin there. What `load` takes is there in the cycle after; `advance` moves on to the
 * next beat's weights, `advance_rows` to the next rows' scales.
 */
export function dequantizer(sizes: MatrixSizes) {
  const { formats, groupBytes, modes, slots, lanes, scales, beatRows } = sizes;
  return module(
    "dequantizer",
    {
      description: `Unpacks ${formats.map(({ pattern, bits }) => `${pattern.name} of ${bits} bits`).join(", ")}.`,
      inputs: {
        bytes: unsigned(8 * groupBytes),
        format: unsigned(bitsFor(formats.length - 1)),
        load: bit,
        load_scales: bit,
        group_ends: bit,
        second_half: bit,
        packets: unsigned(bitsFor(sizes.packets)),
        mode: unsigned(bitsFor(modes.length - 1)),
        advance: bit,
        advance_rows: bit,
      },
      outputs: { weights: array(lanes, WEIGHT), row_scales: array(beatRows, unsigned(8)) },
    },
    (io) => {
      const weight = register("weight", array(slots, WEIGHT));
      const scale = register("scale", array(scales, unsigned(8)));
      const group = unpackGroup(sizes, io.bytes, io.format, io.group_ends, io.second_half);

      when(io.advance, () =>
        assign(
          weight,
          choose(
            io.mode,
            modes.map((mode) => movedOn(weight, mode.weights, NO_WEIGHT)),
          ),
        ),
      );
      when(io.advance_rows, () =>
        assign(
          scale,
          choose(
            io.mode,
            modes.map((mode) => movedOn(scale, mode.rows, NO_SCALE)),
          ),
        ),
      );
      when(io.load, () => {
        for (const [slot, { code, column }] of group.weights.entries()) {
          // Packets that are not there count as weights of zero.
          const there =
            sizes.packets === 1 ? unsignedConstant(1, 1) : io.packets.gt(Math.floor(slot / PACKET));
          weight[slot]!.code.set(mux(there, code, NO_WEIGHT.code));
          weight[slot]!.column.set(column);
        }
      });
      when(io.load_scales, () => {
        const sources = formats.map(({ pattern }) =>
          // Behind a block's count stand the scales of all its rows.
          pattern.counted
            ? group.scales.map((_, row) => io.bytes.bits(8 * row + 15, 8 * row + 8))
            : group.scales,
        );
        assign(scale, choose(io.format, sources));
      });
      assign(io.weights, weight.slice(0, lanes));
      assign(
        io.row_scales,
        Array.from({ length: beatRows }, (_, row) => scale[row] ?? NO_SCALE),
      );
    },
  );
}

/** Without the first `count`, and as many of `filler` behind. */
function movedOn<V extends Value>(values: readonly V[], count: number, filler: V): readonly V[] {
  return values.map((_, i) => values[i + count] ?? filler);
}
