import { OPERATIONS, type Operation } from "../../../src/compile/instruction.ts";
import { bit, type Unsigned, unsignedConstant } from "../../builder/index.ts";
import type { ChannelSizes } from "./parameters.ts";
import type { ChannelCommand } from "./shapes.ts";

/** What an instruction is, a bit each; those that a channel never runs are constants. */
export const kindShape = {
  weights: bit,
  /** LD.KEYS, LD.VALUES. */
  tiles: bit,
  exponents: bit,
  embedding: bit,
  angles: bit,
  storeKey: bit,
  storeValue: bit,
  storeExponents: bit,
  /** Codes of keys and values have 8 bits. */
  wide: bit,
};
export type Kind = { readonly [K in keyof typeof kindShape]: Unsigned };

export function kindOf(sizes: ChannelSizes, { operation, a }: ChannelCommand): Kind {
  const is = (name: Operation, runs: boolean): Unsigned =>
    runs ? operation.eq(OPERATIONS[name]) : unsignedConstant(0, 1);
  const { weights, tables, keysAndValues, kvBits } = sizes;
  return {
    weights: is("LD.WEIGHTS", weights),
    tiles: is("LD.KEYS", keysAndValues).or(is("LD.VALUES", keysAndValues)),
    exponents: is("LD.EXPONENTS", keysAndValues),
    embedding: is("LD.EMBEDDING", tables),
    angles: is("LD.ANGLES", tables),
    storeKey: is("ST.KEY", keysAndValues),
    storeValue: is("ST.VALUE", keysAndValues),
    storeExponents: is("ST.EXPONENTS", keysAndValues),
    wide: kvBits.length === 2 ? a.bit(3) : unsignedConstant(kvBits[0] === 8 ? 1 : 0, 1),
  };
}
