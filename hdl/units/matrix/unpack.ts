import {
  concat,
  mux,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type ValueOf,
} from "../../builder/index.ts";
import { packetBytes } from "../../formats/format.ts";
import type { NamedFormat } from "../../formats/library.ts";
import { choose } from "../choose.ts";
import { PACKET } from "./beat.ts";
import { type MatrixSizes, prefixOf, scalesOfGroup } from "./parameters.ts";

/** A kept weight as it is stored: its code, and its column within the block. */
export const WEIGHT = { code: signed(8), column: unsigned(4) } as const;

export type Weight = ValueOf<typeof WEIGHT>;

/**
 * The weights of the group of packets that `bytes` hold, as its format lays them out.
 * @param format number of the format in the unit's list
 * @param groupEnds scale bytes stand between the packets
 * @param secondHalf the group is the second packet of its row
 */
export function unpackWeights(
  { formats, packets, slots, prefixBytes }: MatrixSizes,
  bytes: readonly Unsigned[],
  format: Unsigned,
  groupEnds: Unsigned,
  secondHalf: Unsigned,
): readonly Weight[] {
  const each = formats.map((one) => {
    const at = (scaled: boolean) =>
      weightsAt(bytes, one, packetPlaces(one, packets, scaled), prefixBytes, slots, secondHalf);
    return packets === 1 || one.pattern.counted ? at(false) : mux(groupEnds, at(true), at(false));
  });
  return choose(format, each);
}

/** The scale bytes of the rows that begin in the group, where their group ends. */
export function unpackScales(
  { formats, packets, scales, prefixBytes }: MatrixSizes,
  bytes: readonly Unsigned[],
  format: Unsigned,
): readonly Unsigned[] {
  const each = formats.map((one) => {
    const places = scalePlaces(one, packets);
    return Array.from({ length: scales }, (_, i) => {
      const at = places[i];
      return at === undefined ? null : bytes[prefixBytes + at]!;
    });
  });
  // Formats that have no such byte leave it to the others.
  return Array.from({ length: scales }, (_, i) => {
    const some = each.map((one) => one[i]).find((byte) => byte !== null && byte !== undefined);
    const nothing = some ?? unsignedConstant(0, 8);
    return choose(
      format,
      each.map((one) => one[i] ?? nothing),
    );
  });
}

/** Rows that begin with a packet: a row of 16 weights begins in every second one. */
const beginning = (format: NamedFormat, packet: number): number =>
  (packet * PACKET) % Math.max(...format.pattern.kept) === 0 ? scalesOfGroup(format, 1) : 0;

/** Bytes at which packets begin, from the body's first on. */
function packetPlaces(format: NamedFormat, packets: number, scaled: boolean): readonly number[] {
  let at = 0;
  return Array.from({ length: packets }, (_, packet) => {
    if (packet > 0) at += packetBytes(format) + (scaled ? beginning(format, packet) : 0);
    return at;
  });
}

/** Where scale bytes stand, from the body's first byte on: before the packets in which rows begin, or all ahead. */
function scalePlaces(format: NamedFormat, packets: number): readonly number[] {
  if (format.pattern.counted)
    return Array.from({ length: prefixOf(format) - 1 }, (_, row) => row + 1 - prefixOf(format));
  return packetPlaces(format, packets, true).flatMap((place, packet) => {
    const rows = beginning(format, packet);
    return Array.from({ length: rows }, (_, row) => place - rows + row);
  });
}

function weightsAt(
  bytes: readonly Unsigned[],
  { bits, pattern }: NamedFormat,
  places: readonly number[],
  prefixBytes: number,
  slots: number,
  secondHalf: Unsigned,
): readonly Weight[] {
  return Array.from({ length: slots }, (_, slot): Weight => {
    const first = 8 * (prefixBytes + places[Math.floor(slot / PACKET)]!);
    const place = slot % PACKET;
    const { indexBits } = pattern;
    const index = indexBits === 0 ? null : field(bytes, first + place * indexBits, indexBits);
    const code = field(bytes, first + PACKET * indexBits + place * bits, bits).asSigned();
    const half = slots === PACKET ? secondHalf : unsignedConstant((slot >> 3) & 1, 1);
    return { code: code.extend(8), column: pattern.columnOf(index, slot, half) };
  });
}

/** Up to 8 bits from bit `low` on. */
function field(bytes: readonly Unsigned[], low: number, width: number): Unsigned {
  const byte = bytes[low >> 3]!;
  const from = low & 7;
  if (from + width <= 8) return byte.bits(from + width - 1, from);
  return concat(bytes[(low >> 3) + 1]!.bits(from + width - 9, 0), byte.bits(7, from));
}
