import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../models/package-root.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { validated } from "../../models/validate.ts";
import type { Machine } from "../compile/machine.ts";
import { machineFrom } from "../devices/library.ts";
import { maskDensity } from "../experiment/ablation.ts";
import { LaunchTiming } from "../experiment/launch-timing.ts";
import { packagedFormats } from "../experiment/shape-formats.ts";
import type { LedgerRow } from "./row.ts";

const byLength = z.record(z.string().regex(/^\d{1,4}$/), z.number().positive());

const publishedSchema = z.strictObject({
  schema: z.literal("accel/published@1"),
  origin: z.strictObject({ profile: z.string(), board: z.string() }),
  decodeMs: byLength,
  prefillMs: byLength,
  /** Of units, in a step at 512 tokens. */
  busyMs: z.strictObject({
    LD: z.number().positive(),
    MV: z.number().positive(),
    MISC: z.number().positive(),
    ST: z.number().positive(),
  }),
  boardMs: byLength,
});
export type Published = z.infer<typeof publishedSchema>;

/** What FlightLLM's profiler prints, and what a board took. */
export function publishedFlightLLM(): Published {
  const path = join(packageRoot(), "src/ledger/data/flightllm.json");
  return validated(publishedSchema, JSON.parse(readFileSync(path, "utf8")), "flightllm.json");
}

/** By what the published profiler divides every time: 4 cores, and a share of 0.8 for which it gives no reason. */
export const PUBLISHED_DIVISOR = 3.2;

/** Contexts of the profile that stand in the ledger; a test holds all of them. */
const CONTEXTS = [16, 64, 144, 256, 512, 768, 1024, 1280, 1536, 1792, 2048];
const LONGEST = 2048;

/** Times on a machine, and on the same machine where figures that nobody published are others. */
class Prediction {
  private readonly timing: LaunchTiming;
  private readonly others: readonly LaunchTiming[];

  constructor(machine: Machine, others: readonly Machine[]) {
    this.timing = timingOf(machine);
    this.others = others.map(timingOf);
  }

  /** @returns milliseconds, and the spread that the unpublished figures make */
  of(ms: (timing: LaunchTiming) => number): Pick<LedgerRow, "predicted" | "uncertainty"> {
    const predicted = ms(this.timing);
    const squares = this.others.map((other) => (ms(other) - predicted) ** 2);
    return { predicted, uncertainty: Math.sqrt(squares.reduce((sum, square) => sum + square, 0)) };
  }
}

export function timingOf(machine: Machine): LaunchTiming {
  const { package: stored } = machine;
  if (stored === undefined) throw new RangeError(`machine ${machine.name} says nothing of a package`);
  return new LaunchTiming(timedShape("llama-2-7b"), machine, packagedFormats(stored, 8), LONGEST);
}

/** Machines in which what is assumed of exchanges, meetings, and latencies of memories and pipelines is twice as slow. */
function slower(machine: Machine): Machine[] {
  const { cluster, memories } = machine;
  const latency = {
    ...machine,
    matrix: { ...machine.matrix, latencyCycles: 2 * machine.matrix.latencyCycles },
    vector: { ...machine.vector, latencyCycles: 2 * machine.vector.latencyCycles },
    memories: memories.map((memory) => ({
      ...memory,
      latencyCycles: 2 * memory.latencyCycles,
      commandCycles: 2 * memory.commandCycles,
    })),
  };
  if (cluster === undefined) return [latency];
  const { exchangeWordsPerCycle, exchangeLatencyCycles, syncCycles } = cluster;
  return [
    { ...machine, cluster: { ...cluster, exchangeWordsPerCycle: Math.max(1, exchangeWordsPerCycle / 2) } },
    {
      ...machine,
      cluster: {
        ...cluster,
        exchangeLatencyCycles: 2 * exchangeLatencyCycles,
        syncCycles: 2 * syncCycles,
      },
    },
    latency,
  ];
}

/** The machine whose memories give streams a twentieth less: of the U280, nobody published the efficiency. */
function slowerMemories(machine: Machine): Machine {
  return {
    ...machine,
    memories: machine.memories.map((memory) =>
      memory.burst === undefined
        ? memory
        : {
            ...memory,
            burst: {
              ...memory.burst,
              readEfficiency: {
                ...memory.burst.readEfficiency,
                value: 0.95 * memory.burst.readEfficiency.value,
              },
            },
          },
    ),
  };
}

/** One core that does everything, as the published profiler schedules it before it divides by 3.2. */
export const singleCore = ({ cluster: _cluster, ...machine }: Machine): Machine => machine;

/** The machine as that profiler has it: nothing takes time but transfers and passes, and a GB/s is a GiB/s. */
function withoutLatencies(machine: Machine): Machine {
  return {
    ...machine,
    matrix: { ...machine.matrix, latencyCycles: 0 },
    vector: { ...machine.vector, latencyCycles: 0 },
    memories: machine.memories.map((memory) => ({
      ...memory,
      latencyCycles: 0,
      commandCycles: 0,
      ...(memory.burst === undefined
        ? {}
        : { burst: { ...memory.burst, bytesPerCycle: 1.024 ** 3 * memory.burst.bytesPerCycle } }),
    })),
  };
}

/** FlightLLM's machines, simulated, beside what was published of them. */
export function flightLLMRows(): readonly LedgerRow[] {
  const published = publishedFlightLLM();
  return [
    ...boardRows(published),
    ...profileRows(published),
    ...slopeRows(published),
    ...busyRows(published),
    ...methodRows(published),
  ];
}

const SECTION = "flightllm";

