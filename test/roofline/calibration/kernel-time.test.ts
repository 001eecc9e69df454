import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { a100Calibration } from "../../../src/roofline/calibration/constants.ts";
import { kernelSeconds, type Processor } from "../../../src/roofline/calibration/kernel-time.ts";
import {
  gemm,
  type LayerSize,
  MEASURED_KERNELS,
  measuredKernel,
} from "../../../src/roofline/calibration/kernels.ts";
import { PROCESSORS } from "../../../src/roofline/calibration/measurements.ts";
import { overlapped } from "../../../src/roofline/calibration/overlap.ts";

const { constants } = a100Calibration();
const A100 = PROCESSORS.a100;
const seconds = fc.double({ min: 1e-9, max: 1, noNaN: true });
const size = fc.integer({ min: 1, max: 32_768 });

describe("overlap", () => {
  it("lies between the longer and the sum, and reaches both", () => {
    fc.assert(
      fc.property(seconds, seconds, fc.double({ min: 1, max: 50, noNaN: true }), (a, b, p) => {
        const both = overlapped(p, a, b);
        expect(both).toBeGreaterThanOrEqual(Math.max(a, b));
        expect(both).toBeLessThanOrEqual((a + b) * (1 + 1e-12));
        expect(overlapped(null, a, b)).toBe(Math.max(a, b));
        expect(overlapped(1, a, b)).toBeCloseTo(a + b, 12);
        expect(overlapped(p, b, a)).toBe(both);
      }),
    );
    expect(overlapped(2, 0, 0)).toBe(0);
  });
});

describe("a matrix product's time", () => {
  it("is never below its memory's time, and grows with tokens, inputs and outputs", () => {
    fc.assert(
      fc.property(size, size, size, (tokens, inputs, outputs) => {
        const time = (t: number, i: number, o: number) => kernelSeconds(gemm(t, i, o), constants, A100);
        const bytes = 2 * (inputs * outputs + tokens * (inputs + outputs));
        const whole = time(tokens, inputs, outputs);
        expect(whole).toBeGreaterThan(bytes / A100.bytesPerSecond);
        expect(whole).toBeGreaterThan((2 * tokens * inputs * outputs) / A100.operationsPerSecond);
        for (const larger of [
          time(tokens + 1, inputs, outputs),
          time(tokens, inputs + 1, outputs),
          time(tokens, inputs, outputs + 1),
        ])
          expect(larger).toBeGreaterThanOrEqual(whole * (1 - 1e-12));
      }),
      { numRuns: 50 },
    );
  });

  it("grows in steps: what fits a wave that has begun costs nothing but its bytes", () => {
    const time = (tokens: number) => kernelSeconds(gemm(tokens, 8192, 8192), constants, A100);
    const growth = Array.from({ length: 64 }, (_, i) => time(1024 + 32 * (i + 1)) - time(1024 + 32 * i));
    const flat = growth.filter((step) => step < 0.1 * Math.max(...growth));
    expect(flat.length).toBeGreaterThan(growth.length / 3);
  });
});

describe("measured kernels", () => {
  const layer: LayerSize = { hiddenSize: 4096, intermediateSize: 11_008, heads: 32, kvHeads: 8, parallel: 2 };

  it.each(MEASURED_KERNELS)("%s is faster with a faster memory and more of everything", (name) => {
    const better: Processor = {
      bytesPerSecond: 2 * A100.bytesPerSecond,
      operationsPerSecond: 2 * A100.operationsPerSecond,
      multiprocessors: 2 * A100.multiprocessors,
      cacheBytes: 2 * A100.cacheBytes,
    };
    for (const tokens of [1, 100, 4096]) {
      const kernel = measuredKernel(name, layer, tokens);
      const here = kernelSeconds(kernel, constants, A100);
      expect(kernelSeconds(kernel, constants, better)).toBeLessThanOrEqual(here);
      expect(here).toBeGreaterThan(1e-6);
    }
  });

  it("move what their dimensions say", () => {
    expect(measuredKernel("attn_pre_proj", layer, 3)).toMatchObject({
      tokens: 3,
      inputs: 4096,
      outputs: 3072,
    });
    expect(measuredKernel("attn_post_proj", layer, 3)).toMatchObject({ inputs: 2048, outputs: 4096 });
    expect(measuredKernel("mlp_up_proj", layer, 3)).toMatchObject({ inputs: 4096, outputs: 11_008 });
    expect(measuredKernel("mlp_down_proj", layer, 3)).toMatchObject({ inputs: 5504, outputs: 4096 });
    // 1024 pairs of queries on 512 threads, then 256 pairs of keys
    expect(measuredKernel("attn_rope", layer, 3)).toMatchObject({ elements: 2560, passes: 3, slots: 3072 });
    expect(measuredKernel("mlp_act", layer, 3)).toMatchObject({ elements: 5504, passes: 6, slots: 6144 });
  });
});
