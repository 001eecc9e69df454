import { describe, expect, it } from "vitest";
import { openModel } from "../../models/checkpoint/open-model.ts";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { heldOutStories } from "../../models/llama-tiny/held-out.ts";
import { calibrationIds } from "../../src/compress/calibration.ts";
import { compressModel } from "../../src/compress/compress.ts";
import { dequantizedWeights } from "../../src/compress/dequantize.ts";
import { perplexity } from "../../src/compress/evaluate.ts";
import { type CompressionWords, parseCompression } from "../../src/compress/spec.ts";
import { textIds } from "../../src/compress/tokenize.ts";
import { faults } from "./random.ts";
import { randomLlama, tinyShape } from "./random-llama.ts";

const matrices = ({ layers, head }: CompressedModel) => [
  ...layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer[name])),
  head,
];

describe("compressModel", () => {
  const weights = randomLlama(tinyShape, new Random(3));
  const calibration = [
    [0, 1, 2, 3, 4, 5, 6],
    [7, 8, 9],
  ];

  it.each([
    {},
    { weights: "w2g16", sparsity: "2:4" },
    { weights: "w5", sparsity: "n:16@0.4", method: "baseline" },
    { weights: "w3", sparsity: "8:16", kv: "4" },
  ])("keeps every matrix of a model of odd sizes to its format: %j", (words: CompressionWords) => {
    const spec = parseCompression(words);
    const { model } = compressModel(tinyShape, weights, calibration, spec);
    expect(model.kvBits).toBe(spec.kv);
    expect(model.embedding).toBe(weights.embedding);
    for (const matrix of matrices(model)) expect(faults(matrix)).toEqual([]);
    for (const layer of model.layers) expect(layer.down.pattern).toEqual(spec.pattern);
    expect(model.head.pattern).toEqual({ kind: "dense" });
  });

  it("gives the same codes again", () => {
    const spec = parseCompression({ sparsity: "2:4" });
    const again = compressModel(tinyShape, weights, calibration, spec);
    expect(compressModel(tinyShape, weights, calibration, spec)).toEqual(again);
  });

  it("computes nearly the same with 8 bits, and says so", () => {
    const { model, statistics } = compressModel(
      tinyShape,
      weights,
      calibration,
      parseCompression({ weights: "w8" }),
    );
    expect(statistics.map(({ layer, name }) => `${layer} ${name}`)).toEqual([
      ...[0, 1].flatMap((layer) => LINEAR_NAMES.map((name) => `${layer} ${name}`)),
      "2 head",
    ]);
    for (const { outputError } of statistics) expect(outputError).toBeLessThan(1e-3);
    const ids = [0, 4, 2, 9, 11];
    const expected = new FloatDecoder(tinyShape, weights).start().extend(ids);
    const logits = new FloatDecoder(tinyShape, dequantizedWeights(model)).start().extend(ids);
    expected.forEach((logit, i) => {
      expect(logits[i]).toBeCloseTo(logit, 1);
    });
  });
});

describe("on llama-tiny", () => {
  const checkpoint = openModel("llama-tiny");
  const { shape } = checkpoint;
  const tokenizer = checkpoint.tokenizer();
  const weights = checkpoint.loadWeights();
  const source = { kind: "stories", tokenizer, special: checkpoint, seed: 0 } as const;
  const calibration = calibrationIds(source, shape.maxPositions);
  const stories = heldOutStories(6).map(({ text }) => textIds(tokenizer, checkpoint, text));
  const dense = perplexity(new FloatDecoder(shape, weights), stories);
  const perplexityOf = (words: CompressionWords): number => {
    const { model } = compressModel(shape, weights, calibration, parseCompression(words));
    return perplexity(new FloatDecoder(shape, dequantizedWeights(model)), stories);
  };

  it("second-order 2:4 loses less than a quarter of what the baseline loses", () => {
    const lost = perplexityOf({ sparsity: "2:4" }) - dense;
    const lostByBaseline = perplexityOf({ sparsity: "2:4", method: "baseline" }) - dense;
    expect(lost).toBeLessThan(0.25 * lostByBaseline);
  });

  it("w4 is within 1 % of the uncompressed model, w8 within 0.1 %", () => {
    expect(perplexityOf({ weights: "w4" })).toBeLessThan(1.01 * dense);
    expect(perplexityOf({ weights: "w8" })).toBeLessThan(1.001 * dense);
  });
});
