import fc from "fast-check";
import type { TransformerShape } from "../../models/shapes/transformer.ts";
import type { StoredWeights } from "../../src/roofline/workload/stored-weights.ts";

const activation = fc.constantFrom("silu", "gelu", "relu", "relu2" as const);

/** Transformers of any kind, small enough that sums stay whole numbers. */
export const transformerShapes: fc.Arbitrary<TransformerShape> = fc
  .record({
    hiddenSize: fc.integer({ min: 1, max: 40 }).map((n) => 16 * n),
    layers: fc.integer({ min: 1, max: 12 }),
    vocabSize: fc.integer({ min: 8, max: 4000 }),
    maxPositions: fc.constant(4096),
    attention: fc.record({
      kvHeads: fc.integer({ min: 1, max: 6 }),
      sharing: fc.integer({ min: 1, max: 4 }),
      headDim: fc.constantFrom(8, 16, 64),
      biases: fc.record({ qkv: fc.boolean(), output: fc.boolean() }),
      window: fc.option(fc.integer({ min: 1, max: 300 })),
      qkNorm: fc.constant(null),
    }),
    feedForward: fc.oneof(
      fc.record({
        kind: fc.constantFrom("gated", "plain" as const),
        intermediateSize: fc.integer({ min: 1, max: 900 }),
        bias: fc.boolean(),
        activation,
      }),
      fc.record({
        kind: fc.constant("experts" as const),
        experts: fc.integer({ min: 2, max: 16 }),
        expertsPerToken: fc.integer({ min: 1, max: 2 }),
        intermediateSize: fc.integer({ min: 1, max: 300 }),
        sharedIntermediateSize: fc.constantFrom(0, 128),
        sharedGate: fc.boolean(),
        activation,
      }),
    ),
    norm: fc.record({
      kind: fc.constantFrom("rms", "layer" as const),
      perLayer: fc.constantFrom(1, 2),
      outside: fc.constant(1),
      weights: fc.constantFrom(1, 2 as const),
    }),
    positions: fc.oneof(
      fc.record({ kind: fc.constant("rotary" as const), rotatedDim: fc.constantFrom(4, 8) }),
      fc.constant({ kind: "learned" as const, positions: 2050 }),
      fc.constant({ kind: "none" as const }),
    ),
    tiedEmbeddings: fc.boolean(),
    headBias: fc.boolean(),
  })
  .map(
    ({ attention: { sharing, ...attention }, ...shape }): TransformerShape => ({
      ...shape,
      embeddingSize: shape.hiddenSize,
      attention: { ...attention, heads: sharing * attention.kvHeads },
    }),
  );

export const storedWeights: fc.Arbitrary<StoredWeights> = fc.oneof(
  fc.constant<StoredWeights>({ kind: "float", bits: 16 }),
  fc.record({
    kind: fc.constant("quantized" as const),
    bits: fc.constantFrom(2, 3, 4, 8),
    groupSize: fc.constantFrom(16, 32, 128),
    scaleBits: fc.constantFrom(8, 16, 32),
    pattern: fc.constantFrom(
      { kind: "dense" as const },
      { kind: "n:m" as const, n: 2, m: 4 },
      { kind: "n:16" as const, density: 0.5 },
    ),
  }),
);
