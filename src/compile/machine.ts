import { z } from "zod";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import { InputError } from "../../models/errors.ts";

/** What a memory of the machine may hold. */
export const CONTENTS = ["weights", "tables", "keysAndValues"] as const;
export type Contents = (typeof CONTENTS)[number];
/** Where `schedule` sends vectors through memory, one memory holds them. */
const VECTORS = "vectors";

/** Stages of the pipelines, which no circuit can do without: a beat's to its word, an element's read to its write, a word's to the buffer. */
export const LEAST_CYCLES = { matrix: 10, vector: 6, memory: 3 } as const;

const count = (most: number) => z.int().min(1).max(most);
const powerOfTwo = (most: number) =>
  count(most).refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two");
const storage = z.enum(["block", "large"]).default("block");
const figure = z.strictObject({
  /** Where a figure comes from: `data sheet`, `measured`, `estimated` (with the reason) or `quoted`. */
  kind: z.enum(["data sheet", "measured", "estimated", "quoted"]),
  source: z.string().min(1).max(400),
});
/** A share of the whole that says where it comes from. */
const shareFigure = figure.extend({ value: z.number().gt(0).max(1) });

const memorySchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,23}$/),
  bytes: count(2 ** 42),
  /** Bytes that the port moves at a time; a power of two. */
  wordBytes: z
    .int()
    .min(1)
    .max(4096)
    .refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two"),
  /** Cycles of the machine's clock that a word takes on the port. */
  cyclesPerWord: count(64),
  /** Cycles from a word's transfer on the port until it stands in the channel's buffer. */
  latencyCycles: z.int().min(0).max(4096),
  /** Cycles that the port is taken before the first word of every access that does not continue the last one. */
  commandCycles: z.int().min(0).max(4096),
  /** Words that the channel's buffer holds. */
  bufferWords: count(1 << 20),
  /** What the buffer is made of: block RAM, or one of the part's large memories. */
  bufferIn: storage,
  /** Every `intervalCycles` the port rests for `cycles`. */
  refresh: z.strictObject({ intervalCycles: count(1 << 24), cycles: count(1 << 16) }).nullable(),
  /** What a memory on the part that is written is made of: one of the part's large memories, or block RAM. */
  storedIn: z.enum(["block", "large"]).default("large"),
  /** Smallest piece that can be written alone, in bits; smaller ones are read, changed and written back. */
  writeBits: z
    .union([z.literal(4), z.literal(8), z.literal(16), z.literal(32), z.literal(64), z.literal(256)])
    .nullable(),
  /** Every access is one burst: `bytesPerCycle` at most, of which streams get a share. Absent: words of `cyclesPerWord`. */
  burst: z
    .strictObject({
      bytesPerCycle: z.number().positive().max(65536),
      /** Bytes that the smallest access moves. */
      accessBytes: powerOfTwo(4096),
      readEfficiency: shareFigure,
      writeEfficiency: shareFigure,
    })
    .optional(),
  holds: z.array(z.enum([...CONTENTS, VECTORS])).min(1),
  origin: figure,
});

/** A matrix unit that is started for a whole launch: all its weights must be in the buffer, which holds two. */
const launchSchema = z.strictObject({
  /** Rows of one MV; fewer take as long. */
  rows: powerOfTwo(4096),
  /** Weights in the buffer before the multipliers; launches are cut along the columns so that two fit. */
  bufferWeights: count(2 ** 28),
  /** Finished words that leave in a cycle. */
  wordsPerCycle: powerOfTwo(1 << 12),
  /** MM: rows and activation vectors of a launch, and products in a cycle. */
  together: z.strictObject({
    rows: powerOfTwo(4096),
    tokens: count(128),
    lanes: powerOfTwo(1 << 16),
    bufferWeights: count(2 ** 28),
  }),
  origin: figure,
});

/** Cores that run the same program in step, each on its share of rows and heads. */
const clusterSchema = z.strictObject({
  cores: z.int().min(2).max(16),
  /** Words of other cores' shares that a core takes in a cycle, and cycles until the first is there. */
  exchangeWordsPerCycle: count(4096),
  exchangeLatencyCycles: z.int().min(0).max(4096),
  /** Cycles that a meeting of all cores takes. */
  syncCycles: z.int().min(0).max(4096),
  origin: figure,
});

