import { bit, memory, mux, register, type Signed, signed, type Unsigned, when } from "../builder/index.ts";

/** A memory that is read at one address and written at another in every cycle. */
export interface ForwardingMemory {
  /** The word at the read address of the cycle before; if it was written in that cycle, what was written. */
  readonly data: Signed;
  /** Writes at the cycle's end. */
  write(enable: Unsigned, address: Unsigned, data: Signed): void;
}

/**
 * A memory whose reads see writes of the same cycle, so that a sum can be read, added to and written in a pipeline. Block
 * RAM gives the old word there: the new one is kept beside it. A single word needs a register only.
 */
export function forwardingMemory(
  name: string,
  bits: number,
  depth: number,
  readAddress: Unsigned,
): ForwardingMemory {
  if (depth === 1) {
    const word = register(name, signed(bits));
    return { data: word, write: (enable, _, data) => when(enable, () => word.set(data)) };
  }
  const words = memory(name, signed(bits), { depth });
  const stored = words.read(readAddress);
  const written = register(`${name}_written`, signed(bits));
  const hit = register(`${name}_hit`, bit);
  return {
    data: mux(hit, written, stored),
    write: (enable, address, data) => {
      when(enable, () => words.write(address, data));
      written.set(data);
      hit.set(enable.and(address.eq(readAddress)));
    },
  };
}
