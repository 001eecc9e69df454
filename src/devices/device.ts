import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import type { Machine } from "../compile/machine.ts";

const figure = z.strictObject({
  value: z.number().positive(),
  kind: z.enum(["data sheet", "measured", "estimated", "quoted"]),
  source: z.string().min(1).max(400),
});

/** What a part offers; every figure says where it comes from. */
export const deviceSchema = z.strictObject({
  schema: z.literal("accel/device@1"),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/),
  title: z.string().min(1).max(100),
  kind: z.enum(["fpga", "hypothetical"]),
  /** The machine that `--device` stands for. */
  machine: z.string(),
  lut4: figure.nullable(),
  /** int8 products that its hard multipliers make in a cycle. */
  multipliers: figure,
  blockRamBytes: figure,
  /** Large memories on the part or its package: SPRAM, HBM. */
  largeRamBytes: figure,
  limitsMHz: z.strictObject({ multiplier: figure, largeRam: figure }),
});

export type Device = z.infer<typeof deviceSchema>;

/** Bytes of block RAM that a machine's own memories take: buffers, program, vectors, codes, exponents, tables and row sums. */
export function blockRamBytesOf(machine: Machine): number {
  const buffers = machine.memories
    .filter(({ bufferIn }) => bufferIn === "block")
    .reduce((sum, memory) => sum + memory.bufferWords * memory.wordBytes, 0);
  const program = machine.sequencer.programIn === "block" ? machine.sequencer.programBytes : 0;
  const { words, codeBytes, exponentBytes } = machine.vector;
  // Four tables of 64 pieces, base and difference, 16 bits each.
  const tables = 4 * 64 * 2 * 2;
  // Two sets of rows, each with a group's sum and the row's own.
  const { tileBlocks, maxTokens, accumulatorBits } = machine.matrix;
  const rowSums = Math.ceil((2 * 2 * 16 * tileBlocks * maxTokens * accumulatorBits) / 8);
  return buffers + program + 4 * words + codeBytes + exponentBytes + tables + rowSums;
}

/** Bytes of the part's large memories that a machine takes: what it can write, and buffers and program that are put there. */
function largeRamBytesOf({ memories, sequencer }: Machine): number {
  const contents = memories.reduce((sum, { writeBits, bytes }) => sum + (writeBits === null ? 0 : bytes), 0);
  const buffers = memories.reduce(
    (sum, { bufferIn, bufferWords, wordBytes }) => sum + (bufferIn === "large" ? bufferWords * wordBytes : 0),
    0,
  );
  return contents + buffers + (sequencer.programIn === "large" ? sequencer.programBytes : 0);
}

/**
 * Refuses a machine that the part cannot hold.
 * @throws InputError with what is needed and what there is
 */
export function checkFit(machine: Machine, device: Device): void {
  const refuse = (what: string, needed: number, offered: number, unit: string): void => {
    if (needed > offered) {
      throw new InputError(
        `Machine ${machine.name} does not fit ${device.name}: it needs ${needed} ${unit} of ${what}, and the part has ${offered}.`,
      );
    }
  };
  // A lane of the vector unit multiplies 16 × 16 bits, in the place of two int8 products.
  const products = machine.matrix.lanes + 2 * machine.vector.lanes;
  refuse("multipliers", products, device.multipliers.value, "int8 products a cycle");
  refuse("block RAM", blockRamBytesOf(machine), device.blockRamBytes.value, "bytes");
  refuse("large memories", largeRamBytesOf(machine), device.largeRamBytes.value, "bytes");
  for (const [part, limit] of Object.entries(device.limitsMHz)) {
    if (machine.clockMHz > limit.value) {
      throw new InputError(
        `Machine ${machine.name} runs at ${machine.clockMHz} MHz, but the ${part === "multiplier" ? "multipliers" : "large memories"} of ${device.name} allow ${limit.value} MHz.`,
      );
    }
  }
}
