import { indexWidth, memory, mux, register, type Unsigned, unsigned, when } from "../builder/index.ts";
import { resized } from "../units/resized.ts";

/** Words below which a memory is made of one piece: block RAM is no smaller. */
const SMALLEST = 256;

/**
 * Words of each piece of a memory: powers of two, the largest first, one or two of them. So no address within a piece lies beyond
 * its end, which would have to be told apart.
 */
export function piecesOf(depth: number): readonly number[] {
  const whole = 2 ** Math.ceil(Math.log2(Math.max(2, depth)));
  const first = whole / 2;
  const rest = 2 ** Math.ceil(Math.log2(Math.max(1, depth - first)));
  return whole <= SMALLEST || rest === first ? [whole] : [first, rest];
}

/** Where a word lies: its piece, and its address there. */
export function placeIn(depth: number, address: number): { readonly piece: number; readonly at: number } {
  const [first = depth] = piecesOf(depth);
  return address < first ? { piece: 0, at: address } : { piece: 1, at: address - first };
}

/** Name of a piece's memory. */
export const pieceName = (name: string, piece: number): string =>
  piece === 0 ? name : `${name}_${piece + 1}`;

export interface PiecedMemory {
  /** The word of the cycle before; nobody may use one that was written in that cycle. */
  read(address: Unsigned): Unsigned;
  write(enable: Unsigned, address: Unsigned, data: Unsigned, mask?: Unsigned): void;
}

/** A memory of words of so many bits, as block RAM has it, of any depth. What lies beyond is not to be read. */
export function piecedMemory(name: string, bits: number, depth: number): PiecedMemory {
  const sizes = piecesOf(depth);
  const pieces = sizes.map((words, i) =>
    memory(pieceName(name, i), unsigned(bits), { depth: words, collisions: "undefined" }),
  );
  const firstBits = indexWidth(sizes[0] ?? 2);
  const isSecond = (address: Unsigned): Unsigned => address.bit(firstBits);
  const within = (address: Unsigned, i: number): Unsigned => resized(address, indexWidth(sizes[i] ?? 2));
  const [first, second] = pieces;
  if (first === undefined) throw new RangeError("a memory has a piece at least");
  return {
    read: (address) => {
      const word = first.read(within(address, 0));
      if (second === undefined) return word;
      const from = register(`${name}_from_second`, unsigned(1), { next: isSecond(address) });
      return mux(from, second.read(within(address, 1)), word);
    },
    write: (enable, address, data, mask) => {
      const options = mask === undefined ? {} : { mask };
      for (const [i, piece] of pieces.entries()) {
        const here = second === undefined ? enable : enable.and(isSecond(address).eq(i));
        when(here, () => piece.write(within(address, i), data, options));
      }
    },
  };
}
