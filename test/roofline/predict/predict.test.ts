import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predictGeneration } from "../../../src/roofline/predict/generation-prediction.ts";
import { kernelSeconds } from "../../../src/roofline/predict/operation-time.ts";
import {
  peakFor,
  type RooflineDevice,
  shareOfAccess,
} from "../../../src/roofline/predict/roofline-device.ts";
import { predictStep } from "../../../src/roofline/predict/step-prediction.ts";
import { totalBytes } from "../../../src/roofline/workload/operation.ts";
import type { Formats, Step } from "../../../src/roofline/workload/step.ts";
import { rooflineDevices } from "../random-device.ts";
import { storedWeights, transformerShapes } from "../random-shape.ts";

const formatsDrawn: fc.Arbitrary<Formats> = fc.record({
  weights: storedWeights,
  head: storedWeights,
  activationBits: fc.constantFrom(8, 16),
  keysAndValuesBits: fc.constantFrom(4, 8, 16),
  flashAttention: fc.boolean(),
  tensorParallel: fc.constantFrom(1, 1, 2),
});
const stepsDrawn: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("decode" as const),
    batch: fc.integer({ min: 1, max: 9 }),
    context: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({
    kind: fc.constant("prefill" as const),
    batch: fc.integer({ min: 1, max: 4 }),
    tokens: fc.integer({ min: 1, max: 200 }),
    past: fc.constant(0),
  }),
);
const drawn = [transformerShapes, rooflineDevices, formatsDrawn, stepsDrawn] as const;
const ideal = (device: RooflineDevice): RooflineDevice => ({
  ...device,
  kernel: { ...device.kernel, t0Seconds: 0, memoryShare: 1, computeShare: 1, p: null },
});