function boardRows({ boardMs, origin }: Published): LedgerRow[] {
  const machine = machineFrom("u280-flightllm");
  const prediction = new Prediction(machine, [...slower(machine), slowerMemories(machine)]);
  return Object.entries(boardMs).map(([context, measured]) => ({
    section: SECTION,
    what: `U280, LLaMA-2-7B, a token at context ${context}`,
    unit: "ms",
    ...prediction.of((timing) => timing.decodeMs(Number(context))),
    measured,
    kind: "predicted",
    measuredBy: "a run on a board",
    source: origin.board,
  }));
}

function profileRows({ decodeMs, prefillMs, origin }: Published): LedgerRow[] {
  const machine = machineFrom("vhk158-flightllm");
  const prediction = new Prediction(machine, slower(machine));
  const row = (what: string, measured: number, ms: (timing: LaunchTiming) => number): LedgerRow => ({
    section: SECTION,
    what: `VHK158, LLaMA-2-7B, ${what}`,
    unit: "ms",
    ...prediction.of(ms),
    measured,
    kind: "predicted",
    measuredBy: "FlightLLM's profiler",
    source: origin.profile,
  });
  return [
    ...CONTEXTS.map((context) =>
      row(`a token at context ${context}, four cores`, decodeMs[context]!, (timing) =>
        timing.decodeMs(context),
      ),
    ),
    // The profile skips masked blocks of attention.
    ...Object.entries(prefillMs).map(([tokens, measured]) =>
      row(`prefill of ${tokens}, four cores`, measured, (timing) =>
        timing.prefillMs(Number(tokens), maskDensity(Number(tokens))),
      ),
    ),
  ];
}

/** What a thousand tokens of context add to a token: slopes are harder to meet than sums. */
function slopeRows({ boardMs, decodeMs, origin }: Published): LedgerRow[] {
  const row = (
    name: string,
    [from, to]: readonly [number, number],
    published: Readonly<Record<string, number>>,
    by: Pick<LedgerRow, "measuredBy" | "source">,
  ): LedgerRow => {
    const machine = machineFrom(`${name}-flightllm`);
    const prediction = new Prediction(machine, slower(machine));
    const ofThousand = (at: (context: number) => number): number =>
      (1000 * (at(to) - at(from))) / (to - from);
    return {
      section: "flightllm-slopes",
      what: `${name}, LLaMA-2-7B, 1,000 tokens of context, from ${from} to ${to}`,
      unit: "ms",
      ...prediction.of((timing) => ofThousand((context) => timing.decodeMs(context))),
      measured: ofThousand((context) => published[context]!),
      kind: "predicted",
      ...by,
    };
  };
  const profile = { measuredBy: "FlightLLM's profiler", source: origin.profile };
  return [
    row("u280", [128, 512], boardMs, { measuredBy: "a run on a board", source: origin.board }),
    row("vhk158", [128, 512], decodeMs, profile),
    row("vhk158", [512, 2048], decodeMs, profile),
  ];
}

/** Units of the machine, by the profile's names. */
const UNITS = [
  ["MV", "matrix"],
  ["LD", "hbm"],
  ["MISC", "vector"],
] as const;

/** Shares of a step at 512 tokens in which units work. The profile is one core's; four cores wait for each other. */
function busyRows({ busyMs, decodeMs, origin }: Published): LedgerRow[] {
  const machine = machineFrom("vhk158-flightllm");
  const one = singleCore(machine);
  const cores = [
    { name: "one core", prediction: new Prediction(withoutLatencies(one), [one]) },
    { name: "four cores", prediction: new Prediction(machine, slower(machine)) },
  ];
  const share = (timing: LaunchTiming, name: string): number => {
    const { units, cycles } = timing.decode(512);
    return (100 * units.find(({ unit }) => unit === name)!.busy) / cycles;
  };
  return cores.flatMap(({ name, prediction }) =>
    UNITS.map(
      ([published, unit]): LedgerRow => ({
        section: "flightllm-busy",
        what: `VHK158, ${published} busy in a token at context 512, ${name}`,
        unit: "%",
        ...prediction.of((timing) => share(timing, unit)),
        measured: (100 * busyMs[published]) / decodeMs[512]!,
        kind: "predicted",
        measuredBy: "FlightLLM's profiler, of one core",
        source: origin.profile,
      }),
    ),
  );
}

/**
 * The published profiler's own way: one core does everything, and its time is divided by 3.2. MV's busy time is no row: it
 * is the same count of passes on both sides, which a test holds equal.
 */
function methodRows({ decodeMs, busyMs, origin }: Published): LedgerRow[] {
  const machine = singleCore(machineFrom("vhk158-flightllm"));
  const prediction = new Prediction(withoutLatencies(machine), [machine]);
  const row = (what: string, measured: number, ms: (timing: LaunchTiming) => number): LedgerRow => ({
    section: "flightllm-method",
    what: `VHK158, one core / ${PUBLISHED_DIVISOR}, ${what}`,
    unit: "ms",
    ...prediction.of((timing) => ms(timing) / PUBLISHED_DIVISOR),
    measured,
    kind: "predicted",
    measuredBy: "FlightLLM's profiler",
    source: origin.profile,
  });
  const loading = (timing: LaunchTiming): number =>
    timing.ms(timing.decode(512).units.find(({ unit }) => unit === "hbm")!.busy);
  return [
    ...[144, 512, 1024, 2048].map((context) =>
      row(`a token at context ${context}`, decodeMs[context]!, (timing) => timing.decodeMs(context)),
    ),
    row("LD busy at 512", busyMs.LD, loading),
  ];
}
