import type { Instruction } from "../../src/compile/instruction.ts";
import type { Machine, Memory } from "../../src/compile/machine.ts";
import type { Registers } from "../chip.ts";

/** How a store uses its port: so many accesses of so many cycles each. */
export interface StoreAccesses {
  readonly accesses: number;
  readonly cyclesEach: number;
  /** Bytes that are new in memory afterwards, and those of an access. */
  readonly bytes: number;
  readonly pieceBytes: number;
}

/**
 * A key goes out in pieces of 16 codes that lie side by side, a value code by code (values are stored transposed), two
 * exponents together; a vector goes out whole. A piece smaller than the memory can write alone is read, changed and written back.
 * @param tokens that are attended to
 */
export function storeAccesses(
  { operation, a: bits, x: count, y: countOfToken }: Instruction,
  memory: Memory,
  tokens = 0,
): StoreAccesses {
  if (operation === "ST.VECTOR") {
    const { wordBytes, cyclesPerWord } = memory;
    return {
      accesses: Math.ceil((count + countOfToken * tokens) / wordBytes),
      cyclesEach: cyclesPerWord,
      bytes: count + countOfToken * tokens,
      pieceBytes: wordBytes,
    };
  }
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
  return {
    accesses: pieces * words,
    cyclesEach: alone ? write : 2 * write + memory.latencyCycles - 1,
    bytes,
    pieceBytes: Math.ceil(pieceBits / 8 / words),
  };
}

/**
 * Cycles in which a channel computes where a load or a store begins. It adds products up, a bit of a factor a cycle and a cycle
 * more for each: a layer's (or a table's row's) offset, and for stores that of the block of tokens and that of the token.
 */
export function setupCycles(instruction: Instruction, registers: Registers): number {
  let cycles = 0;
  for (const factor of factorsOf(instruction, registers)) cycles += 32 - Math.clz32(factor) + 1;
  return cycles;
}

function factorsOf({ operation, a: bits, b }: Instruction, registers: Registers): readonly number[] {
  const { layer, position, token } = registers;
  const block = Math.floor(position / 16);
  const place = position % 16;
  switch (operation) {
    case "LD.EMBEDDING":
      return [token];
    case "LD.ANGLES":
      return [position];
    case "ST.KEY":
      // Blocks of whole tiles, and those within one.
      return [layer, block - (block % b), block % b, place];
    case "ST.VALUE":
      return [layer, block, bits === 4 ? Math.floor(place / 2) : place];
    case "ST.EXPONENTS":
      // Twice nothing more: it reads two descriptors, whose memory is the matrix unit's in every second cycle.
      return [layer, position, 0, 0];
    case "LD.VECTOR":
    case "ST.VECTOR":
      return [];
    default:
      return [layer];
  }
}

/** How a load into the vector unit's memories uses its port, and how long it takes behind it. */
export interface LoadTime {
  readonly cyclesEach: number;
  /** Cycles from the last transfer's end until all is done. */
  readonly tailCycles: number;
}

/** A row of the embedding goes into the vector memory code by code, as many a cycle as the vector unit has lanes. */
export function loadTime({ operation }: Instruction, memory: Memory, { vector }: Machine): LoadTime {
  const { cyclesPerWord, latencyCycles } = memory;
  if (operation !== "LD.EMBEDDING") return { cyclesEach: cyclesPerWord, tailCycles: latencyCycles };
  const codes = Math.ceil(memory.wordBytes / vector.lanes);
  const cyclesEach = Math.max(cyclesPerWord, codes);
  return { cyclesEach, tailCycles: latencyCycles + cyclesPerWord - cyclesEach + codes };
}
