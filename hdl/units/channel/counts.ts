import { mux, type Unsigned, unsignedConstant } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { resized } from "../resized.ts";
import type { Kind } from "./kind.ts";
import type { ChannelSizes } from "./parameters.ts";

/** Bits of a number of words of a load, or of pieces of a store. */
export const countBits = ({ wordBytes, operandBits, positionBits, keysAndValues }: ChannelSizes): number =>
  Math.max(operandBits + Math.max(0, 4 - Math.log2(wordBytes)), keysAndValues ? positionBits + 1 : 0);

/** Words of a load (of keys and values: of a stretch), or pieces of a store. */
export function countOf(sizes: ChannelSizes, kind: Kind, x: Unsigned, position: Unsigned): Unsigned {
  const { wordBytes, weights, tables, keysAndValues, sizeBits } = sizes;
  const bits = countBits(sizes);
  const size = x.truncate(sizeBits);
  const shift = Math.log2(wordBytes);
  const zero = unsignedConstant(0, bits);
  const units = resized(shift <= 4 ? x.shl(4 - shift) : x.shr(shift - 4), bits);
  const choices: (readonly [Unsigned, Unsigned])[] = [];
  if (weights || keysAndValues) choices.push([kind.weights.or(kind.tiles), units]);
  if (tables)
    choices.push([kind.embedding.or(kind.angles), resized(size.add(wordBytes - 1).shr(shift), bits)]);
  if (keysAndValues) {
    const pairs = resized(position, bits).addWrap(1);
    const exponents =
      shift === 0 ? pairs.shl(1).truncate(bits) : resized(position.shr(shift - 1), bits).addWrap(1);
    choices.push(
      [kind.exponents, exponents],
      [kind.storeKey, resized(size.add(15).shr(4), bits)],
      [kind.storeValue, resized(size, bits)],
      [kind.storeExponents, unsignedConstant(1, bits)],
    );
  }
  return choices.reduce((sum, [is, count]) => sum.or(mux(is, count, zero)), zero);
}

export const blockBits = ({ positionBits }: ChannelSizes): number => Math.max(1, positionBits - 4);
export const partBits = (wordBytes: number): number => bitsFor(Math.max(1, 16 / wordBytes) - 1);
