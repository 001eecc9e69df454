import { BLOCK } from "../../../models/formats/quantized-matrix.ts";
import { mux, priority, type Unsigned, unsignedConstant } from "../../builder/index.ts";
import { packetBytes } from "../../formats/format.ts";
import { bitsFor } from "../bits.ts";
import { choose } from "../choose.ts";
import { modeNumber, PACKET } from "./beat.ts";
import { beatBits } from "./dequantizer.ts";
import { type MatrixSizes, prefixOf } from "./parameters.ts";

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
  // The last one needs no comparison: a stream says one of them.
  return priority(numbers.slice(0, -1), unsignedConstant(formats.length - 1, bits));
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

/** Number of the row block of a row. */
export const blocksOf = (row: Unsigned): Unsigned =>
  row.width <= 4 ? unsignedConstant(0, 1) : row.bits(row.width - 1, 4);

/** a < b, of any widths. */
export function isBelow(a: Unsigned, b: Unsigned): Unsigned {
  const bits = Math.max(a.width, b.width);
  return a.extend(bits).lt(b.extend(bits));
}

/** Row blocks of a tile of `size` blocks; of one that is cut short, those up to `lastRow`. */
export function tileBlocksOf(lastRow: Unsigned, cut: Unsigned, size: Unsigned): Unsigned {
  return mux(cut, lowBits(lowBits(lastRow, size.width + 4).shr(4), size.width).addWrap(1), size);
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
  if (tileBlocks === 1) return choose(mode, perBlock);
  const perTile = modes.map(({ kept }) => lowBits(blocks.mul(2 * kept), bits));
  return mux(counted, choose(mode, perBlock), choose(mode, perTile));
}

/** Runs are whole multiples of the packets that are taken together. */
export const runsAreEven = ({ modes, packets }: MatrixSizes): boolean =>
  modes.every(({ kept }) => (2 * kept) % packets === 0);

interface Taking {
  readonly format: Unsigned;
  /** The first packets of a block that counts for itself. */
  readonly atBlock: Unsigned;
  readonly counted: Unsigned;
  /** Packets; none of a skipped block. */
  readonly count: Unsigned;
  readonly scales: Unsigned;
  readonly secondHalf: Unsigned;
}

/** Bytes of the prefix that stay empty: it has scales of rows that begin with the packet, or a block's count and scales. */
export function prefixSkip(
  sizes: MatrixSizes,
  { format, atBlock, scales, secondHalf }: Omit<Taking, "count" | "counted">,
): Unsigned {
  const { prefixBytes } = sizes;
  const but = (bytes: number): Unsigned => unsignedConstant(prefixBytes - bytes, bitsFor(prefixBytes));
  return choose(
    format,
    sizes.formats.map((one) => {
      const most = prefixOf(one);
      if (one.pattern.counted) return mux(atBlock, mux(scales, but(most), but(1)), but(0));
      return mux(scales.and(secondHalf.not()), but(most), but(0));
    }),
  );
}

/** Bytes of packets, with all that stands before and between them. */
export function groupLength(sizes: MatrixSizes, taking: Taking): Unsigned {
  const { formats, packets, prefixBytes, bodyBytes } = sizes;
  const bits = bitsFor(prefixBytes + bodyBytes);
  const { format, count, scales, secondHalf, atBlock } = taking;
  return choose(
    format,
    formats.map((one) => {
      const { pattern } = one;
      const bytes = lowBits(count.mul(packetBytes(one)), bits);
      const more = (number: number): Unsigned => unsignedConstant(number, bits);
      if (pattern.counted)
        return mux(atBlock, bytes.addWrap(mux(scales, more(prefixOf(one)), more(1))), bytes);
      if (packets === 1) {
        const scaled = scales.and(secondHalf.not());
        return mux(scaled, more(packetBytes(one) + prefixOf(one)), more(packetBytes(one)));
      }
      const rows = lowBits(count.mul(PACKET).shr(Math.log2(Math.max(...pattern.kept))), bits);
      return mux(scales, bytes.addWrap(rows), bytes);
    }),
  );
}

interface Work {
  readonly mode: Unsigned;
  readonly count: Unsigned;
  readonly multiplies: Unsigned;
  readonly rescales: Unsigned;
}

/** The number of the last beat: `weights` of one are multiplied, or rows of a skipped block scaled; else there is one. */
export function lastBeat(sizes: MatrixSizes, { mode, count, multiplies, rescales }: Work): Unsigned {
  const bits = beatBits(sizes);
  const first = unsignedConstant(0, bits);
  const ofPackets = sizes.modes.map(({ kept, weights }) =>
    kept === 0 ? first : lastOf(count, weights, bits, sizes),
  );
  const skipped = sizes.modes.find(({ kept }) => kept === 0);
  const rescaling = unsignedConstant(skipped === undefined ? 0 : BLOCK / skipped.rows - 1, bits);
  return mux(multiplies, choose(mode, ofPackets), mux(rescales, rescaling, first));
}

/** ceil(8 · packets / weights) − 1 */
function lastOf(count: Unsigned, weights: number, bits: number, { packets }: MatrixSizes): Unsigned {
  if (packets === 1) return unsignedConstant(Math.ceil(PACKET / weights) - 1, bits);
  const beats =
    weights <= PACKET
      ? count.mul(PACKET / weights)
      : count.add(weights / PACKET - 1).shr(Math.log2(weights / PACKET));
  return lowBits(beats.subWrap(1), bits);
}
