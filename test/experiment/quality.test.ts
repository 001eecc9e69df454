import { describe, expect, it } from "vitest";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { dequantizedWeights } from "../../src/compress/dequantize.ts";
import { perplexity } from "../../src/compress/evaluate.ts";
import { type CompressionWords, parseCompression } from "../../src/compress/spec.ts";
import { integerDecoder, LoadedModel } from "../../src/experiment/prepare.ts";

const model = new LoadedModel("llama-tiny");
const SEED = 5000;
const { sequences } = model.texts.heldOut({ stories: 24, questions: 1, seed: SEED })!;
const float = perplexity(model.float, sequences);

/** Perplexity of the integer decoder over that of another one. */
function integerOver(words: CompressionWords, reference: "float" | "dequantized"): number {
  const { model: compressed } = model.compress(parseCompression(words));
  const integer = perplexity(integerDecoder(compressed), sequences);
  if (reference === "float") return integer / float;
  return integer / perplexity(new FloatDecoder(compressed.shape, dequantizedWeights(compressed)), sequences);
}

describe("the integer decoder", () => {
  it("with W8, A8 and KV8 is within 1 % of the float decoder", () => {
    expect(Math.abs(integerOver({ weights: "w8" }, "float") - 1)).toBeLessThan(0.01);
  });

  it("with W4 is within 3 % of the float decoder on the same dequantized weights", () => {
    expect(Math.abs(integerOver({ weights: "w4" }, "dequantized") - 1)).toBeLessThan(0.03);
    expect(Math.abs(integerOver({ weights: "w4", kv: "4" }, "dequantized") - 1)).toBeLessThan(0.03);
  });

  it("pruned to 2:4 is within 3 % of the float decoder on the same dequantized weights", () => {
    expect(Math.abs(integerOver({ weights: "w4", sparsity: "2:4" }, "dequantized") - 1)).toBeLessThan(0.03);
  });

  it("takes tokens in one by one, together, and after forgetting, with the same words", () => {
    const decoder = integerDecoder(model.compress(parseCompression({ sparsity: "2:4" })).model);
    const ids = sequences[0]!.slice(0, 40);
    const together = decoder.start().extend(ids);
    const session = decoder.start();
    const single: number[] = [];
    session.extend(ids.slice(0, 7));
    session.truncate(0);
    for (const id of ids) {
      // A detour that is forgotten again leaves no trace.
      session.extend([id, 3]);
      session.truncate(session.length - 2);
      single.push(...session.extend([id]));
    }
    expect(single).toEqual(Array.from(together));
  });
});
