import type { Instruction } from "../../src/compile/instruction.ts";
import type { Memory } from "../../src/compile/machine.ts";

/** How a store uses its port: so many accesses of so many cycles each. */
export interface StoreAccesses {
  readonly accesses: number;
  readonly cyclesEach: number;
  /** Bytes that are new in memory afterwards. */
  readonly bytes: number;
}

/**
 * A key goes out in pieces of 16 codes that lie side by side, a value code by code (values are stored transposed), two
 * exponents together. A piece smaller than the memory can write alone is read, changed and written back.
 */
export function storeAccesses({ operation, a: bits, x: count }: Instruction, memory: Memory): StoreAccesses {
  const [pieces, pieceBits] =
    operation === "ST.KEY"
      ? [Math.ceil(count / 16), 16 * bits]
      : operation === "ST.VALUE"
        ? [count, bits]
        : [1, 16];
  const bytes = operation === "ST.EXPONENTS" ? 2 : (count * bits) / 8;
  const alone = memory.writeBits !== null && pieceBits % memory.writeBits === 0;
  const words = Math.ceil(pieceBits / 8 / memory.wordBytes);
  const write = memory.cyclesPerWord;
  return { accesses: pieces * words, cyclesEach: alone ? write : 2 * write + memory.latencyCycles, bytes };
}
