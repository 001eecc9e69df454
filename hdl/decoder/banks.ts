import { indexWidth, mux, type Unsigned, type Value } from "../builder/index.ts";
import { resized } from "../units/resized.ts";

/**
 * Elements side by side in `lanes` banks: element i lies in bank i mod lanes. So many of them from any address on can be read or
 * written in a cycle; lane k has the element at `address` + k.
 */
export interface Banks {
  readonly lanes: number;
  /** Words of each bank. */
  readonly depth: number;
  /** Where bank `bank` has its share of the elements from `address` on. */
  rowOf(address: Unsigned, bank: number): Unsigned;
  /** The bank of the first element. */
  firstOf(address: Unsigned): Unsigned;
}

export function banksFor(elements: number, lanes: number): Banks {
  const depth = Math.ceil(elements / lanes);
  const laneBits = Math.log2(lanes);
  const rowBits = indexWidth(depth);
  const firstOf = (address: Unsigned): Unsigned => address.truncate(Math.max(1, laneBits));
  return {
    lanes,
    depth,
    firstOf,
    rowOf: (address, bank) => {
      if (lanes === 1) return resized(address, rowBits);
      const row = resized(address.shr(laneBits), rowBits);
      return bank === lanes - 1 ? row : row.addWrap(resized(firstOf(address).gt(bank), rowBits));
    },
  };
}

/** Bank b gets what lane (b - first) mod lanes has. */
export const toBanks = <V extends Value>(lanes: readonly V[], first: Unsigned): readonly V[] =>
  rotated(lanes, first, -1);

/** Lane k gets what bank (first + k) mod lanes has. */
export const toLanes = <V extends Value>(banks: readonly V[], first: Unsigned): readonly V[] =>
  rotated(banks, first, 1);

function rotated<V extends Value>(values: readonly V[], by: Unsigned, direction: 1 | -1): readonly V[] {
  const count = values.length;
  let now = values;
  for (let stage = 0; 2 ** stage < count; stage++) {
    const before = now;
    const step = direction * 2 ** stage;
    now = before.map((value, i) => mux(by.bit(stage), before[(i + step + count) % count] ?? value, value));
  }
  return now;
}
