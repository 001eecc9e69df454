import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import { validated } from "../../models/validate.ts";
import type { Machine } from "../compile/machine.ts";
import { countOrNoneSchema, countSchema, figureSchema, nameSchema, textSchema } from "./figure.ts";
import { performanceSchema } from "./performance.ts";

/** A package as nextpnr calls it, and its pins that a design can use. */
const packageSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9]{1,16}$/, "must be a package as nextpnr calls it, such as sg48"),
  pins: countSchema,
});

const common = {
  $schema: textSchema(200).optional(),
  schema: z.literal("accel/device@1"),
  name: nameSchema,
  title: textSchema(100),
  performance: performanceSchema,
};

/** A part that holds a machine. */
const fpgaSchema = z.strictObject({
  ...common,
  kind: z.enum(["fpga", "hypothetical"]),
  /** The machine that `--device` stands for; null where none ships. */
  machine: z.string().nullable(),
  /** Whose tools place it: nextpnr-ice40 or nextpnr-ecp5; null: no part that tools know. */
  family: z.enum(["ice40", "ecp5"]).nullable(),
  /** The option by which nextpnr knows the part. */
  toolName: z
    .string()
    .regex(/^--[a-z0-9]{1,16}$/)
    .nullable(),
  /** Grades that the timing model tells apart; none where the part has one. */
  speedGrades: z.array(z.int().min(1).max(9)).max(8),
  packages: z.array(packageSchema).max(16),
  lut4: countSchema.nullable(),
  /** Of parts whose LUTs have six inputs. */
  lut6: countSchema.nullable(),
  flipFlops: countSchema.nullable(),
  /** int8 products that its hard multipliers make in a cycle; 0 where it has none. */
  multipliers: countOrNoneSchema,
  blockRams: countSchema.nullable(),
  /** Of parts that have them: 288 kbit each. */
  ultraRams: countSchema.nullable(),
  /** Bytes of all block RAMs together, ultra RAMs included. */
  blockRamBytes: countSchema,
  /** Large memories on the part or its package: SPRAM, HBM. */
  largeRamBytes: countOrNoneSchema,
  plls: countOrNoneSchema.nullable(),
  /** The oscillator on the part that a design can take as its clock. */
  oscillatorMHz: figureSchema.nullable(),
  /** Null where the part has none, or no data sheet says it. */
  limitsMHz: z.strictObject({ multiplier: figureSchema.nullable(), largeRam: figureSchema.nullable() }),
});

/** A processor, which holds programs and no machine of ours. */
const processorSchema = z.strictObject({ ...common, kind: z.enum(["gpu", "cpu"]) });

/** What a device offers; every figure says where it comes from. */
export const deviceSchema = z.discriminatedUnion("kind", [fpgaSchema, processorSchema], {
  error: () => 'must be "fpga", "hypothetical", "gpu" or "cpu"',
});
export type Fpga = z.infer<typeof fpgaSchema>;
export type Processor = z.infer<typeof processorSchema>;
export type Device = Fpga | Processor;

/**
 * Checks a device's description.
 * @param origin file or name, for the message
 * @throws InputError naming the field that is wrong
 */
export function parseDevice(description: unknown, origin: string): Device {
  return validated(deviceSchema, description, `Device ${origin}`);
}

export const isFpga = (device: Device): device is Fpga =>
  device.kind === "fpga" || device.kind === "hypothetical";

/** Bytes of block RAM that a machine's own memories take: buffers, program, vectors, codes, exponents, tables and row sums. */
export function blockRamBytesOf(machine: Machine): number {
  const buffers = machine.memories
    .filter(({ bufferIn }) => bufferIn === "block")
    .reduce((sum, memory) => sum + memory.bufferWords * memory.wordBytes, 0);
  const contents = contentsBytes(machine, "block");
  const program = machine.sequencer.programIn === "block" ? machine.sequencer.programBytes : 0;
  const { words, codeBytes, exponentBytes } = machine.vector;
  // Four tables of 64 pieces, base and difference, 16 bits each.
  const tables = 4 * 64 * 2 * 2;
  // Two sets of rows, each with a group's sum and the row's own.
  const { tileBlocks, maxTokens, accumulatorBits } = machine.matrix;
  const rowSums = Math.ceil((2 * 2 * 16 * tileBlocks * maxTokens * accumulatorBits) / 8);
  return buffers + contents + program + 4 * words + codeBytes + exponentBytes + tables + rowSums;
}

/** Bytes of what a machine can write. */
const contentsBytes = ({ memories }: Machine, where: "block" | "large"): number =>
  memories.reduce(
    (sum, { writeBits, storedIn, bytes }) => sum + (writeBits === null || storedIn !== where ? 0 : bytes),
    0,
  );

/** Bytes of the part's large memories that a machine takes: what it can write, and buffers and program that are put there. */
function largeRamBytesOf(machine: Machine): number {
  const { memories, sequencer } = machine;
  const contents = contentsBytes(machine, "large");
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
export function checkFit(machine: Machine, device: Fpga): void {
  const refuse = (what: string, needed: number, offered: number, unit: string): void => {
    if (needed > offered) {
      throw new InputError(
        `Machine ${machine.name} does not fit ${device.name}: it needs ${needed} ${unit} of ${what}, and the part has ${offered}.`,
      );
    }
  };
  // A lane of the vector unit multiplies 16 × 16 bits, in the place of two int8 products.
  const products = machine.matrix.lanes + 2 * machine.vector.lanes;
  // A part without multipliers makes them of logic.
  if (device.multipliers.value > 0)
    refuse("multipliers", products, device.multipliers.value, "int8 products a cycle");
  refuse("block RAM", blockRamBytesOf(machine), device.blockRamBytes.value, "bytes");
  refuse("large memories", largeRamBytesOf(machine), device.largeRamBytes.value, "bytes");
  for (const [part, limit] of Object.entries(device.limitsMHz)) {
    if (limit !== null && machine.clockMHz > limit.value) {
      throw new InputError(
        `Machine ${machine.name} runs at ${machine.clockMHz} MHz, but the ${part === "multiplier" ? "multipliers" : "large memories"} of ${device.name} allow ${limit.value} MHz.`,
      );
    }
  }
}
