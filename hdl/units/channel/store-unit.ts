import {
  bit,
  concat,
  mux,
  named,
  register,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { choose } from "../choose.ts";
import { resized } from "../resized.ts";
import { partBits } from "./counts.ts";
import type { Kind } from "./kind.ts";
import type { ChannelSizes } from "./parameters.ts";
import type { ChannelCommand } from "./shapes.ts";

interface Control {
  readonly command: ChannelCommand;
  readonly start: Unsigned;
  readonly stores: Unsigned;
  readonly asks: Unsigned;
  readonly rewrites: Unsigned;
}

/** What is known of the piece at hand. */
export interface Piece {
  readonly codes: readonly Signed[];
  readonly exponent: Signed;
  readonly given: Unsigned;
  /** Of the first code that is stored, in the code memory; `codes` are those of its group. */
  readonly place: Unsigned;
  /** Byte address of the piece, and for 4 bits which half of the byte. */
  readonly address: Unsigned;
  readonly half: Unsigned;
  /** The exponent is the first descriptor's. */
  readonly first: Unsigned;
  /** The word that stood there, in a cycle in which it is `answered`. */
  readonly read: Unsigned;
  readonly answered: Unsigned;
}

export interface StoreUnit {
  /** A word has been moved for good in this cycle: loaded, written, or written back. */
  readonly moved: Unsigned;
  /** It is the last of its piece. */
  readonly lastPart: Unsigned;
  /** Pieces have to be read and changed. */
  readonly merges: Unsigned;
  /** Codes of a key in a part. */
  codes(bits: number): Unsigned;
  /** What a part adds to its piece's byte address. */
  offset(bits: number): Unsigned;
  word(piece: Piece): { readonly data: Unsigned; readonly mask: Unsigned };
}

/** A store's pieces: 16 codes of a key that lie side by side, one code of a value, two exponents. */
interface PieceKind {
  readonly bits: number;
  readonly is: Unsigned;
}

function pieceKinds(kind: Kind, { kvBits }: ChannelSizes): readonly PieceKind[] {
  const of = (bits: 4 | 8): Unsigned => (bits === 8 ? kind.wide : kind.wide.not());
  return [
    ...kvBits.flatMap((bits) => [
      { bits: 16 * bits, is: kind.storeKey.and(of(bits)) },
      { bits, is: kind.storeValue.and(of(bits)) },
    ]),
    { bits: 16, is: kind.storeExponents },
  ];
}

const yes = (): Unsigned => unsignedConstant(1, 1);
const no = (): Unsigned => unsignedConstant(0, 1);

/** What a store does beyond moving words; nothing, where the memory is read only. */
export function storeUnit(sizes: ChannelSizes, kind: Kind, control: Control): StoreUnit {
  const { wordBytes, writeBits, keysAndValues } = sizes;
  const wordBits = 8 * wordBytes;
  const { asks, rewrites } = control;
  if (!keysAndValues || writeBits === null) {
    const nothing = {
      data: unsignedConstant(0, wordBits),
      mask: unsignedConstant(0, wordBits / (writeBits ?? wordBits)),
    };
    return {
      moved: asks,
      lastPart: yes(),
      merges: no(),
      codes: (bits) => unsignedConstant(0, bits),
      offset: (bits) => unsignedConstant(0, bits),
      word: () => nothing,
    };
  }
  const kinds = pieceKinds(kind, sizes);
  const any = (list: readonly PieceKind[]): Unsigned => list.reduce((sum, { is }) => sum.or(is), no());
  const merges = named("merges", any(kinds.filter(({ bits }) => bits % writeBits !== 0)));
  const moved = named("moved", asks.and(merges.not()).or(rewrites));

  // Words of a piece that is larger than a word.
  const part = register("part", unsigned(partBits(wordBytes)), { reset: 0 });
  const parts = (bits: number): number => Math.max(1, bits / wordBits);
  const lastPart = named(
    "last_part",
    kinds.reduce(
      (last, { bits, is }) => last.and(is.not().or(parts(bits) === 1 ? yes() : part.eq(parts(bits) - 1))),
      yes(),
    ),
  );
  when(moved.and(control.stores), () => part.set(part.addWrap(1)));
  when(control.start.or(moved.and(lastPart)), () => part.set(0));

  return {
    moved,
    lastPart,
    merges,
    codes: (bits) => {
      const of = (codeBits: 4 | 8): Unsigned =>
        unsignedConstant(Math.min(16, wordBits / codeBits) % 2 ** bits, bits);
      return mux(kind.wide, of(8), of(4));
    },
    offset: (bits) => resized(part.shl(Math.log2(wordBytes)), bits),
    word: (piece) => {
      const firstAsked = register("first_asked", bit, { next: piece.first });
      const exponentOf = (name: string, asked: Unsigned): Signed =>
        register(name, signed(8), { enable: asked.and(piece.given), next: piece.exponent });
      const exponents = joined([
        low(exponentOf("first_exponent", firstAsked), 8),
        low(exponentOf("second_exponent", firstAsked.not()), 8),
      ]);
      const laneBits = Math.min(sizes.kvBits.includes(4) ? 4 : 8, writeBits);
      const zeroMask = unsignedConstant(0, wordBits / laneBits);
      const pick = (of: (kind: PieceKind) => Unsigned, none: Unsigned): Unsigned =>
        kinds.reduce((sum, one) => sum.or(mux(one.is, of(one), none)), none);
      const data = dataOf(kinds, piece, exponents, part, wordBits);
      const lanes = pick(({ bits }) => laneMask(bits, wordBits, laneBits, piece), zeroMask);
      const pieces = wordBits / writeBits;
      const ofPieces = pickLanes(lanes, pieces);
      if (kinds.every(({ bits }) => bits % writeBits === 0)) return { data, mask: ofPieces };
      const held = register("held_word", unsigned(wordBits), { enable: piece.answered, next: piece.read });
      const bits = spread(lanes, laneBits);
      return {
        data: mux(merges, held.and(bits.not()).or(data.and(bits)), data),
        mask: mux(merges, unsignedConstant(2n ** BigInt(pieces) - 1n, pieces), ofPieces),
      };
    },
  };
}

/**
 * A word in which the piece stands wherever the mask may be: small pieces again and again, so that those of up to 16 bits differ
 * in 16 bits only.
 */
function dataOf(
  kinds: readonly PieceKind[],
  piece: Piece,
  exponents: Unsigned,
  part: Unsigned,
  wordBits: number,
): Unsigned {
  const small = Math.min(16, wordBits);
  const repeated = (value: Unsigned, bits: number): Unsigned => value.repeat(bits / value.width);
  const chosen = (
    list: readonly PieceKind[],
    wordOf: (bits: number) => Unsigned,
    otherwise: Unsigned,
  ): Unsigned => list.reduce((other, { bits, is }) => mux(is, wordOf(bits), other), otherwise);
  const codes = kinds.filter(({ bits }) => bits < 16);
  const keys = kinds.filter(({ bits }) => bits > 16);
  const pair = small < 16 ? mux(part.bit(0), exponents.bits(15, 8), exponents.bits(7, 0)) : exponents;
  const code = choose(piece.place.truncate(Math.max(1, Math.log2(piece.codes.length))), piece.codes);
  const shorts = chosen(codes, (bits) => repeated(low(code, bits), small), pair);
  return chosen(
    keys,
    (bits) => repeated(codesAt(piece, bits / 16, wordBits), wordBits),
    repeated(shorts, wordBits),
  );
}

const joined = (parts: readonly Unsigned[]): Unsigned =>
  parts.slice(1).reduce((low, part) => concat(part, low), parts[0] ?? no());

const low = (code: Signed, bits: number): Unsigned => code.asUnsigned().truncate(bits);

/** As many codes of so many bits as a word holds: all that are at hand, or those of a part of them. */
function codesAt({ codes, place }: Piece, bits: number, wordBits: number): Unsigned {
  const all = joined(codes.map((code) => low(code, bits)));
  const parts = all.width / wordBits;
  if (parts <= 1) return all;
  const first = Math.log2(wordBits / bits);
  return choose(
    place.bits(first + Math.log2(parts) - 1, first),
    Array.from({ length: parts }, (_, i) => all.bits((i + 1) * wordBits - 1, i * wordBits)),
  );
}

/** Ones where the piece stands in its word. */
function laneMask(bits: number, wordBits: number, laneBits: number, { address, half }: Piece): Unsigned {
  const lanes = wordBits / laneBits;
  if (bits >= wordBits) return unsignedConstant(2n ** BigInt(lanes) - 1n, lanes);
  const offset = bits === 4 ? concat(address, half) : address.shr(Math.log2(bits / 8));
  const place = offset.truncate(Math.log2(wordBits / bits));
  return joined(
    Array.from({ length: wordBits / bits }, (_, i) => place.eq(i).repeat(Math.max(1, bits / laneBits))),
  );
}

/** A bit for each of fewer, larger lanes. */
function pickLanes(lanes: Unsigned, count: number): Unsigned {
  const each = lanes.width / count;
  if (each === 1) return lanes;
  return joined(Array.from({ length: count }, (_, i) => lanes.bits(i * each, i * each)));
}

const spread = (lanes: Unsigned, laneBits: number): Unsigned =>
  joined(Array.from({ length: lanes.width }, (_, i) => lanes.bit(i).repeat(laneBits)));
