import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName } from "../../models/decoder/weights.ts";
import { InputError } from "../../models/errors.ts";
import type { WeightBits } from "../../models/formats/quantized-matrix.ts";
import { FUSED, type Machine, type Schedule } from "../compile/machine.ts";
import type { FormatExceptions, ShapeFormats } from "../compile/shape-plan.ts";
import type { StreamFormat } from "../compile/stream-plan.ts";
import { LaunchTiming } from "./launch-timing.ts";
import { packagedFormats } from "./shape-formats.ts";

/** What is switched on. */
interface Choice {
  /** Share of weights that the n:16 pattern keeps; null: dense. */
  readonly density: number | null;
  readonly weights: "int8" | "int4" | "mixed";
  readonly schedule: Schedule;
  readonly attention: "dense" | "block-sparse";
}

/** A row of the table: one more thing is switched on. */
export interface AblationStep {
  readonly name: string;
  readonly msPerToken: number;
  /** Prefill of as many tokens as the step of decode attends to. */
  readonly prefillMs: number;
  readonly tokensPerSecond: number;
  /** Time of the first row over this one's. */
  readonly speedUp: number;
  /** That all cores move for a token. */
  readonly bytesPerToken: number;
  readonly bitsPerWeight: number;
  /** At the board's power, whatever is switched on; null where none is published. */
  readonly joulesPerToken: number | null;
  /** Whether weights, keys and values fit the machine's memories; a row is timed all the same. */
  readonly fits: boolean;
}

/** Operators of their own, each with its vectors through memory. */
const APART: Schedule = { operators: "apart", vectors: "memory", append: "copied", prefillLogits: "last" };

/** 3, 4 and 5 bits, 3.5 on average, as FlightLLM's evaluation says; which matrix gets how many is chosen here. */
const MIXED: Readonly<Record<LinearName, WeightBits>> = { q: 3, k: 3, v: 5, o: 4, gate: 3, up: 3, down: 4 };

/** Power of a board that FlightLLM runs on, by device: the U280's is quoted from its figure 1, no other is published. */
const BOARD_WATTS: Readonly<Record<string, number>> = { u280: 45 };

export const boardWatts = ({ device }: Machine): number | null => BOARD_WATTS[device] ?? null;

/**
 * Mean density of the released masks in their lower triangle, blocks of 64 × 64 (measured on FlightLLM's artefact), by prompt
 * length; between them, linear.
 */
const MASK_DENSITY: readonly (readonly [tokens: number, density: number])[] = [
  [128, 1],
  [512, 0.802],
  [1024, 0.528],
  [2048, 0.3],
];

export function maskDensity(tokens: number): number {
  const above = MASK_DENSITY.findIndex(([length]) => length >= tokens);
  if (above <= 0) return MASK_DENSITY.at(above)![1];
  const [[low, from], [high, to]] = [MASK_DENSITY[above - 1]!, MASK_DENSITY[above]!];
  return from + ((to - from) * (tokens - low)) / (high - low);
}

const STEPS: readonly { readonly name: string; readonly change: Partial<Choice> }[] = [
  { name: "plain: int8, dense, operators apart", change: {} },
  { name: "+ sparse chain, n of 16 at 0.5", change: { density: 0.5 } },
  { name: "+ weights of 3, 4 and 5 bits", change: { weights: "mixed" } },
  { name: "+ always-on-chip decode (fused, on the chip, cache in place)", change: { schedule: FUSED } },
  { name: "+ block-sparse attention", change: { attention: "block-sparse" } },
];

/** Each of them alone, on the plain machine. */
const ALONE: readonly { readonly name: string; readonly change: Partial<Choice> }[] = [
  { name: "n of 16 at 0.5 alone", change: { density: 0.5 } },
  { name: "4 bits alone", change: { weights: "int4" } },
  { name: "3, 4 and 5 bits alone", change: { weights: "mixed" } },
  { name: "always-on-chip decode (fused, on the chip, cache in place) alone", change: { schedule: FUSED } },
  { name: "block-sparse attention alone", change: { attention: "block-sparse" } },
];

const PLAIN: Choice = { density: null, weights: "int8", schedule: APART, attention: "dense" };

export interface Ablation {
  readonly steps: readonly AblationStep[];
  readonly alone: readonly AblationStep[];
  /** From the schedule of this project's compiler to that of the published programs, with the published package. */
  readonly schedules: readonly AblationStep[];
}

