import { describe, expect, it } from "vitest";
import { openShape } from "../../../models/shapes/library.ts";
import {
  frameworkNamed,
  frameworkStep,
  predictedSteps,
} from "../../../src/roofline/calibration/framework-step.ts";
import { type FRAMEWORKS, measuredSteps } from "../../../src/roofline/calibration/measured-steps.ts";
import { meanAbsolute, relativeError } from "../../../src/roofline/calibration/uncertainty.ts";
import { rooflineDeviceNamed } from "../../../src/roofline/resolve-device.ts";
import { parseStoredWeights } from "../../../src/roofline/workload/format-words.ts";

const steps = predictedSteps();
const weights = parseStoredWeights({ weights: "w16", sparsity: "dense" });
const formats = {
  weights,
  head: weights,
  activationBits: 16,
  keysAndValuesBits: 16,
  flashAttention: true,
  tensorParallel: 1,
};

describe("steps in frameworks", () => {
  it("every measured step is predicted once", () => {
    expect(steps).toHaveLength(measuredSteps().length);
    for (const { predictedSeconds, uncertaintySeconds } of steps) {
      expect(predictedSeconds).toBeGreaterThan(0);
      expect(uncertaintySeconds).toBeGreaterThan(0);
    }
  });

  it("published decode speeds of four sources: mean error at most 7 %, each left out of its own fit", () => {
    const errors = steps
      .filter(({ measured }) => measured.phase === "decode" && measured.measuredBy !== "authors of FlightLLM")
      .map(({ predictedSeconds, measuredSeconds }) => relativeError(predictedSeconds, measuredSeconds));
    expect(errors).toHaveLength(15);
    expect(meanAbsolute(errors)).toBeLessThan(0.07);
  });

  it("a step left out is not the step fitted", () => {
    const two = steps.filter(({ measured }) => measured.framework === "llama.cpp");
    expect(two).toHaveLength(2);
    const { startSeconds } = frameworkNamed("llama.cpp");
    const [first] = two;
    const { seconds } = frameworkStep(
      rooflineDeviceNamed(first!.measured.device),
      { name: "llama.cpp", startSeconds, uncertainty: 0.1 },
      openShape("llama-3-8b").shape,
      formats,
      { kind: "decode", batch: 1, context: first!.measured.context },
    );
    expect(Math.abs(seconds / first!.predictedSeconds - 1)).toBeGreaterThan(0.01);
  });

  it("programs that start each operation by themselves start slower than compiled ones", () => {
    const start = (name: (typeof FRAMEWORKS)[number]) => frameworkNamed(name).startSeconds;
    for (const compiled of ["gpt-fast", "torchao", "turbomind"] as const) {
      expect(start(compiled)).toBeLessThan(start("vllm-0.1.7"));
      expect(start("vllm-0.1.7")).toBeLessThan(start("llama.cpp"));
      expect(start("llama.cpp")).toBeLessThan(start("transformers"));
    }
  });

  it("carries over to a device that was not measured, with more uncertainty", () => {
    const { shape } = openShape("llama-2-7b");
    const step = { kind: "decode", batch: 1, context: 512 } as const;
    const on = (device: string) =>
      frameworkStep(rooflineDeviceNamed(device), frameworkNamed("vllm-0.1.7"), shape, formats, step);
    const [a100, v100s] = [on("a100-80g"), on("v100s")];
    expect(v100s.seconds).toBeGreaterThan(1.2 * a100.seconds);
    expect(v100s.uncertaintySeconds / v100s.seconds).toBeGreaterThan(a100.uncertaintySeconds / a100.seconds);
  });
});
