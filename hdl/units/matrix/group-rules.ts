import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { mux, priority, type Unsigned, unsignedConstant } from "../../builder/index.ts";
import { packetBytes } from "../../formats/format.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { modeNumber } from "./beat.ts";
import { type MatrixSizes, PACKET, scalesOfGroup } from "./parameters.ts";

/** The low `width` bits, with zeros above where there are not as many. */
export const lowBits = (value: Unsigned, width: number): Unsigned =>
  value.width >= width ? value.truncate(width) : value.extend(width);

/** Blocks of the format count for themselves. */
export const isCounted = (formats: MatrixSizes["formats"], format: Unsigned): Unsigned =>
  choose(
    format,
    formats.map(({ pattern }) => unsignedConstant(pattern.counted ? 1 : 0, 1)),
  );

/** The number of the format that a header's first byte says. */
export function formatSaid({ formats }: MatrixSizes, byte: Unsigned): Unsigned {
  const bits = bitsFor(formats.length - 1);
  const numbers = formats.map(
    ({ headerByte }, i) => [byte.eq(headerByte), unsignedConstant(i, bits)] as const,
  );
  return priority(numbers, unsignedConstant(0, bits));
}

/** The mode of a format whose blocks all keep equally many weights. */
export function modeOfFormat({ formats, modes }: MatrixSizes, format: Unsigned): Unsigned {
  const bits = bitsFor(modes.length - 1);
  return choose(
    format,
    formats.map((one) => unsignedConstant(modeNumber(modes, one, one.pattern.kept[0]!), bits)),
  );
}

/** The mode of a block that says its count. */
export function modeOfCount({ modes }: MatrixSizes, count: Unsigned): Unsigned {
  const bits = bitsFor(modes.length - 1);
  const numbers = modes.flatMap(({ kept, counted }, i) =>
    counted ? [[count.eq(kept), unsignedConstant(i, bits)] as const] : [],
  );
  return priority(numbers, unsignedConstant(0, bits));
}

/** Rows keep 16 weights: two packets each. */
export const isSixteen = ({ modes }: MatrixSizes, mode: Unsigned): Unsigned =>
  choose(
    mode,
    modes.map(({ kept }) => unsignedConstant(kept === BLOCK ? 1 : 0, 1)),
  );

/** Row blocks of the tile that begins where `rowsLeft` rows are left. */
export function tileBlocksOf(rowsLeft: Unsigned, whole: Unsigned, tileBlocks: number): Unsigned {
  const bits = bitsFor(tileBlocks);
  const all = unsignedConstant(tileBlocks, bits);
  if (tileBlocks === 1) return all;
  const left = rowsLeft.add(BLOCK - 1).shr(4);
  return mux(whole.or(left.ge(tileBlocks)), all, lowBits(left, bits));
}

/** Packets of a run: those of a block that counts for itself, or of all blocks of the tile. */
export function runPackets(
  { modes, tileBlocks }: MatrixSizes,
  mode: Unsigned,
  counted: Unsigned,
  blocks: Unsigned,
): Unsigned {
  const bits = bitsFor(tileBlocks * 2 * BLOCK);
  const perBlock = modes.map(({ kept }) => unsignedConstant(2 * kept, bits));
  const perTile = modes.map(({ kept }) => lowBits(blocks.mul(2 * kept), bits));
  return mux(counted, choose(mode, perBlock), choose(mode, perTile));
}

/** Bytes of a block's count, and of the scales of its rows where a group ends. */
export function countBytes({ groupBytes }: MatrixSizes, scales: Unsigned): Unsigned {
  const bits = bitsFor(groupBytes);
  const number = (bytes: number): Unsigned => unsignedConstant(Math.min(bytes, 2 ** bits - 1), bits);
  return mux(scales, number(1 + BLOCK), number(1));
}

interface Packets {
  readonly format: Unsigned;
  readonly mode: Unsigned;
  readonly count: Unsigned;
  readonly scales: Unsigned;
  readonly secondHalf: Unsigned;
}

/** Bytes of `count` packets, with the scale bytes of the rows that begin in them. */
export function groupLength(sizes: MatrixSizes, { format, count, scales, secondHalf }: Packets): Unsigned {
  const { formats, packets, groupBytes } = sizes;
  const bits = bitsFor(groupBytes);
  const begins = packets === 1 ? scales.and(secondHalf.not()) : scales;
  return choose(
    format,
    formats.map((one) => {
      const bytes = lowBits(count.mul(packetBytes(one)), bits);
      if (one.pattern.counted) return bytes;
      const kept = Math.max(...one.pattern.kept);
      const rows =
        packets === 1
          ? unsignedConstant(scalesOfGroup(one, 1), bits)
          : lowBits(count.mul(PACKET).shr(Math.log2(kept)), bits);
      return mux(begins, bytes.addWrap(rows), bytes);
    }),
  );
}

interface Work {
  readonly mode: Unsigned;
  readonly count: Unsigned;
  readonly atPackets: Unsigned;
  readonly rescales: Unsigned;
}

/** Cycles that the multipliers are busy: `weights` of a beat, or rows of a skipped block, in each; else one. */
export function groupCycles(sizes: MatrixSizes, { mode, count, atPackets, rescales }: Work): Unsigned {
  const bits = cyclesBits(sizes);
  const one = unsignedConstant(1, bits);
  const ofPackets = sizes.modes.map(({ kept, weights }) => (kept === 0 ? one : beats(count, weights, bits)));
  const ofSkipped = sizes.modes.find(({ kept }) => kept === 0);
  const rescaling = unsignedConstant(ofSkipped === undefined ? 1 : BLOCK / ofSkipped.rows, bits);
  return mux(atPackets, choose(mode, ofPackets), mux(rescales, rescaling, one));
}

/** ceil(8 · packets / weights) */
function beats(packets: Unsigned, weights: number, bits: number): Unsigned {
  if (weights <= PACKET) return lowBits(packets.mul(PACKET / weights), bits);
  const perBeat = weights / PACKET;
  return lowBits(packets.add(perBeat - 1).shr(Math.log2(perBeat)), bits);
}

/** Bits of a number of cycles that a group takes. */
export function cyclesBits({ modes, slots }: MatrixSizes): number {
  return bitsFor(
    Math.max(...modes.map(({ kept, weights, rows }) => (kept === 0 ? BLOCK / rows : slots / weights))),
  );
}
