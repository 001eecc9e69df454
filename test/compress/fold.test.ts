import { describe, expect, it } from "vitest";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { foldedWeights, unfoldedWeights } from "../../src/compress/fold.ts";
import { randomLlama, tinyShape } from "./random-llama.ts";

describe("foldedWeights", () => {
  it("compute the same logits as the weights they come from", () => {
    const weights = randomLlama(tinyShape, new Random(1));
    const unfolded = unfoldedWeights(tinyShape, foldedWeights(tinyShape, weights));
    const ids = [0, 5, 3, 9, 9, 2];
    const expected = new FloatDecoder(tinyShape, weights).start().extend(ids);
    const logits = new FloatDecoder(tinyShape, unfolded).start().extend(ids);
    const largest = expected.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
    expected.forEach((logit, i) => {
      expect(Math.abs(logits[i]! - logit)).toBeLessThan(1e-5 * largest);
    });
  });

  it("hold gains in the matrices that follow and log2(e) / √headDim in q", () => {
    const weights = randomLlama(tinyShape, new Random(2));
    const { layers, head } = foldedWeights(tinyShape, weights);
    const { q, down, attentionNorm } = weights.layers[0]!;
    const scale = Math.LOG2E / Math.sqrt(tinyShape.headDim);
    expect(layers[0]!.q.data[1]).toBeCloseTo(q.data[1]! * attentionNorm[1]! * scale, 6);
    expect(layers[0]!.down).toBe(down);
    expect(head.data[2]).toBeCloseTo(weights.head.data[2]! * weights.finalNorm[2]!, 6);
  });
});
