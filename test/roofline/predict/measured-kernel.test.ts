import { describe, expect, it } from "vitest";
import { openShape } from "../../../models/shapes/library.ts";
import { deviceNamed } from "../../../src/devices/library.ts";
import { kernelSeconds } from "../../../src/roofline/calibration/kernel-time.ts";
import {
  MEASURED_KERNELS,
  type MeasuredKernel,
  measuredKernel,
} from "../../../src/roofline/calibration/kernels.ts";
import { measuredKernels, PROCESSORS } from "../../../src/roofline/calibration/measurements.ts";
import { predictStep } from "../../../src/roofline/predict/step-prediction.ts";
import { rooflineDevice, rooflineDeviceNamed } from "../../../src/roofline/resolve-device.ts";
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

  it("are those of whatever device says so, by whatever name", () => {
    const other = { ...deviceNamed("a100-80g"), name: "my-own" };
    expect({ ...rooflineDevice(other), name: device.name }).toEqual(device);
  });
});

describe("what a device multiplies with", () => {
  const predicted = (name: string, weights: string, activationBits: number, sparsity = "dense") =>
    predictStep(
      openShape("llama-2-7b").shape,
      rooflineDeviceNamed(name),
      { ...formats(weights), weights: parseStoredWeights({ weights, sparsity }), activationBits },
      { kind: "prefill", batch: 1, tokens: 2048, past: 0 },
    );

  it("holds weights and activations", () => {
    expect(predicted("a100-80g", "w16", 8).numbers).toBe("fp16");
    expect(predicted("a100-80g", "w4", 16).numbers).toBe("fp16");
    expect(predicted("a100-80g", "w8", 8).numbers).toBe("int8");
    expect(predicted("a100-80g", "w4", 4).numbers).toBe("int4");
    expect(predicted("v100s", "w4", 8).numbers).toBe("int8");
    expect(predicted("u280", "w16", 8).seconds).toBeGreaterThan(1.5 * predicted("u280", "w8", 8).seconds);
  });

  it("knows two of four, at up to twice the speed, and no other pattern", () => {
    const seconds = (sparsity: string): number => predicted("a100-80g", "w16", 16, sparsity).seconds;
    const dense = seconds("dense");
    expect(seconds("2:4") / dense).toBeGreaterThan(0.5);
    expect(seconds("2:4") / dense).toBeLessThan(0.75);
    for (const other of ["4:8", "8:16", "n:16@0.5"]) expect(seconds(other) / dense).toBeGreaterThan(0.97);
  });

  it("multiplies zeros where it does not know them", () => {
    const executed = (name: string): number =>
      predicted(name, "w16", 16, "2:4").matrixOperations / predicted(name, "w16", 16).matrixOperations;
    expect(executed("v100s")).toBe(1);
    expect(executed("a100-80g")).toBeLessThan(0.6);
    expect(executed("u280")).toBeLessThan(0.6);
  });

  it("streams a small matrix at less of the peak than a large one, as each channel has little of it", () => {
    const board = rooflineDeviceNamed("u280");
    const share = (model: string): number => {
      const step = { kind: "decode", batch: 1, context: 1 } as const;
      const { operations } = predictStep(
        openShape(model).shape,
        { ...board, onChip: { kind: "cache", bytes: 0 } },
        formats("w4"),
        step,
      );
      const { time } = operations.find(({ operation }) => operation.name === "o")!;
      return (
        time.weightMemoryBytes /
        (time.memorySeconds * board.memories[0]!.bytesPerSecond * board.kernel.memoryShare)
      );
    };
    expect(share("llama-2-7b")).toBeGreaterThan(0.99);
    expect(share("llama-tiny")).toBeLessThan(0.9);
  });
});
