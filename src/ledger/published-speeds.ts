import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../models/package-root.ts";
import { openShape } from "../../models/shapes/library.ts";
import { validated } from "../../models/validate.ts";
import { frameworkNamed } from "../roofline/calibration/framework-step.ts";
import { FRAMEWORKS } from "../roofline/calibration/measured-steps.ts";
import { predictStep } from "../roofline/predict/step-prediction.ts";
import { rooflineDeviceNamed } from "../roofline/resolve-device.ts";
import { formatsOf } from "../roofline/scenario.ts";
import type { Step } from "../roofline/workload/step.ts";
import { frameworkRun } from "./platforms.ts";
import type { LedgerRow } from "./row.ts";

const kind = z.enum(["fitted", "held out", "predicted"]);
const positive = z.number().positive();

const speedSchema = z.strictObject({
  /** Names of the libraries of shapes and devices. */
  model: z.string(),
  device: z.string(),
  /** As `--weights` takes it. */
  weights: z.string(),
  keysAndValuesBits: z.int().positive(),
  context: z.int().positive(),
  /** Whose start of kernels is known; null: a design of its own, or a program of which nothing is known. */
  framework: z.enum(FRAMEWORKS).nullable(),
  /** Such a program's name. */
  program: z.string().nullable(),
  /** Decode, of one sequence. */
  tokensPerSecond: positive,
  /** What part the speed had in the device's figures. */
  kind,
  /** While it decodes; null where nobody says it. */
  power: z.strictObject({ watts: positive, kind }).nullable(),
  measuredBy: z.string(),
  source: z.string(),
});
type PublishedSpeed = z.infer<typeof speedSchema>;

const fileSchema = z.strictObject({
  schema: z.literal("accel/published-speeds@1"),
  rows: z.array(speedSchema).min(1),
});

/** Decode speeds that no framework's start is fitted on. */
export function publishedSpeeds(): readonly PublishedSpeed[] {
  const path = join(packageRoot(), "src/ledger/data/published-speeds.json");
  return validated(fileSchema, JSON.parse(readFileSync(path, "utf8")), "published-speeds.json").rows;
}

interface Run {
  readonly seconds: number;
  readonly uncertaintySeconds: number;
  readonly joules: number;
  /** One standard deviation. */
  readonly uncertaintyJoules: number;
}

function runOf(published: PublishedSpeed): Run {
  const { weights, keysAndValuesBits, context, framework } = published;
  const device = rooflineDeviceNamed(published.device);
  const { shape } = openShape(published.model);
  const step: Step = { kind: "decode", batch: 1, context };
  const scenario = {
    weights,
    sparsity: "dense",
    batch: 1,
    context,
    newTokens: 1,
    keysAndValuesBits,
    activationBits: null,
    flashAttention: true,
    tensorParallel: 1,
  };
  const formats = formatsOf(scenario, device);
  return framework === null
    ? predictStep(shape, device, formats, step)
    : frameworkRun(device, frameworkNamed(framework), shape, formats, step);
}

const titleOf = ({ model, weights, device, framework, program, context }: PublishedSpeed): string => {
  const name = framework ?? program;
  return `${model} ${weights} on ${device}${name === null ? "" : ` in ${name}`}, context ${context}`;
};

/** What a step takes on devices that nobody fitted, and on those whose figures were taken from these very speeds. */
export const publishedSpeedRows = (): readonly LedgerRow[] =>
  publishedSpeeds().map((published): LedgerRow => {
    const { seconds, uncertaintySeconds } = runOf(published);
    const { tokensPerSecond, measuredBy, source, framework } = published;
    return {
      section: "decode-speeds",
      what: titleOf(published),
      unit: "ms",
      predicted: 1e3 * seconds,
      uncertainty: 1e3 * uncertaintySeconds,
      measured: 1e3 / tokensPerSecond,
      kind: published.kind,
      measuredBy,
      source,
      groups: { framework: framework === null ? "none" : `${framework}, other devices` },
    };
  });

/** Watts while a model decodes: the energy of a step over its time. */
export const decodePowerRows = (): readonly LedgerRow[] =>
  publishedSpeeds().flatMap((published): readonly LedgerRow[] => {
    const { power, measuredBy, source } = published;
    if (power === null) return [];
    const { seconds, joules, uncertaintyJoules } = runOf(published);
    return [
      {
        section: "decode-power",
        what: titleOf(published),
        unit: "W",
        predicted: joules / seconds,
        uncertainty: uncertaintyJoules / seconds,
        measured: power.watts,
        kind: power.kind,
        measuredBy,
        source,
      },
    ];
  });
