import { describe, expect, it } from "vitest";
import { publicShapes } from "../../../models/shapes/library.ts";
import { planShape } from "../../../src/compile/shape-plan.ts";
import type { StreamPlan } from "../../../src/compile/stream-plan.ts";
import { parseCompression } from "../../../src/compress/spec.ts";
import { parseStoredWeights } from "../../../src/roofline/workload/format-words.ts";
import { operationsOf } from "../../../src/roofline/workload/operations.ts";

/** Shapes that machines run, whose rows and columns fill blocks and groups. */
const SHAPES = publicShapes().filter(({ llama, shape }) => {
  if (llama === null || shape.feedForward.kind === "experts") return false;
  const { hiddenSize, vocabSize, feedForward, attention } = shape;
  return [hiddenSize, feedForward.intermediateSize, vocabSize, attention.headDim].every(
    (size) => size % 64 === 0,
  );
});

describe("the analytic model and the compiler's layout", () => {
  it.each([
    ["w4g32", "dense"],
    ["w8g64", "dense"],
    ["w4g64", "2:4"],
    ["w3g32", "4:8"],
    ["w2g64", "n:16@0.5"],
  ])("count the same bytes of codes, indices and scales: %s %s", (weights, sparsity) => {
    expect(SHAPES.length).toBeGreaterThan(5);
    for (const { llama, shape, name } of SHAPES.slice(0, 8)) {
      const spec = parseCompression({ weights, sparsity });
      const format = { ...spec.weights, pattern: spec.pattern };
      const plan = planShape(llama!, format, spec.head, spec.kv);
      const stored = parseStoredWeights({ weights, sparsity });
      const head = parseStoredWeights({ weights, sparsity: "dense" });
      const operations = operationsOf(
        shape,
        { kind: "decode", batch: 1, context: 1 },
        {
          weights: stored,
          head,
          activationBits: 8,
          keysAndValuesBits: 8,
          flashAttention: true,
          tensorParallel: 1,
        },
      );
      const planned = new Map<string, StreamPlan>([...Object.entries(plan.layers[0]!), ["head", plan.head]]);
      const linear = operations.filter(({ kind }) => kind === "linear");
      expect(new Set(linear.map((operation) => operation.name))).toEqual(new Set(planned.keys()));
      for (const operation of linear) {
        const { bytes, rows } = planned.get(operation.name)!;
        const biases = shape.attention.biases.qkv && ["q", "k", "v"].includes(operation.name) ? 2 * rows : 0;
        const where = `${name} ${operation.name}`;
        expect(operation.traffic.weights - biases, where).toBe(bytes.codes);
        expect(operation.traffic.scales, where).toBe(bytes.scales);
        expect(operation.traffic.indices, where).toBe(bytes.indices + bytes.counts);
      }
    }
  });
});
