import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../models/package-root.ts";
import { validated } from "../../../models/validate.ts";

/** Programs whose steps were measured. */
export const FRAMEWORKS = [
  "gpt-fast",
  "torchao",
  "turbomind",
  "llama.cpp",
  "transformers",
  "vllm-0.1.7",
] as const;
export type FrameworkName = (typeof FRAMEWORKS)[number];

const count = z.int().positive();

const stepSchema = z.strictObject({
  framework: z.enum(FRAMEWORKS),
  phase: z.enum(["decode", "prefill"]),
  /** Names of the libraries of shapes and devices. */
  model: z.string(),
  device: z.string(),
  /** As `--weights` takes it. */
  weights: z.string(),
  keysAndValuesBits: count,
  batch: count,
  /** Decode: mean over the generated tokens. */
  context: count,
  prompt: count,
  generated: count,
  /** The time of a generated token has its share of the prompt's time in it. */
  includesPrefill: z.boolean(),
  milliseconds: z.number().positive(),
  measuredBy: z.string(),
  source: z.string(),
});
export type MeasuredStep = z.infer<typeof stepSchema>;

const fileSchema = z.strictObject({
  schema: z.literal("accel/measured-steps@1"),
  rows: z.array(stepSchema).min(1),
});

/** Published times of whole steps. */
export function measuredSteps(): readonly MeasuredStep[] {
  const path = join(packageRoot(), "src/roofline/calibration/data/measured-steps.json");
  return validated(fileSchema, JSON.parse(readFileSync(path, "utf8")), "measured-steps.json").rows;
}
