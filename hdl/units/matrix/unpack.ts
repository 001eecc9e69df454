import { mux, signed, type Unsigned, unsigned, unsignedConstant, type ValueOf } from "../../builder/index.ts";
import { packetBytes } from "../../formats/format.ts";
import type { NamedFormat } from "../../formats/library.ts";
import { choose } from "../choose.ts";
import { type MatrixSizes, PACKET, scalesOfGroup } from "./parameters.ts";

/** A kept weight as the chains take it: its code, and its column within the block. */
export const WEIGHT = { code: signed(8), column: unsigned(4) } as const;

type Weight = ValueOf<typeof WEIGHT>;

/** What a group of packets says: its weights, and the scale bytes of the rows that begin in it. */
export type Unpacked = {
  readonly weights: readonly Weight[];
  readonly scales: readonly Unsigned[];
};

/**
 * The group of packets that `bytes` begin with, as its format lays it out.
 * @param format number of the format in the unit's list
 * @param groupEnds scale bytes stand between the packets
 * @param secondHalf the group is the second packet of its row
 */
export function unpackGroup(
  { formats, packets, slots, scales }: MatrixSizes,
  bytes: Unsigned,
  format: Unsigned,
  groupEnds: Unsigned,
  secondHalf: Unsigned,
): Unpacked {
  const each = formats.map((one) => {
    const places = packetPlaces(one, packets, false);
    if (one.pattern.counted) return unpacked(bytes, one, places, slots, scales, secondHalf);
    const scaled = mux(
      packets === 1 ? groupEnds.and(secondHalf.not()) : groupEnds,
      unpacked(bytes, one, packetPlaces(one, packets, true), slots, scales, secondHalf),
      unpacked(bytes, one, places, slots, scales, secondHalf),
    );
    return scaled;
  });
  return choose(format, each);
}

/** Bytes at which packets begin, and those of the scale bytes before them. */
interface Places {
  readonly packets: readonly number[];
  readonly scales: readonly number[];
}

function packetPlaces(format: NamedFormat, packets: number, groupEnds: boolean): Places {
  const kept = Math.max(...format.pattern.kept);
  const places = { packets: [] as number[], scales: [] as number[] };
  let at = 0;
  for (let packet = 0; packet < packets; packet++) {
    // Rows that begin in this packet: a row of 16 weights begins in every second one.
    const rows = (packet * PACKET) % kept === 0 ? scalesOfGroup(format, 1) : 0;
    for (let row = 0; row < rows && groupEnds; row++) places.scales.push(at++);
    places.packets.push(at);
    at += packetBytes(format);
  }
  return places;
}

function unpacked(
  bytes: Unsigned,
  { bits, pattern }: NamedFormat,
  places: Places,
  slots: number,
  scales: number,
  secondHalf: Unsigned,
): Unpacked {
  const field = (low: number, width: number): Unsigned => bytes.bits(low + width - 1, low);
  const weights = Array.from({ length: slots }, (_, slot): Weight => {
    const first = 8 * places.packets[Math.floor(slot / PACKET)]!;
    const place = slot % PACKET;
    const { indexBits } = pattern;
    const index = indexBits === 0 ? null : field(first + place * indexBits, indexBits);
    const code = field(first + PACKET * indexBits + place * bits, bits).asSigned();
    const half = slots === PACKET ? secondHalf : unsignedConstant((slot >> 3) & 1, 1);
    return { code: code.extend(8), column: pattern.columnOf(index, slot, half) };
  });
  const none = unsignedConstant(0, 8);
  return {
    weights,
    scales: Array.from({ length: scales }, (_, i) =>
      places.scales[i] === undefined ? none : field(8 * places.scales[i], 8),
    ),
  };
}
