import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../models/checkpoint/checkpoint.ts";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { FloatDecoder } from "../../../models/decoder/float.ts";
import type { LlamaShape } from "../../../models/decoder/shape.ts";
import { LINEAR_NAMES } from "../../../models/decoder/weights.ts";
import { InputError } from "../../../models/errors.ts";
import { heldOutStories } from "../../../models/llama-tiny/held-out.ts";
import { writeRandomCheckpoint } from "../../support/checkpoint-writer.ts";
import { goldenLogits } from "../../support/golden.ts";
import { plainLogits } from "../../support/plain-llama.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const golden = goldenLogits();

function llamaTiny() {
  const checkpoint = openModel("llama-tiny");
  const { shape } = checkpoint;
  const weights = checkpoint.loadWeights();
  const tokenizer = checkpoint.tokenizer();
  checkpoint.close();
  return { shape, weights, tokenizer, decoder: new FloatDecoder(shape, weights) };
}

function randomModel(shapeOverrides: Partial<LlamaShape>, seed: number) {
  const folder = temporaryFolder();
  writeRandomCheckpoint(folder, { shapeOverrides, seed });
  const checkpoint = openCheckpoint(folder);
  const model = { shape: checkpoint.shape, weights: checkpoint.loadWeights() };
  checkpoint.close();
  return model;
}

function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, i) => (logit > logits[best]! ? i : best), 0);
}

/** Mean negative log-likelihood of each id after the first, in nats. */
function sumNll(logits: Float32Array, ids: readonly number[], vocabSize: number): number {
  let nll = 0;
  for (let t = 0; t + 1 < ids.length; t++) {
    const row = logits.subarray(t * vocabSize, (t + 1) * vocabSize);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    nll += Math.log(total) + largest - row[ids[t + 1]!]!;
  }
  return nll;
}

describe("llama-tiny, against another implementation", () => {
  const { shape, tokenizer, decoder } = llamaTiny();

  test.each(golden.cases.map((c) => [c.text.slice(0, 30), c] as const))("logits of %j", (_, expected) => {
    const logits = decoder.start().extend(expected.ids);
    const last = logits.subarray(-shape.vocabSize);
    const largest = Math.max(...expected.logitsAtLast.map(Math.abs));
    expected.logitsAtLast.forEach((logit, i) => {
      expect(Math.abs(last[i]! - logit) / largest).toBeLessThan(1e-4);
    });
    expect(sumNll(logits, expected.ids, shape.vocabSize) / (expected.ids.length - 1)).toBeCloseTo(
      expected.meanNll,
      5,
    );
  });

  test.each(golden.cases.map((c) => [c.text.slice(0, 30), c] as const))(
    "continues %j greedily",
    (_, expected) => {
      const session = decoder.start();
      let next = argmax(session.extend(expected.ids).subarray(-shape.vocabSize));
      const continuation = [next];
      while (continuation.length < expected.greedy.length) {
        next = argmax(session.extend([next]));
        continuation.push(next);
      }
      expect(continuation).toEqual(expected.greedy);
    },
  );

  test("perplexity of held-out stories, in a fraction of the time allowed for them", () => {
    const { stories, fromSeed, tokens, perplexity } = golden.heldOutStories;
    let nll = 0;
    let counted = 0;
    for (const { text } of heldOutStories(stories, fromSeed)) {
      const ids = [0, ...tokenizer.encode(text), 1];
      nll += sumNll(decoder.start().extend(ids), ids, shape.vocabSize);
      counted += ids.length - 1;
    }
    expect(counted).toBe(tokens);
    expect(Math.exp(nll / counted)).toBeCloseTo(perplexity, 5);
  }, 15_000);
});

