import { bit, memory, mux, register, type Signed, signed, type Unsigned, when } from "../../builder/index.ts";

/** A memory of sums that is read at one address and written at another in every cycle. */
export interface SumMemory {
  /** The word at the read address of the cycle before. */
  readonly data: Signed;
  /** Another port: the word at this address, in the cycle after. */
  read(address: Unsigned): Signed;
  /** Writes at the cycle's end. */
  write(enable: Unsigned, address: Unsigned, data: Signed): void;
}

export interface SumMemoryOptions {
  readonly bits: number;
  readonly depth: number;
  readonly readAddress: Unsigned;
  /**
   * A word may be asked for in the cycle in which it is written. What block RAM gives there is not used: the new word is
   * kept beside it.
   */
  readonly forwards: boolean;
}

/** Sums that are read, added to and written in a pipeline. */
export function sumMemory(name: string, { bits, depth, readAddress, forwards }: SumMemoryOptions): SumMemory {
  const words = memory(name, signed(bits), { depth, collisions: "undefined" });
  const stored = words.read(readAddress);
  const read = (address: Unsigned): Signed => words.read(address);
  if (!forwards)
    return {
      data: stored,
      read,
      write: (enable, address, data) => when(enable, () => words.write(address, data)),
    };
  const written = register(`${name}_written`, signed(bits));
  const hit = register(`${name}_hit`, bit);
  return {
    data: mux(hit, written, stored),
    read,
    write: (enable, address, data) => {
      when(enable, () => words.write(address, data));
      written.set(data);
      hit.set(enable.and(address.eq(readAddress)));
    },
  };
}
