import { UNIT } from "../src/compile/emit.ts";
import type { Instruction } from "../src/compile/instruction.ts";
import { alignmentOf, type Memory } from "../src/compile/machine.ts";
import type { StreamPlan } from "../src/compile/stream-plan.ts";
import type { ByteCounts } from "./byte-counts.ts";
import type { Registers } from "./chip.ts";
import { stretches } from "./effects/keys-and-values.ts";
import { attendedTokens, lastOf } from "./registers.ts";
import { storeAccesses } from "./units/store-time.ts";

/** Bytes that a load asks for; those of weights are counted with their matrix. */
export function loadedBytes(instruction: Instruction, registers: Registers): number {
  const { operation, x, y } = instruction;
  const { position, vectors } = registers;
  switch (operation) {
    case "LD.WEIGHTS":
      return UNIT * x;
    case "LD.KEYS":
    case "LD.VALUES":
      return UNIT * x * stretches(instruction, lastOf(registers));
    case "LD.EXPONENTS":
      return x * (position + vectors);
    case "LD.CACHE":
      return x * position;
    case "LD.VECTOR":
      return x * vectors + y * attendedTokens(registers);
    default:
      return x * vectors;
  }
}

/** Words of a memory that a load moves. */
export const loadedWords = (instruction: Instruction, registers: Registers, { wordBytes }: Memory): number =>
  Math.ceil(loadedBytes(instruction, registers) / wordBytes);

/** How a store uses its port, for one of the vectors that are taken in. */
export const storesOf = (instruction: Instruction, registers: Registers, memory: Memory) =>
  storeAccesses(instruction, memory, attendedTokens(registers) / registers.vectors);

/** Counts what a load or a store moves. */
export function countMoved(
  instruction: Instruction,
  registers: Registers,
  memory: Memory,
  counts: ByteCounts,
): void {
  const { operation } = instruction;
  if (operation === "LD.WEIGHTS") return;
  const bytes = operation.startsWith("ST.")
    ? registers.vectors * storesOf(instruction, registers, memory).bytes
    : loadedWords(instruction, registers, memory) * memory.wordBytes;
  if (operation === "LD.VECTOR" || operation === "ST.VECTOR") counts.vectors += bytes;
  else if (operation === "LD.EMBEDDING" || operation === "LD.ANGLES") counts.tables += bytes;
  else counts.keysAndValues += bytes;
}

/** Counts a matrix; returns the bytes of its stream, as it lies in memory. */
export function countMatrix({ bytes }: StreamPlan, memory: Memory, counts: ByteCounts): number {
  const alignment = alignmentOf(memory);
  const stream = Math.ceil(bytes.total / alignment) * alignment;
  counts.weights += bytes.codes;
  counts.metadata += stream - bytes.codes;
  return stream;
}
