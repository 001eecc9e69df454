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
  const { weights, tables, keysAndValues, kvBits } = sizes;
  const runs = new Set<Operation>([
    ...(weights ? (["LD.WEIGHTS"] as const) : []),
    ...(tables ? (["LD.EMBEDDING", "LD.ANGLES"] as const) : []),
    ...(keysAndValues
      ? (["LD.KEYS", "LD.VALUES", "LD.EXPONENTS", "ST.KEY", "ST.VALUE", "ST.EXPONENTS"] as const)
      : []),
  ]);
  const places = distinguishing([...runs].map((name) => OPERATIONS[name]));
  const is = (name: Operation): Unsigned =>
    runs.has(name)
      ? places.reduce(
          (all, place) => all.and(operation.bit(place).eq((OPERATIONS[name] >> place) & 1)),
          unsignedConstant(1, 1),
        )
      : unsignedConstant(0, 1);
  return {
    weights: is("LD.WEIGHTS"),
    tiles: is("LD.KEYS").or(is("LD.VALUES")),
    exponents: is("LD.EXPONENTS"),
    embedding: is("LD.EMBEDDING"),
    angles: is("LD.ANGLES"),
    storeKey: is("ST.KEY"),
    storeValue: is("ST.VALUE"),
    storeExponents: is("ST.EXPONENTS"),
    wide: kvBits.length === 2 ? a.bit(3) : unsignedConstant(kvBits[0] === 8 ? 1 : 0, 1),
  };
}

/** Bits of the operation that a channel looks at. */
const LOOKED_AT = 6;

/** The fewest places of bits in which no two of some numbers are the same. */
function distinguishing(numbers: readonly number[]): readonly number[] {
  const places = (mask: number): number[] =>
    Array.from({ length: LOOKED_AT }, (_, i) => i).filter((i) => (mask >> i) & 1);
  const masks = Array.from({ length: 2 ** LOOKED_AT }, (_, mask) => mask).filter(
    (mask) => new Set(numbers.map((number) => number & mask)).size === numbers.length,
  );
  const fewest = Math.min(...masks.map((mask) => places(mask).length));
  return places(masks.find((mask) => places(mask).length === fewest) ?? 0);
}
