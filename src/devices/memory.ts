import { z } from "zod";
import { validated } from "../../models/validate.ts";
import { banksPerRank, type DramConfig, refreshClocks } from "../../sim/dram/config.ts";
import { figureOf, figureSchema, nameSchema, textSchema } from "./figure.ts";
import { MEMORY_TYPES } from "./performance.ts";

export type { DramConfig };

const clocks = z.int().min(0).max(1_000_000);
const powerOfTwo = (most: number) =>
  z
    .int()
    .min(1)
    .max(most)
    .refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two");

/** By their JEDEC names, in clocks; see `DramTiming`. */
const timingSchema = z.strictObject({
  al: clocks,
  cl: clocks,
  cwl: clocks,
  rcdRead: clocks,
  rcdWrite: clocks,
  rp: clocks,
  ras: clocks,
  ccdS: clocks,
  ccdL: clocks,
  rrdS: clocks,
  rrdL: clocks,
  faw: clocks,
  aw32: clocks.nullable(),
  wtrS: clocks,
  wtrL: clocks,
  wr: clocks,
  rtp: clocks,
  ppd: clocks,
  rtrs: clocks,
  rfc: clocks,
  refi: clocks.min(1),
});

const organisationSchema = z.strictObject({
  /** Channels, or pseudo channels, that work by themselves. */
  channels: powerOfTwo(256),
  ranks: powerOfTwo(16),
  bankGroups: powerOfTwo(16),
  banksPerGroup: powerOfTwo(64),
  rows: powerOfTwo(1 << 20),
  /** Bus words in a row. */
  columns: powerOfTwo(1 << 16),
  busBytes: powerOfTwo(128),
  burstLength: powerOfTwo(64),
  burstClocks: z.int().min(1).max(64),
  dualCommand: z.boolean(),
});

const mappingSchema = z.string().regex(/^[a-z0-9]{12,24}$/, "must name fields, as in rochrababgco");
const controllerSchema = z.strictObject({
  requestQueue: z.int().min(1).max(1024),
  bankQueue: z.int().min(1).max(256),
  unified: z.boolean(),
});

/** Banks of all channels that a simulation may have. */
const MOST_BANKS = 8192;

/** What of a memory cannot be simulated; null if all can. */
function unfit(config: DramConfig): string | null {
  const { channels, ranks, columns, burstLength, timing } = config;
  if (channels * ranks * banksPerRank(config) > MOST_BANKS)
    return `must have at most ${MOST_BANKS} banks in all channels`;
  if (columns < burstLength) return "must have rows of at least one burst";
  if (Math.floor(timing.refi / ranks) <= refreshClocks(config))
    return "must leave time between refreshes: refi is too short for its ranks";
  return null;
}

/** What the simulator needs of a DRAM, without sources. */
const dramConfigSchema = organisationSchema
  .extend({
    clockNs: z.number().positive().max(1e6),
    addressMapping: mappingSchema,
    timing: timingSchema,
    controller: controllerSchema,
  })
  .superRefine((config, context) => {
    const reason = unfit(config);
    if (reason !== null) context.addIssue(reason);
  });

/** @throws InputError for a memory that cannot be simulated */
export const checkedDramConfig = (config: DramConfig, origin: string): DramConfig =>
  validated(dramConfigSchema, config, origin);

const share = z.number().min(0).max(1);

/** What the simulator of `sim/dram` says of one channel; `npm run memories` writes it. */
const efficiencyTableSchema = z
  .strictObject({
    kind: z.literal("simulated"),
    source: textSchema(400),
    /** Requests that may be under way in a channel. */
    outstanding: z.int().min(1).max(100_000),
    /** Sizes of an access, from small to large. */
    bytes: z.array(z.int().min(1)).min(2).max(32),
    rows: z
      .array(
        z.strictObject({
          /** Accesses at random places, or sequential streams that take turns. */
          pattern: z.enum(["chunk", "streams"]),
          streams: z.int().min(1).max(1024),
          /** Share of requests that write. */
          writes: share,
          /** Share of the peak, for each size. */
          efficiency: z.array(share),
        }),
      )
      .min(1)
      .max(64),
  })
  .refine(({ bytes, rows }) => rows.every(({ efficiency }) => efficiency.length === bytes.length), {
    error: "must have one efficiency for each size",
  });
export type EfficiencyTable = z.infer<typeof efficiencyTableSchema>;

const common = {
  schema: z.literal("accel/memory@1"),
  name: nameSchema,
  title: textSchema(120),
  type: z.enum(MEMORY_TYPES),
};

/** Rows that are opened and closed, banks that take turns, refresh. */
const dramSchema = z.strictObject({
  ...common,
  kind: z.literal("dram"),
  organisation: figureOf(organisationSchema),
  /** A clock of the command bus. */
  clockNs: figureSchema,
  /** Fields from the highest address bits to the lowest; see `AddressMap`. */
  addressMapping: figureOf(mappingSchema),
  timing: figureOf(timingSchema),
  controller: figureOf(controllerSchema),
  efficiency: efficiencyTableSchema,
});
export type DramMemory = z.infer<typeof dramSchema>;

/** A serial memory: each access begins with a command and a wait, then bytes follow at one rate. */
const flashSchema = z.strictObject({
  ...common,
  kind: z.literal("flash"),
  clockMHz: figureSchema,
  /** Clocks before the first byte: command, address, mode and dummy clocks. */
  accessClocks: figureSchema,
  bitsPerClock: figureOf(powerOfTwo(64)),
});

/** A memory that answers any word in any clock. */
const sramSchema = z.strictObject({
  ...common,
  kind: z.literal("sram"),
  clockMHz: figureSchema,
  wordBytes: figureOf(powerOfTwo(4096)),
});

export const memorySchema = z.discriminatedUnion("kind", [dramSchema, flashSchema, sramSchema], {
  error: () => 'must be "dram", "flash" or "sram"',
});
/** What a memory is: how it is built and timed; every figure says where it comes from. */
export type MemoryDescription = z.infer<typeof memorySchema>;

/**
 * Checks a memory's description.
 * @param origin file or name, for the message
 * @throws InputError naming the field that is wrong
 */
export function parseMemory(description: unknown, origin: string): MemoryDescription {
  const memory = validated(memorySchema, description, `Memory ${origin}`);
  if (memory.kind === "dram") checkedDramConfig(dramConfigOf(memory), `Memory ${origin}`);
  return memory;
}

/** What the simulator needs of a DRAM. */
export function dramConfigOf(memory: Omit<DramMemory, "efficiency">): DramConfig {
  return {
    ...memory.organisation.value,
    clockNs: memory.clockNs.value,
    addressMapping: memory.addressMapping.value,
    timing: memory.timing.value,
    controller: memory.controller.value,
  };
}
