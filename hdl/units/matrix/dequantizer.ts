import {
  array,
  assign,
  bit,
  lookup,
  module,
  register,
  signed,
  signedConstant,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type Value,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { type BeatMode, slotOf } from "./beat.ts";
import type { MatrixSizes } from "./parameters.ts";
import { unpackScales, unpackWeights } from "./unpack.ts";

/** A weight as a lane takes it: its code, and the number of the activation it belongs to among those that the lane sees. */
export const laneShape = ({ laneColumns }: Pick<MatrixSizes, "laneColumns">) => ({
  code: signed(8),
  choice: unsigned(choiceBits({ laneColumns })),
});

const choiceBits = ({ laneColumns }: Pick<MatrixSizes, "laneColumns">): number =>
  bitsFor(Math.max(...laneColumns.map((columns) => columns.length)) - 1);

/** What a group of packets is, as far as unpacking goes. */
export const packingShape = ({ formats }: Pick<MatrixSizes, "formats">) => ({
  format: unsigned(bitsFor(formats.length - 1)),
  /** Scale bytes stand between its packets. */
  group_ends: bit,
  /** It is the second packet of its row. */
  second_half: bit,
});

/**
 * Keeps a group of packets as it was read and unpacks, beat by beat, `lanes` weights of every format that it is built for
 * into int8 codes with their columns: the cycle after the beat. It keeps the scale bytes of the rows that begin there, too.
 * What is loaded counts from the next cycle on.
 */
export function dequantizer(sizes: MatrixSizes) {
  const { formats, modes, lanes, laneColumns, scales, beatRows, prefixBytes, bodyBytes, tileRows, slots } =
    sizes;
  return module(
    "dequantizer",
    {
      description: `Unpacks ${formats.map(({ pattern, bits }) => `${pattern.name} of ${bits} bits`).join(", ")}.`,
      inputs: {
        bytes: array(prefixBytes + bodyBytes, unsigned(8)),
        packing: packingShape(sizes),
        load: bit,
        load_scales: bit,
        // The beat's mode, its number within the group, and its first row.
        mode: unsigned(bitsFor(modes.length - 1)),
        beat: unsigned(beatBits(sizes)),
        row: unsigned(Math.log2(tileRows)),
      },
      outputs: {
        weights: array(lanes, laneShape(sizes)),
        // In the beat's own cycle.
        row_scales: array(beatRows, unsigned(8)),
      },
    },
    ({ bytes, packing, load, load_scales, mode, beat, row, weights, row_scales }) => {
      const packed = register("packed", array(bytes.length, unsigned(8)), { enable: load, next: bytes });
      const how = register("how", packingShape(sizes), { enable: load, next: packing });
      const unpacked = unpackWeights(sizes, packed, how.format, how.group_ends, how.second_half);
      const nothing = { code: signedConstant(0, 8), column: unsignedConstant(0, 4) };
      const dealt = modes.map((one) => {
        const beats = one.kept === 0 ? 1 : slots / one.weights;
        const each = Array.from({ length: beats }, (_, number) =>
          Array.from({ length: lanes }, (_, lane) => {
            const weight = lane < one.weights ? unpacked[slotOf(one, number, lane)] : undefined;
            return weight ?? nothing;
          }),
        );
        return chooseLow(beat, each);
      });
      // Lanes that a mode does not use may have anything: nothing adds up what they make.
      const next = choose(mode, dealt).map(({ code, column }, lane) => ({
        code,
        choice: choiceOf(column, laneColumns[lane]!, sizes),
      }));
      assign(weights, register("weight", array(lanes, laneShape(sizes)), { next }));

      const scale = register("scale", array(scales, unsigned(8)), {
        enable: load_scales,
        next: unpackScales(sizes, bytes, packing.format),
      });
      assign(
        row_scales,
        choose(
          mode,
          modes.map((one) => scalesOf(one, scale, row, sizes)),
        ),
      );
    },
  );
}

/** The number of a column among those that a lane sees. */
function choiceOf(
  column: Unsigned,
  columns: readonly number[],
  { window, laneColumns }: MatrixSizes,
): Unsigned {
  const bits = choiceBits({ laneColumns });
  const own = bitsFor(columns.length - 1);
  const inOrder = columns.every((one, number) => one % 2 ** own === number);
  if (inOrder || columns.length === 1) return column.truncate(own).extend(bits);
  const numbers = Array.from({ length: window }, (_, one) => Math.max(0, columns.indexOf(one)));
  return lookup(column.truncate(Math.log2(window)), unsigned(bits), numbers);
}

/** Bits of a beat's number within its group. */
export const beatBits = ({ modes, slots }: Pick<MatrixSizes, "modes" | "slots">): number =>
  bitsFor(
    Math.max(
      ...modes.map(({ kept, weights, rows }) => (kept === 0 ? 16 / Math.min(16, rows) : slots / weights)),
    ) - 1,
  );

/** The scales of a beat's rows: those of the group's rows, of which a power of two begin in it, stand in order. */
function scalesOf(
  { kept, counted, rows }: BeatMode,
  scale: readonly Unsigned[],
  row: Unsigned,
  { slots, beatRows, tileRows }: MatrixSizes,
): readonly Unsigned[] {
  const held = counted ? 16 : Math.min(tileRows, Math.max(1, slots / kept));
  const parts = Array.from({ length: Math.max(1, held / rows) }, (_, part) =>
    Array.from({ length: beatRows }, (_, i) => scale[part * rows + (i % rows)] ?? scale[0]!),
  );
  return parts.length === 1 ? parts[0]! : chooseLow(row.bits(row.width - 1, Math.log2(rows)), parts);
}

/** The value that the low bits of an index count. */
function chooseLow<V extends Value>(index: Unsigned, values: readonly V[]): V {
  return choose(values.length === 1 ? index : index.truncate(Math.log2(values.length)), values);
}
