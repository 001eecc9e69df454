import { describe, expect, it } from "vitest";
import { openModel } from "../../models/checkpoint/open-model.ts";
import { FloatDecoder } from "../../models/decoder/float.ts";
import { InputError } from "../../models/errors.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { trainingStories } from "../../models/llama-tiny/held-out.ts";
import { calibrationIds } from "../../src/compress/calibration.ts";
import { randomLlama, tinyShape } from "./random-llama.ts";

const checkpoint = openModel("llama-tiny");
const tokenizer = checkpoint.tokenizer();
const special = { bosTokenId: 0, eosTokenIds: [1] };

describe("calibrationIds", () => {
  it("takes whole training stories until there are tokens enough", () => {
    const sequences = calibrationIds({ kind: "stories", tokenizer, special, seed: 5 }, 512, 300);
    const total = sequences.flat().length;
    expect(total).toBeGreaterThanOrEqual(300);
    expect(total - sequences.at(-1)!.length).toBeLessThan(300);
    const [story] = trainingStories(1, 5);
    expect(sequences[0]).toEqual([0, ...tokenizer.encode(story!.text), 1]);
  });

  it("cuts a text to the model's longest sequence and stops where it ends", () => {
    const text = "The dog was in the park. ".repeat(20);
    const ids = tokenizer.encode(text);
    const sequences = calibrationIds({ kind: "text", tokenizer, special, text }, 50, 10_000);
    for (const sequence of sequences) {
      expect(sequence.length).toBeLessThanOrEqual(50);
      expect(sequence[0]).toBe(0);
    }
    expect(sequences.flatMap((sequence) => sequence.slice(1))).toEqual(ids);
  });

  it("refuses an empty text", () => {
    expect(() => calibrationIds({ kind: "text", tokenizer, special, text: "" }, 50)).toThrow(InputError);
  });

  it("lets the model write its own, the same for the same seed", () => {
    const decoder = new FloatDecoder(tinyShape, randomLlama(tinyShape, new Random(4)));
    const write = (seed: number) =>
      calibrationIds({ kind: "model", special, decoder, seed }, tinyShape.maxPositions, 150);
    const sequences = write(1);
    expect(sequences.flat().length).toBeGreaterThanOrEqual(150);
    for (const sequence of sequences) {
      expect(sequence[0]).toBe(0);
      expect(sequence.length).toBeLessThanOrEqual(tinyShape.maxPositions);
      expect(sequence.slice(0, -1)).not.toContain(1);
    }
    expect(write(1)).toEqual(sequences);
    expect(write(2)).not.toEqual(sequences);
  });
});
