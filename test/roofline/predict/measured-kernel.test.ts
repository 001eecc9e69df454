import { describe, expect, it } from "vitest";
import { openShape } from "../../../models/shapes/library.ts";
import { kernelSeconds } from "../../../src/roofline/calibration/kernel-time.ts";
import {
  MEASURED_KERNELS,
  type MeasuredKernel,
  measuredKernel,
} from "../../../src/roofline/calibration/kernels.ts";
import { measuredKernels, PROCESSORS } from "../../../src/roofline/calibration/measurements.ts";
import { predictStep } from "../../../src/roofline/predict/step-prediction.ts";
import { rooflineDeviceNamed } from "../../../src/roofline/resolve-device.ts";
import { parseStoredWeights } from "../../../src/roofline/workload/format-words.ts";
import type { Formats } from "../../../src/roofline/workload/step.ts";

const device = rooflineDeviceNamed("a100-80g");
const formats = (weights: string): Formats => ({
  weights: parseStoredWeights({ weights, sparsity: "dense" }),
  head: parseStoredWeights({ weights, sparsity: "dense" }),
  activationBits: 16,
  keysAndValuesBits: 16,
  flashAttention: true,
  tensorParallel: 1,
});

/** The operators that a measured kernel runs. */
const OPERATORS: Readonly<Record<MeasuredKernel, readonly string[]>> = {
  emb: ["embedding"],
  input_layernorm: ["attention norm"],
  attn_pre_proj: ["q", "k", "v"],
  attn_rope: ["rotary embedding"],
  attn_post_proj: ["o"],
  post_attention_layernorm: ["feed-forward norm"],
  mlp_up_proj: ["gate", "up"],
  mlp_act: ["activation"],
  mlp_down_proj: ["down"],
  add: ["attention add"],
};

function secondsOf(model: string, tokens: number, kernel: MeasuredKernel, weights = "w16"): number {
  const step = { kind: "prefill", batch: 1, tokens, past: 0 } as const;
  const { operations } = predictStep(openShape(model).shape, device, formats(weights), step);
  return operations
    .filter(({ operation }) => OPERATORS[kernel].includes(operation.name))
    .reduce((sum, { time }) => sum + time.seconds, 0);
}

describe("operators on a processor whose kernels were measured", () => {
  it.each(MEASURED_KERNELS)("take what the calibrated kernel takes: %s", (kernel) => {
    for (const model of ["llama-2-7b", "llama-3-8b"]) {
      const { hiddenSize, attention, feedForward } = openShape(model).shape;
      const { heads, kvHeads } = attention;
      const size = {
        hiddenSize,
        heads,
        kvHeads,
        intermediateSize: feedForward.intermediateSize,
        parallel: 1,
      };
      for (const tokens of [1, 17, 512, 4096]) {
        const expected = kernelSeconds(
          measuredKernel(kernel, size, tokens),
          device.kernelModel!.constants,
          PROCESSORS.a100,
        );
        expect(secondsOf(model, tokens, kernel) / expected).toBeCloseTo(1, 9);
      }
    }
  });

  it("err by 7 % on average where a model had no part in the fit", () => {
    const errors = measuredKernels()
      .measurements.filter(
        ({ device: on, model, parallel }) => on === "a100" && model === "Llama-2-70b-hf" && parallel === 1,
      )
      .map(({ name, tokens, seconds }) => Math.abs(secondsOf("llama-2-70b", tokens, name) / seconds - 1));
    expect(errors.length).toBeGreaterThan(50);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.075);
  });

  it("take less with fewer bits while memory is the limit, down to what unpacking takes", () => {
    const [w16, w8, w4, w2, w1] = ["w16", "w8", "w4", "w2", "w1"].map((weights) =>
      secondsOf("llama-2-7b", 1, "mlp_up_proj", weights),
    ) as [number, number, number, number, number];
    expect(w8).toBeLessThan(0.65 * w16);
    expect(w4).toBeLessThan(w8);
    expect(w2).toBeLessThanOrEqual(w4);
    expect(w1 / w2).toBeCloseTo(1, 1);
  });
});