describe("a step's time", () => {
  it("lies between the slowest resource and all of them one after the other", () => {
    fc.assert(
      fc.property(...drawn, (shape, device, formats, step) => {
        const { operations, seconds } = predictStep(shape, device, formats, step);
        for (const { time } of operations) {
          const { memorySeconds, matrixSeconds, laneSeconds, decoderSeconds, linkSeconds } = time;
          const { t0Seconds } = device.kernel;
          const longest = Math.max(memorySeconds, matrixSeconds, laneSeconds + decoderSeconds);
          const all = memorySeconds + matrixSeconds + laneSeconds + decoderSeconds;
          const slack = 1 + 1e-12;
          expect(time.seconds * slack).toBeGreaterThanOrEqual(t0Seconds + longest + linkSeconds);
          expect(time.seconds).toBeLessThanOrEqual((t0Seconds + all + linkSeconds) * slack);
        }
        const sum = operations.reduce((total, operation) => total + operation.seconds, 0);
        expect(seconds).toBeCloseTo(sum, 12);
      }),
    );
  });

  it("is Williams' roofline where the device is ideal: the larger of bytes over bandwidth and operations over peak", () => {
    fc.assert(
      fc.property(...drawn, (shape, device, formats, step) => {
        const plain: RooflineDevice = {
          ...ideal(device),
          vectorOperationsPerSecond: null,
          skipsZeros: true,
          peaks: device.peaks.map((peak) => ({ ...peak, oneVectorPerSecond: null })),
          memories: [{ ...device.memories[0]!, writable: true, shareByAccess: [{ bytes: 1, share: 1 }] }],
        };
        const { operations } = predictStep(shape, plain, { ...formats, tensorParallel: 1 }, step);
        for (const { operation, time } of operations) {
          const bytes = totalBytes(time.moved);
          const seconds = Math.max(
            bytes / plain.memories[0]!.bytesPerSecond,
            operation.matrixOperations / peakFor(plain, operation.operandBits).operationsPerSecond,
          );
          expect(time.seconds / seconds || 1).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it("falls with bandwidth and rises with the context and the batch", () => {
    fc.assert(
      fc.property(...drawn, (shape, drawnDevice, formats, step) => {
        // Where a pass for one vector uses fewer multipliers, two vectors can take less time than one.
        const peaks = drawnDevice.peaks.map((peak) => ({ ...peak, oneVectorPerSecond: null }));
        const device = { ...drawnDevice, peaks };
        const { seconds } = predictStep(shape, device, formats, step);
        const faster = {
          ...device,
          memories: device.memories.map((memory) => ({
            ...memory,
            bytesPerSecond: 2 * memory.bytesPerSecond,
          })),
        };
        expect(predictStep(shape, faster, formats, step).seconds).toBeLessThanOrEqual(seconds * (1 + 1e-12));
        const larger = { ...step, batch: step.batch + 1 };
        expect(predictStep(shape, device, formats, larger).seconds).toBeGreaterThanOrEqual(
          seconds * (1 - 1e-12),
        );
        if (step.kind === "decode" && shape.attention.window === null) {
          const behind = predictStep(shape, device, formats, { ...step, context: 2 * step.context });
          // Larger accesses get more of the peak, so that only equal shares order the times.
          const even = {
            ...device,
            memories: device.memories.map((memory) => ({ ...memory, shareByAccess: [] })),
          };
          expect(predictStep(shape, even, formats, behind.step).seconds).toBeGreaterThanOrEqual(
            predictStep(shape, even, formats, step).seconds * (1 - 1e-12),
          );
        }
      }),
    );
  });

  it("moves nothing over the port that stays on the chip", () => {
    fc.assert(
      fc.property(...drawn, (shape, device, formats, step) => {
        const roomy: RooflineDevice = { ...device, onChip: { kind: "scratchpad", bytes: 1e13 } };
        const { traffic, residency, footprint, missingBytes } = predictStep(shape, roomy, formats, step);
        expect(residency.bytes).toBeCloseTo(footprint.total, 3);
        expect(traffic.keysAndValuesRead + traffic.scales + traffic.indices + traffic.activationsRead).toBe(
          0,
        );
        if (device.memories[0]!.bytes >= footprint.weights) expect(missingBytes).toBe(0);
        const none: RooflineDevice = { ...device, onChip: { kind: "cache", bytes: 0 } };
        const streamed = predictStep(shape, none, formats, step);
        const asked = streamed.operations.reduce(
          (sum, { operation }) => sum + operation.repeat * totalBytes(operation.traffic),
          0,
        );
        expect(streamed.bytes).toBeCloseTo(asked, 3);
      }),
    );
  });

  it("keeps on the chip what there is room for, and no more", () => {
    fc.assert(
      fc.property(...drawn, (shape, device, formats, step) => {
        const { residency, footprint } = predictStep(shape, device, formats, step);
        const { kind, bytes } = device.onChip;
        expect(residency.bytes).toBeLessThanOrEqual(bytes * (1 + 1e-12));
        const held =
          (residency.activations ? footprint.activations : 0) +
          residency.keysAndValues * footprint.keysAndValues +
          residency.weights * footprint.weights;
        expect(residency.bytes / held || 1).toBeCloseTo(1, 9);
        const left = held < footprint.total * (1 - 1e-9);
        // A scratchpad is full while there is something left to put into it; activations go whole or not at all.
        if (kind === "scratchpad" && left && residency.activations) expect(held / bytes).toBeCloseTo(1, 9);
      }),
    );
  });

  it("has ports of two memories work side by side, and misses what neither has room for", () => {
    fc.assert(
      fc.property(...drawn, (shape, drawnDevice, formats, step) => {
        const [large, small] = drawnDevice.memories;
        const device: RooflineDevice = {
          ...drawnDevice,
          onChip: { kind: "cache", bytes: 0 },
          memories: [
            { ...large!, writable: false, bytes: 1, shareByAccess: [] },
            { ...small!, bytes: 2, shareByAccess: [] },
          ],
        };
        const { operations, footprint, missingBytes } = predictStep(shape, device, formats, step);
        for (const { time } of operations) {
          const { moved, weightMemoryBytes } = time;
          const others =
            moved.keysAndValuesRead +
            moved.keysAndValuesWritten +
            moved.activationsRead +
            moved.activationsWritten;
          const least = (bytes: number, memory: number): number =>
            bytes / (device.memories[memory]!.bytesPerSecond * device.kernel.memoryShare);
          const longest = Math.max(least(weightMemoryBytes, 0), least(others, 1));
          expect(time.memorySeconds / longest || 1).toBeCloseTo(1, 9);
        }
        const homeless = footprint.weights - 1 + footprint.keysAndValues + footprint.activations - 2;
        expect(missingBytes).toBeCloseTo(homeless, 3);
      }),
    );
  });

  it("draws no more than the board gives, and no less than it takes idle", () => {
    fc.assert(
      fc.property(...drawn, (shape, device, formats, step) => {
        const { joules, seconds } = predictStep(shape, device, formats, step);
        const watts = joules / seconds / formats.tensorParallel;
        expect(watts).toBeLessThanOrEqual((device.boardWatts ?? Infinity) * (1 + 1e-12));
        expect(watts).toBeGreaterThanOrEqual(
          Math.min(device.idleWatts, device.boardWatts ?? Infinity) * (1 - 1e-12),
        );
      }),
    );
  });
});

describe("a whole answer", () => {
  it("takes the prompt's time and that of each decode step", () => {
    fc.assert(
      fc.property(
        transformerShapes,
        rooflineDevices,
        formatsDrawn,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (shape, device, formats, promptTokens, newTokens) => {
          const whole = predictGeneration(shape, device, formats, { batch: 2, promptTokens, newTokens });
          let { seconds, joules } = predictStep(shape, device, formats, {
            kind: "prefill",
            batch: 2,
            tokens: promptTokens,
            past: 0,
          });
          expect(whole.timeToFirstTokenSeconds).toBe(seconds);
          for (let context = promptTokens + 1; context < promptTokens + newTokens; context++) {
            const step = predictStep(shape, device, formats, { kind: "decode", batch: 2, context });
            seconds += step.seconds;
            joules += step.joules;
          }
          expect(whole.seconds / seconds).toBeCloseTo(1, 9);
          expect(whole.joules / joules).toBeCloseTo(1, 9);
          expect(whole.tokensPerSecond * whole.seconds).toBeCloseTo(2 * newTokens, 6);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("a long answer", () => {
  it("is predicted from some of its steps, to a thousandth of what all of them give", () => {
    fc.assert(
      fc.property(transformerShapes, rooflineDevices, formatsDrawn, (shape, device, formats) => {
        const asked = { batch: 1, promptTokens: 7, newTokens: 2000 };
        const { seconds, joules } = predictGeneration(shape, device, formats, asked);
        const prefill = predictStep(shape, device, formats, {
          kind: "prefill",
          batch: 1,
          tokens: 7,
          past: 0,
        });
        const all = { seconds: prefill.seconds, joules: prefill.joules };
        for (let context = 8; context < 2007; context++) {
          const step = predictStep(shape, device, formats, { kind: "decode", batch: 1, context });
          all.seconds += step.seconds;
          all.joules += step.joules;
        }
        expect(Math.abs(seconds / all.seconds - 1)).toBeLessThan(1e-3);
        expect(Math.abs(joules / all.joules - 1)).toBeLessThan(1e-3);
      }),
      { numRuns: 6 },
    );
  });
});

describe("the formulas of a kernel and an access", () => {
  it("overlap between a sum and a maximum", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1 }), fc.double({ min: 1e-9, max: 1 }), (memory, compute) => {
        fc.pre(!Number.isNaN(memory + compute));
        const at = (p: number | null): number => kernelSeconds({ t0Seconds: 0, p }, memory, compute);
        expect(at(1) / (memory + compute)).toBeCloseTo(1, 12);
        expect(at(null)).toBe(Math.max(memory, compute));
        expect(at(3)).toBeLessThanOrEqual(at(2));
        expect(at(2)).toBeCloseTo(Math.hypot(memory, compute), 12);
      }),
    );
  });

  it("give larger accesses no less of the peak, and tables what they say", () => {
    const memory = {
      name: "m",
      type: "hbm2",
      bytes: 1,
      bytesPerSecond: 1,
      writable: true,
      channels: 1,
      picojoulesPerByte: 1,
      shareByAccess: [
        { bytes: 64, share: 0.25 },
        { bytes: 1024, share: 0.75 },
        { bytes: 65536, share: 1 },
      ],
    };
    expect(shareOfAccess(memory, 64)).toBe(0.25);
    expect(shareOfAccess(memory, 256)).toBe(0.5);
    expect(shareOfAccess(memory, 1 << 20)).toBe(1);
    expect(shareOfAccess(memory, 32)).toBe(0.125);
  });
});