/** What the published programs do that this project's need not, one after the other. */
const SCHEDULES: readonly { readonly name: string; readonly change: Partial<Schedule> }[] = [
  { name: "fused, on the chip, cache in place", change: {} },
  { name: "+ operators apart, cores meet after each", change: { operators: "apart" } },
  { name: "+ vectors through memory", change: { vectors: "memory" } },
  { name: "+ cache copied to append", change: { append: "copied" } },
  { name: "+ logits of the whole prompt", change: { prefillLogits: "all" } },
];

/**
 * What each of FlightLLM's ideas brings, simulated: one after the other, and each alone.
 * @throws InputError for a machine that is not started launch by launch
 */
export function ablate(shape: LlamaShape, machine: Machine, context: number): Ablation {
  if (machine.matrix.launch === undefined)
    throw new InputError(
      `Machine ${machine.name} has no "schedule" to switch: choose one that is started launch by launch, such as u280-flightllm.`,
    );
  const plain = run(shape, machine, PLAIN, context);
  let choice = PLAIN;
  const steps = STEPS.map(({ name, change }) => {
    choice = { ...choice, ...change };
    return named(name, run(shape, machine, choice, context), plain);
  });
  const alone = ALONE.map(({ name, change }) =>
    named(name, run(shape, machine, { ...PLAIN, ...change }, context), plain),
  );
  return { steps, alone, schedules: scheduleSteps(shape, machine, context) };
}

function scheduleSteps(shape: LlamaShape, machine: Machine, context: number): AblationStep[] {
  if (machine.package === undefined) return [];
  const formats = packagedFormats(machine.package, 8);
  let schedule = FUSED;
  const figures = SCHEDULES.map(({ change }) => {
    schedule = { ...schedule, ...change };
    return timed(shape, machine, schedule, formats, context, 1);
  });
  return figures.map((one, i) => named(SCHEDULES[i]!.name, one, figures[0]!));
}

type Figures = Omit<AblationStep, "name" | "speedUp">;

const named = (name: string, figures: Figures, plain: Figures): AblationStep => ({
  name,
  ...figures,
  speedUp: plain.msPerToken / figures.msPerToken,
});

function run(shape: LlamaShape, machine: Machine, choice: Choice, context: number): Figures {
  const attended = choice.attention === "dense" ? 1 : maskDensity(context);
  return timed(shape, machine, choice.schedule, formatsFor(choice), context, attended);
}

function timed(
  shape: LlamaShape,
  machine: Machine,
  schedule: Schedule,
  formats: ShapeFormats,
  context: number,
  attended: number,
): Figures {
  const scheduled = withRoom(withSchedule(machine, schedule));
  const timing = new LaunchTiming(shape, scheduled, formats, context);
  const msPerToken = timing.decodeMs(context);
  const watts = boardWatts(machine);
  const { bytes } = timing.decodeCounts(context);
  const { streams } = timing.program.layout;
  const stored = streams.reduce((sum, { plan }) => sum + plan.bytes.total, 0);
  return {
    msPerToken,
    prefillMs: timing.prefillMs(context, attended),
    tokensPerSecond: 1e3 / msPerToken,
    bytesPerToken: Object.values(bytes).reduce((sum, count) => sum + count, 0),
    bitsPerWeight: (8 * stored) / streams.reduce((sum, { plan }) => sum + plan.rows * plan.cols, 0),
    joulesPerToken: watts === null ? null : (watts * msPerToken) / 1e3,
    fits: timing.program.layout.used.every((used, memory) => used <= machine.memories[memory]!.bytes),
  };
}

/** The machine with another schedule. */
export function withSchedule(machine: Machine, schedule: Schedule): Machine {
  const origin = { kind: "estimated", source: "chosen for an experiment" } as const;
  return { ...machine, schedule: { ...schedule, origin } };
}

/** Room for what would not fit, so that it can be timed. */
const withRoom = (machine: Machine): Machine => ({
  ...machine,
  memories: machine.memories.map((memory) => ({ ...memory, bytes: 8 * memory.bytes })),
});

const GROUP = 128;

function formatsFor({ density, weights }: Choice): ShapeFormats {
  const format = (bits: WeightBits): StreamFormat => ({
    bits,
    groupSize: GROUP,
    pattern: density === null ? { kind: "dense" } : { kind: "n:16", density },
  });
  const mixed: FormatExceptions = Object.fromEntries(
    Object.entries(MIXED).map(([name, bits]) => [name, format(bits)] as const),
  );
  const bits = weights === "int8" ? 8 : 4;
  return {
    layers: format(bits),
    head: { bits, groupSize: GROUP, pattern: { kind: "dense" } },
    kv: 8,
    exceptions: weights === "mixed" ? mixed : {},
  };
}