/** How the compiler orders work; absent: fused, on the chip, in place. */
const scheduleSchema = z.strictObject({
  /** `apart`: an operator's loads begin when all cores are done with the operator before. */
  operators: z.enum(["fused", "apart"]),
  /** `memory`: every operator stores the codes it makes and loads those it takes. */
  vectors: z.enum(["chip", "memory"]),
  /** `copied`: keys and values so far are read once more, to be joined with the token's own. */
  append: z.enum(["in place", "copied"]),
  /** Tokens of a prompt whose logits are computed. */
  prefillLogits: z.enum(["last", "all"]),
  origin: figure,
});
export type Schedule = Omit<z.infer<typeof scheduleSchema>, "origin">;

export const FUSED: Schedule = {
  operators: "fused",
  vectors: "chip",
  append: "in place",
  prefillLogits: "last",
};

/** How the machine's makers store a model: what a shape is timed with where nothing else is asked for. */
const packageSchema = z.strictObject({
  /** As `--weights` says them. */
  weights: z.string().min(1).max(16),
  /** Patterns of some matrices, as `--sparsity` says them; the others are dense. */
  sparsity: z.partialRecord(z.enum(LINEAR_NAMES), z.string().min(1).max(16)),
  /** Scales and indices are not counted. */
  codesOnly: z.boolean(),
  origin: figure,
});

/** One schema for every machine, shipped or a user's own. */
export const machineSchema = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal("accel/machine@1"),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/),
  summary: z.string().min(1).max(200),
  device: z.string().min(1).max(48),
  clockMHz: z.number().min(0.001).max(2000),
  clockOrigin: figure,
  matrix: z.strictObject({
    /** Multipliers: kept weights that are multiplied in a cycle. A power of two. */
    lanes: powerOfTwo(1 << 16),
    /** Blocks of 16 rows that are computed side by side. A power of two. */
    tileBlocks: powerOfTwo(256),
    /** Row sums that can end in a cycle: reduction nodes. A power of two. */
    rowsPerBeat: powerOfTwo(1 << 16),
    /** Activation vectors that share a pass over a matrix. */
    maxTokens: count(128),
    /** Bits of a row's accumulator. */
    accumulatorBits: z.int().min(24).max(52),
    /** Cycles from a weight's multiplication to its row's finished word. */
    latencyCycles: z.int().min(LEAST_CYCLES.matrix).max(256),
    /** Absent: packets are multiplied as they come. */
    launch: launchSchema.optional(),
  }),
  vector: z.strictObject({
    /** Elements a cycle: a power of two up to 16, as codes are written in blocks of 16. */
    lanes: powerOfTwo(16),
    /** Cycles from an element's read to its write. */
    latencyCycles: z.int().min(LEAST_CYCLES.vector).max(256),
    /** Cycles that a pass takes for `lanes` elements; absent: as often as the circuit's shifter is used. */
    cyclesPerPass: count(16).optional(),
    /** 32-bit words of vector memory. */
    words: count(1 << 24),
    /** Bytes of activation codes. */
    codeBytes: count(1 << 24),
    /** Bytes for exponents of the keys and values attended to: two a token. */
    exponentBytes: count(1 << 24),
  }),
  sequencer: z.strictObject({
    /** Bytes of program memory on the chip, and what it is made of. */
    programBytes: count(1 << 24),
    programIn: storage,
    /** Bytes of program read in a cycle. */
    bytesPerCycle: count(64),
    /** Instructions that wait before each unit. */
    queueDepth: count(64),
  }),
  memories: z.array(memorySchema).min(1).max(4),
  cluster: clusterSchema.optional(),
  schedule: scheduleSchema.optional(),
  package: packageSchema.optional(),
});

export type Machine = z.infer<typeof machineSchema>;
export type Memory = z.infer<typeof memorySchema>;

/**
 * Checks a machine description.
 * @param origin file or name, for the message
 * @throws InputError naming the field that is wrong
 */
