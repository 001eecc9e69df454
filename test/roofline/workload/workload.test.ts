import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameterCount, type TransformerShape } from "../../../models/shapes/transformer.ts";
import { expertsReached } from "../../../src/roofline/workload/feed-forward.ts";
import { heldWeights } from "../../../src/roofline/workload/footprint.ts";
import { operationsOf } from "../../../src/roofline/workload/operations.ts";
import { attendedPairs, type Formats, type Step } from "../../../src/roofline/workload/step.ts";
import type { StoredWeights } from "../../../src/roofline/workload/stored-weights.ts";
import { storedWeights, transformerShapes } from "../random-shape.ts";

const W16: StoredWeights = { kind: "float", bits: 16 };
const formats = (changes: Partial<Formats> = {}): Formats => ({
  weights: W16,
  head: W16,
  activationBits: 16,
  keysAndValuesBits: 16,
  flashAttention: false,
  tensorParallel: 1,
  ...changes,
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("decode" as const),
    batch: fc.integer({ min: 1, max: 9 }),
    context: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({
    kind: fc.constant("prefill" as const),
    batch: fc.integer({ min: 1, max: 9 }),
    tokens: fc.integer({ min: 1, max: 300 }),
    past: fc.integer({ min: 0, max: 200 }),
  }),
);
const matrixOperations = (shape: TransformerShape, step: Step, choice: Formats): number =>
  operationsOf(shape, step, choice).reduce((sum, { repeat, matrixOperations: n }) => sum + repeat * n, 0);

describe("a step's work", () => {
  it("holds two bytes for every number that the model learns, and no other", () => {
    fc.assert(
      fc.property(transformerShapes, (shape) => {
        expect(heldWeights(shape, formats())).toBeCloseTo(2 * parameterCount(shape).total, 3);
      }),
    );
  });

  it("reads, in a decode step, every matrix once and one row of each table", () => {
    fc.assert(
      fc.property(transformerShapes, fc.integer({ min: 1, max: 100 }), (shape, context) => {
        fc.pre(shape.feedForward.kind !== "experts");
        const read = operationsOf(shape, { kind: "decode", batch: 1, context }, formats()).reduce(
          (sum, { repeat, traffic }) => sum + repeat * traffic.weights,
          0,
        );
        const { hiddenSize, vocabSize, positions, tiedEmbeddings } = shape;
        const tables = vocabSize * hiddenSize * (tiedEmbeddings ? 0 : 1);
        const learned = positions.kind === "learned" ? positions.positions * hiddenSize : 0;
        const rows = hiddenSize * (positions.kind === "learned" ? 2 : 1);
        expect(read).toBe(2 * (parameterCount(shape).total - tables - learned + rows));
      }),
    );
  });

  it("attends to the pairs that a walk over all queries counts", () => {
    fc.assert(
      fc.property(steps, fc.option(fc.integer({ min: 1, max: 300 })), (step, window) => {
        const last = step.kind === "decode" ? step.context : step.past + step.tokens;
        const fresh = step.kind === "decode" ? 1 : step.tokens;
        let pairs = 0;
        for (let query = last - fresh + 1; query <= last; query++) pairs += Math.min(query, window ?? query);
        expect(attendedPairs(step, window)).toBe(pairs);
      }),
    );
  });

  it("reads the inputs of products that are fused once", () => {
    fc.assert(
      fc.property(transformerShapes, steps, (shape, step) => {
        const tokens = step.batch * (step.kind === "decode" ? 1 : step.tokens);
        const operations = operationsOf(shape, step, formats());
        const read = (...names: readonly string[]): number =>
          operations
            .filter(({ name }) => names.includes(name))
            .reduce((sum, { traffic }) => sum + traffic.activationsRead, 0);
        const inputs = 2 * tokens * shape.hiddenSize;
        expect(read("q", "k", "v") / inputs).toBeCloseTo(1, 9);
        if (shape.feedForward.kind !== "experts") expect(read("gate", "up") / inputs).toBeCloseTo(1, 9);
      }),
    );
  });

  it("holds a head that is tied to the embedding once, on however many devices", () => {
    fc.assert(
      fc.property(transformerShapes, fc.constantFrom(2, 4), (shape, tensorParallel) => {
        const tied = { ...shape, vocabSize: 64 * tensorParallel, tiedEmbeddings: true };
        const table = (2 * tied.vocabSize * tied.hiddenSize) / tensorParallel;
        const untied = { ...tied, tiedEmbeddings: false };
        const held = (one: TransformerShape): number => heldWeights(one, formats({ tensorParallel }));
        expect(held(untied) - held(tied)).toBeCloseTo(table, 3);
      }),
    );
  });

  it("computes the same whatever the weights' bits, and less where weights are pruned", () => {
    fc.assert(
      fc.property(transformerShapes, steps, storedWeights, (shape, step, weights) => {
        const plain = operationsOf(shape, step, formats());
        const stored = operationsOf(shape, step, formats({ weights }));
        for (const [i, operation] of stored.entries()) {
          expect(operation.denseMatrixOperations).toBe(plain[i]!.denseMatrixOperations);
          expect(operation.matrixOperations).toBeLessThanOrEqual(plain[i]!.matrixOperations);
          expect(operation.traffic.keysAndValuesRead).toBe(plain[i]!.traffic.keysAndValuesRead);
        }
      }),
    );
  });

  it("reads, in a decode step, every key and value that is attended to once, and writes the token's own", () => {
    fc.assert(
      fc.property(
        transformerShapes,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom(4, 8, 16),
        fc.boolean(),
        (shape, batch, context, keysAndValuesBits, flashAttention) => {
          const { kvHeads, headDim, window } = shape.attention;
          const choice = formats({ keysAndValuesBits, flashAttention });
          const operations = operationsOf(shape, { kind: "decode", batch, context }, choice);
          const sum = (source: "keysAndValuesRead" | "keysAndValuesWritten"): number =>
            operations.reduce((total, { repeat, traffic }) => total + repeat * traffic[source], 0);
          // Integers have an exponent for each head's vector.
          const vector = (headDim * keysAndValuesBits) / 8 + (keysAndValuesBits < 16 ? 1 : 0);
          const ofToken = 2 * batch * shape.layers * kvHeads * vector;
          expect(sum("keysAndValuesRead") / ofToken).toBeCloseTo(Math.min(context, window ?? context), 6);
          expect(sum("keysAndValuesWritten") / ofToken).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it("is the same work in one prefill as token by token, with flash attention", () => {
    fc.assert(
      fc.property(transformerShapes, fc.integer({ min: 1, max: 40 }), (shape, tokens) => {
        const flash = formats({ flashAttention: true });
        const head = { ...shape, vocabSize: 1, headBias: false };
        const whole = matrixOperations(head, { kind: "prefill", batch: 1, tokens, past: 0 }, flash);
        let stepwise = 0;
        for (let context = 1; context <= tokens; context++) {
          stepwise += matrixOperations(head, { kind: "decode", batch: 1, context }, flash);
        }
        // Each decode step has logits, a prefill only those of its last token.
        expect(whole).toBe(stepwise - (tokens - 1) * 2 * shape.hiddenSize);
      }),
    );
  });

  it("is shared out by tensor parallelism without a rest where sizes divide", () => {
    fc.assert(
      fc.property(transformerShapes, steps, fc.constantFrom(2, 3, 4), (shape, step, tensorParallel) => {
        const { attention, feedForward } = shape;
        const divisible: TransformerShape = {
          ...shape,
          vocabSize: tensorParallel * shape.vocabSize,
          attention: {
            ...attention,
            heads: tensorParallel * attention.heads,
            kvHeads: tensorParallel * attention.kvHeads,
          },
          feedForward:
            feedForward.kind === "experts"
              ? {
                  ...feedForward,
                  intermediateSize: tensorParallel * feedForward.intermediateSize,
                  sharedIntermediateSize: tensorParallel * feedForward.sharedIntermediateSize,
                }
              : { ...feedForward, intermediateSize: tensorParallel * feedForward.intermediateSize },
        };
        const router = ({ name }: { name: string }): boolean => name === "router";
        const sum = (choice: Formats): number =>
          operationsOf(divisible, step, choice)
            .filter((operation) => !router(operation))
            .reduce((total, { repeat, matrixOperations: n }) => total + repeat * n, 0);
        expect(tensorParallel * sum(formats({ tensorParallel }))).toBeCloseTo(sum(formats()), 3);
      }),
    );
  });

  it("sends nothing over a link of one device, and a ring's share over those of several", () => {
    fc.assert(
      fc.property(transformerShapes, steps, fc.integer({ min: 1, max: 8 }), (shape, step, tensorParallel) => {
        const sent = operationsOf(shape, step, formats({ tensorParallel })).filter(
          ({ kind }) => kind === "collective",
        );
        if (tensorParallel === 1) expect(sent).toEqual([]);
        const sums = sent.filter(({ name }) => name.includes("sum"));
        for (const { linkBytes } of sums) {
          const tokens = step.batch * (step.kind === "decode" ? 1 : step.tokens);
          const vector = tokens * shape.hiddenSize * 2;
          expect(linkBytes).toBeCloseTo((2 * (tensorParallel - 1) * vector) / tensorParallel, 3);
        }
      }),
    );
  });

  it("reaches as many experts as tokens drawing at random do", () => {
    let state = 1;
    const random = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    for (const [experts, perToken, tokens] of [
      [8, 2, 1],
      [8, 2, 7],
      [60, 4, 12],
    ] as const) {
      let total = 0;
      const draws = 4000;
      for (let draw = 0; draw < draws; draw++) {
        const reached = new Set<number>();
        for (let token = 0; token < tokens; token++) {
          const own = new Set<number>();
          while (own.size < perToken) own.add(Math.floor(random() * experts));
          for (const expert of own) reached.add(expert);
        }
        total += reached.size;
      }
      expect(total / draws / expertsReached(experts, perToken, tokens)).toBeCloseTo(1, 1);
      expect(expertsReached(experts, perToken, 1)).toBeCloseTo(perToken, 9);
    }
  });
});
