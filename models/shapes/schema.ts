import { z } from "zod";
import type { LlamaShape } from "../decoder/shape.ts";

const count = (largest: number) => z.int().min(1).max(largest);

/** What each number of a shape may be: several times the largest model known, so that sizes stay safe to compute with. */
export const BOUNDS = {
  hiddenSize: count(2 ** 16),
  intermediateSize: count(2 ** 19),
  layers: count(1024),
  heads: count(1024),
  kvHeads: count(1024),
  headDim: count(1024).multipleOf(2, "must be even, because rotary embedding turns pairs"),
  vocabSize: count(2 ** 21),
  maxPositions: count(2 ** 24),
  experts: count(4096),
  rmsNormEps: z.number().min(1e-30).max(1),
  ropeTheta: z.number().min(1).max(1e12),
  ropeFactor: z
    .number()
    .min(1)
    .max(2 ** 16),
  ropeFrequencyFactor: z
    .number()
    .gt(0)
    .max(2 ** 16),
} as const;

const ropeScalingSchema = z.strictObject({
  kind: z.literal("llama3"),
  factor: BOUNDS.ropeFactor,
  lowFrequencyFactor: BOUNDS.ropeFrequencyFactor,
  highFrequencyFactor: BOUNDS.ropeFrequencyFactor,
  originalMaxPositions: BOUNDS.maxPositions,
});

export const shapeSchema: z.ZodType<LlamaShape> = z
  .strictObject({
    hiddenSize: BOUNDS.hiddenSize,
    intermediateSize: BOUNDS.intermediateSize,
    layers: BOUNDS.layers,
    heads: BOUNDS.heads,
    kvHeads: BOUNDS.kvHeads,
    headDim: BOUNDS.headDim,
    vocabSize: BOUNDS.vocabSize,
    maxPositions: BOUNDS.maxPositions,
    rmsNormEps: BOUNDS.rmsNormEps,
    ropeTheta: BOUNDS.ropeTheta,
    ropeScaling: ropeScalingSchema.nullable(),
    tiedEmbeddings: z.boolean(),
  })
  .superRefine((shape, context) => {
    const { heads, kvHeads, ropeScaling } = shape;
    if (heads % kvHeads !== 0) {
      context.addIssue(
        `${heads} query heads cannot be shared out evenly among ${kvHeads} key and value heads`,
      );
    }
    if (ropeScaling !== null && ropeScaling.lowFrequencyFactor >= ropeScaling.highFrequencyFactor) {
      context.addIssue("the low frequency factor of rotary scaling must be below the high one");
    }
  });