export function parseMachine(description: unknown, origin: string): Machine {
  const result = machineSchema.safeParse(description);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const where = issue.path.length > 0 ? `"${issue.path.join(".")}"` : "the description";
    throw new InputError(`Machine ${origin}: ${where} is wrong: ${issue.message}.`);
  }
  const machine = result.data;
  for (const contents of CONTENTS) {
    const holders = machine.memories.filter((memory) => memory.holds.includes(contents));
    if (holders.length !== 1) {
      throw new InputError(
        `Machine ${origin}: exactly one memory must hold "${contents}", but ${holders.length} say they do.`,
      );
    }
  }
  checkLaunches(machine, origin);
  const names = machine.memories.map((memory) => memory.name);
  if (new Set(names).size !== names.length)
    throw new InputError(`Machine ${origin}: two memories have the same name.`);
  for (const { name, refresh, cyclesPerWord, latencyCycles, writeBits, wordBytes } of machine.memories) {
    if (cyclesPerWord + latencyCycles < LEAST_CYCLES.memory) {
      throw new InputError(
        `Machine ${origin}: ${name} gives a word after ${cyclesPerWord + latencyCycles} cycles ("cyclesPerWord" and "latencyCycles"), but a channel takes ${LEAST_CYCLES.memory}.`,
      );
    }
    if (refresh !== null && refresh.cycles + cyclesPerWord > refresh.intervalCycles) {
      throw new InputError(`Machine ${origin}: refresh leaves ${name} no time to move a word.`);
    }
    if (writeBits !== null && writeBits > 8 * wordBytes) {
      throw new InputError(
        `Machine ${origin}: ${name} writes ${writeBits} bits at a time ("writeBits"), but its words have ${8 * wordBytes}.`,
      );
    }
  }
  if (memoryHolding(machine, "keysAndValues").writeBits === null) {
    throw new InputError(
      `Machine ${origin}: the memory that holds "keysAndValues" must be writable ("writeBits").`,
    );
  }
  return machine;
}

/** Launches take bursts, and packets take words. */
function checkLaunches({ matrix, memories, schedule, cluster }: Machine, origin: string): void {
  for (const { name, holds, burst } of memories) {
    const streams = holds.includes("weights") || holds.includes("keysAndValues");
    if (streams && (burst !== undefined) !== (matrix.launch !== undefined)) {
      throw new InputError(
        `Machine ${origin}: ${name} feeds the matrix unit, so "burst" and "matrix.launch" must both be there, or neither.`,
      );
    }
  }
  if ((cluster !== undefined || schedule !== undefined) && matrix.launch === undefined) {
    throw new InputError(`Machine ${origin}: "cluster" and "schedule" want a "matrix.launch".`);
  }
  const vectors = memories.filter((memory) => memory.holds.includes(VECTORS)).length;
  const wanted = schedule?.vectors === "memory" ? 1 : vectors;
  if (vectors !== wanted || vectors > 1) {
    throw new InputError(
      `Machine ${origin}: exactly one memory must hold "${VECTORS}" where the schedule sends them through memory, but ${vectors} say they do.`,
    );
  }
}

/** Cores that share the work. */
export function coresOf({ cluster }: Machine): number {
  return cluster?.cores ?? 1;
}

export function scheduleOf({ schedule }: Machine): Schedule {
  return schedule ?? FUSED;
}

/** Index of the memory that vectors go through, or -1. */
export function vectorsChannel({ memories }: Machine): number {
  return memories.findIndex((memory) => memory.holds.includes(VECTORS));
}

/** The memory that holds a kind of data. */
export function memoryHolding(machine: Machine, contents: Contents): Memory {
  return machine.memories[channelHolding(machine, contents)]!;
}

/** Index of the memory, and so of its channel, that holds a kind of data. */
export function channelHolding(machine: Machine, contents: Contents): number {
  return machine.memories.findIndex((memory) => memory.holds.includes(contents));
}

/** Alignment of everything in memory: 16 bytes, or a word where that is more. */
export function alignmentOf(memory: Memory): number {
  return Math.max(16, memory.wordBytes);
}
