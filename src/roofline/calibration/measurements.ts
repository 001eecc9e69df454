import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../models/package-root.ts";
import { validated } from "../../../models/validate.ts";
import type { TimedKernel } from "./fit.ts";
import type { Processor } from "./kernel-time.ts";
import { type LayerSize, MEASURED_KERNELS, type MeasuredKernel, measuredKernel } from "./kernels.ts";

const count = z.int().positive();
const row = z
  .tuple([count, count])
  .rest(z.number().positive())
  .refine(({ length }) => length === 2 + MEASURED_KERNELS.length, "must have a time for every kernel");

const measuredSchema = z.strictObject({
  source: z.string(),
  kernels: z
    .array(z.string())
    .refine((names) => names.join() === MEASURED_KERNELS.join(), "must be the known ones"),
  sets: z.array(
    z.strictObject({
      device: z.enum(["a100", "h100", "a40"]),
      model: z.string(),
      hiddenSize: count,
      intermediateSize: count,
      heads: count,
      kvHeads: count,
      /** Tokens, devices that share the layer, then microseconds of every kernel. */
      rows: z.array(row).min(1),
    }),
  ),
});

/** Measured processors: figures of their data sheets, for 16-bit floats. */
export const PROCESSORS = {
  // 40 MB of cache in two halves, each for what its half of the multiprocessors asks for (NVIDIA A100 white paper).
  a100: {
    bytesPerSecond: 2039e9,
    operationsPerSecond: 312e12,
    multiprocessors: 108,
    cacheBytes: 20e6,
  },
  // SXM; 50 MB of cache, in halves as well (NVIDIA H100 white paper).
  h100: {
    bytesPerSecond: 3350e9,
    operationsPerSecond: 989.5e12,
    multiprocessors: 132,
    cacheBytes: 25e6,
  },
  // NVIDIA Ampere GA102 white paper.
  a40: {
    bytesPerSecond: 696e9,
    operationsPerSecond: 149.7e12,
    multiprocessors: 84,
    cacheBytes: 6e6,
  },
} as const satisfies Readonly<Record<string, Processor>>;
export type ProcessorName = keyof typeof PROCESSORS;

/** A kernel that somebody measured. */
export interface Measurement extends TimedKernel {
  readonly name: MeasuredKernel;
  readonly device: ProcessorName;
  readonly model: string;
  readonly tokens: number;
  readonly parallel: number;
}

/** The models whose kernels are fitted, each checked on the other. */
export const FITTED_MODELS = ["Llama-2-7b-hf", "Meta-Llama-3-8B"] as const;

export interface MeasuredKernels {
  readonly source: string;
  readonly measurements: readonly Measurement[];
}

/** Every measured kernel, with what it computes and moves. */
export function measuredKernels(): MeasuredKernels {
  const path = join(packageRoot(), "src/roofline/calibration/data/measured-kernels.json");
  const { source, sets } = validated(
    measuredSchema,
    JSON.parse(readFileSync(path, "utf8")),
    "measured-kernels.json",
  );
  const measurements = sets.flatMap(({ device, model, rows, ...dimensions }) =>
    rows.flatMap(([tokens, parallel, ...microseconds]) => {
      const size: LayerSize = { ...dimensions, parallel };
      return MEASURED_KERNELS.map((name, i) => ({
        name,
        device,
        model,
        tokens,
        parallel,
        kernel: measuredKernel(name, size, tokens),
        seconds: microseconds[i]! * 1e-6,
      }));
    }),
  );
  return { source, measurements };
}
