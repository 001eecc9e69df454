import { z } from "zod";
import { countSchema, figureOf, figureSchema, textSchema, uncertainFigureSchema } from "./figure.ts";

const rate = figureOf(z.number().min(1).max(1e21));
const picojoules = figureOf(z.number().min(1e-6).max(1e6));
const share = uncertainFigureSchema.extend({ value: z.number().min(0.001).max(1) });

/** How numbers are multiplied; sums may be wider. */
export const NUMBERS = ["fp32", "fp16", "bf16", "fp8", "int8", "int4"] as const;

const peakSchema = z.strictObject({
  numbers: z.enum(NUMBERS),
  /** Dense; two operations for each multiply-accumulate. */
  operationsPerSecond: rate,
  /** Where two of four weights are zero, those zeros counted as well; null: zeros are multiplied like others. */
  sparse24: rate.nullable(),
  /** Energy of one operation and its registers, without memories; null where nobody says it. */
  picojoulesPerOperation: picojoules.nullable(),
});

export const MEMORY_TYPES = [
  "hbm2",
  "hbm2e",
  "hbm3",
  "gddr6",
  "gddr6x",
  "lpddr4",
  "lpddr5",
  "ddr3",
  "ddr4",
  "ddr5",
  "sdram",
  "qspi-flash",
  "spram",
] as const;

const memorySchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,23}$/, "must be lower case, such as hbm"),
  type: z.enum(MEMORY_TYPES),
  bytes: figureOf(
    z
      .int()
      .min(1)
      .max(2 ** 48),
  ),
  /** Peak of all channels together. */
  bytesPerSecond: rate,
  /** That are addressed apart; null where it is not said. */
  channels: figureOf(z.int().min(1).max(4096)).nullable(),
  /** Least bytes that a channel moves: smaller accesses waste the rest. */
  accessBytes: z.int().min(1).max(65_536),
  /** Keys and values can be kept in it. */
  writable: z.boolean(),
  /** Energy of moving a byte between this memory and the part. */
  picojoulesPerByte: picojoules,
});

/** What a device computes and moves in a second, and what that takes: all that a roofline needs. */
export const performanceSchema = z
  .strictObject({
    compute: z.array(peakSchema).min(1).max(12),
    /** The first holds weights. */
    memories: z.array(memorySchema).min(1).max(8),
    /** What software can hold data in: the last cache of a processor, block and ultra RAM of an FPGA. */
    onChip: z.strictObject({
      bytes: countSchema,
      bytesPerSecond: rate.nullable(),
    }),
    /** Operations that are no matrix product: norms, softmax, activations; null: nothing but matrix units is known. */
    vectorOperationsPerSecond: rate.nullable(),
    power: z.strictObject({
      idleWatts: figureSchema.nullable(),
      /** What the board may draw, or the part where there is no board. */
      boardWatts: figureSchema.nullable(),
    }),
    /** What tensors cross between devices of this kind; null where there is nothing. */
    link: z
      .strictObject({
        kind: z.enum(["nvlink", "pcie", "ethernet"]),
        /** Each way. */
        bytesPerSecond: rate,
        /** Of a sum over devices: before its first step, and of each of its steps. */
        startSeconds: figureSchema,
        stepSeconds: figureSchema,
      })
      .nullable(),
    /** What an operator takes before its first result: a kernel's start, or a memory's latency and a pipeline's fill. */
    launchSeconds: figureSchema.nullable(),
    priceUsd: figureSchema.nullable(),
    /**
     * Constants that were fitted on measured kernels of this processor, or of another one and carried over; where these are
     * given, they stand for `efficiency` and `launchSeconds`.
     */
    measuredKernels: z
      .strictObject({
        constants: z.literal("a100"),
        carriedOver: z.boolean(),
        multiprocessors: countSchema,
        /** Of the last cache, as much as one multiprocessor's data can stay in. */
        cacheBytes: countSchema,
      })
      .nullable(),
    /** Shares of the peaks that long streams and large products get, where nothing better is known. */
    efficiency: z.strictObject({ memory: share, compute: share }),
    note: textSchema(400).nullable(),
  })
  .superRefine(({ compute, memories }, context) => {
    const twice = (names: readonly string[]): string | undefined =>
      names.find((name, i) => names.indexOf(name) !== i);
    const numbers = twice(compute.map((one) => one.numbers));
    if (numbers !== undefined) context.addIssue(`two peaks are given for ${numbers}`);
    const memory = twice(memories.map((one) => one.name));
    if (memory !== undefined) context.addIssue(`two memories are called ${memory}`);
  });

export type Performance = z.infer<typeof performanceSchema>;
export type Peak = Performance["compute"][number];
export type DeviceMemory = Performance["memories"][number];