describe("any Llama shape, against the plain decoder", () => {
  const shapes = fc
    .record({
      kvHeads: fc.integer({ min: 1, max: 3 }),
      headsPerKv: fc.integer({ min: 1, max: 3 }),
      headDim: fc.integer({ min: 1, max: 7 }).map((half) => 2 * half),
      hiddenSize: fc.integer({ min: 3, max: 33 }),
      intermediateSize: fc.integer({ min: 1, max: 50 }),
      layers: fc.integer({ min: 1, max: 3 }),
      vocabSize: fc.integer({ min: 2, max: 40 }),
      ropeTheta: fc.constantFrom(100, 10_000, 500_000),
      tiedEmbeddings: fc.boolean(),
      ropeScaling: fc.constantFrom(null, {
        kind: "llama3" as const,
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalMaxPositions: 24,
      }),
    })
    .map(({ headsPerKv, ...shape }) => ({ ...shape, heads: shape.kvHeads * headsPerKv }));

  test("logits agree, in whatever pieces the tokens come", () => {
    const pieces = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(shapes, pieces, fc.nat(), (overrides, numbers, seed) => {
        const { shape, weights } = randomModel(overrides, seed);
        const parts = numbers.map((part) => part.map((n) => n % shape.vocabSize));
        const session = new FloatDecoder(shape, weights).start();
        let last: Float32Array = new Float32Array(0);
        for (const part of parts) last = session.extend(part).slice(-shape.vocabSize);
        const expected = plainLogits(shape, weights, parts.flat());
        const largest = Math.max(...expected.map(Math.abs));
        expected.forEach((logit, i) => {
          expect(Math.abs(last[i]! - logit)).toBeLessThanOrEqual(1e-5 * largest + 1e-7);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe("a session", () => {
  const { shape, weights } = randomModel({ maxPositions: 200 }, 3);
  const decoder = new FloatDecoder(shape, weights);

  test("goes back to an earlier length", () => {
    const session = decoder.start();
    session.extend([5, 6, 7]);
    const once = session.extend([8, 9]);
    session.truncate(3);
    expect(session.length).toBe(3);
    session.extend([400, 401, 402]);
    session.truncate(3);
    expect(session.extend([8, 9])).toEqual(once);
    expect(() => session.truncate(6)).toThrow(RangeError);
  });

  test("keeps its keys and values where they grow beyond their first room", () => {
    const ids = Array.from({ length: 150 }, (_, i) => (i * 37) % shape.vocabSize);
    const atOnce = decoder.start().extend(ids).slice(-shape.vocabSize);
    const session = decoder.start();
    let last: Float32Array = new Float32Array(0);
    for (const id of ids) last = session.extend([id]);
    expect(last).toEqual(atOnce);
  });

  test("does not know of other sessions", () => {
    const alone = decoder.start().extend([1, 2, 3]);
    const [a, b] = [decoder.start(), decoder.start()];
    a.extend([1]);
    b.extend([9, 8, 7]);
    expect(a.extend([2, 3])).toEqual(alone.slice(shape.vocabSize));
  });

  test("of no tokens gives no logits", () => {
    expect(decoder.start().extend([])).toEqual(new Float32Array(0));
  });

  test("refuses ids that are none, and texts that are too long, and stays as it was", () => {
    const session = decoder.start();
    session.extend([1, 2]);
    for (const id of [-1, 530, 1.5, Number.NaN]) {
      expect(() => session.extend([3, id])).toThrow(InputError);
      expect(() => session.extend([3, id])).toThrow(`Token id ${id} is not one of this model's`);
    }
    expect(() => session.extend(new Array(199).fill(0))).toThrow(
      "201 tokens is too long for this model: it takes 200",
    );
    expect(session.length).toBe(2);
    expect(session.extend(new Array(198).fill(0)).length).toBe(198 * shape.vocabSize);
  });
});

test("an observer sees the inputs of every matrix once a call", () => {
  const { shape, weights } = randomModel({}, 4);
  const seen: string[] = [];
  const decoder = new FloatDecoder(shape, weights, {
    observe(name, layer, inputs, tokens) {
      const matrix = name === "head" ? weights.head : weights.layers[layer]![name];
      expect(inputs.length).toBe(tokens * matrix.cols);
      seen.push(`${layer} ${name} ${tokens}`);
    },
  });
  decoder.start().extend([1, 2, 3]);
  const expected = [0, 1].flatMap((layer) => LINEAR_NAMES.map((name) => `${layer} ${name} 3`));
  expect(seen).toEqual([...expected, "2 head 3"]);
});

test("what an observer sees are the inputs that make the outputs", () => {
  const { shape, weights } = randomModel({ layers: 1 }, 5);
  let input: Float32Array = new Float32Array(0);
  const decoder = new FloatDecoder(shape, weights, {
    observe(name, _layer, inputs) {
      if (name === "head") input = inputs.slice();
    },
  });
  const logits = decoder.start().extend([7]);
  const { cols, data } = weights.head;
  const first = input.reduce((sum, x, i) => sum + x * data[11 * cols + i]!, 0);
  expect(logits[11]).toBeCloseTo(first, 5);
});
