import { describe, expect, it } from "vitest";
import type { Decoder, DecoderSession } from "../../models/decoder/decoder.ts";
import { answers, perplexity } from "../../src/compress/evaluate.ts";
import { tinyShape } from "./random-llama.ts";

/** Says what follows from the last token alone: the probability of `next` after `last`. */
function bigramDecoder(probability: (last: number, next: number) => number): Decoder {
  const shape = { ...tinyShape, vocabSize: 4 };
  return {
    shape,
    start(): DecoderSession {
      let length = 0;
      return {
        get length() {
          return length;
        },
        extend(ids) {
          length += ids.length;
          // Logits are not normalised: any constant may be added.
          return Float32Array.from(
            ids.flatMap((last, i) => [0, 1, 2, 3].map((next) => Math.log(probability(last, next)) + i)),
          );
        },
        truncate(kept) {
          length = kept;
        },
      };
    },
  };
}

describe("perplexity", () => {
  it("is the vocabulary's size if all tokens are equally likely", () => {
    const uniform = bigramDecoder(() => 0.25);
    expect(
      perplexity(uniform, [
        [0, 1, 2],
        [0, 3],
      ]),
    ).toBeCloseTo(4, 5);
  });

  it("counts every token after the first, each with equal weight", () => {
    const decoder = bigramDecoder((last, next) => (next === (last + 1) % 4 ? 0.7 : 0.1));
    const expected = (0.7 * 0.7 * 0.1) ** (-1 / 3);
    expect(
      perplexity(decoder, [
        [0, 1, 2],
        [0, 3],
      ]),
    ).toBeCloseTo(expected, 5);
  });
});

describe("answers", () => {
  const decoder = bigramDecoder((last, next) => (next === (last + 1) % 4 ? 0.7 : 0.1));

  it("is the share of questions whose first option is the likeliest", () => {
    const right = { prompt: [0], options: [[1], [2], [3]] };
    const wrong = { prompt: [1], options: [[1], [2], [3]] };
    expect(answers(decoder, [right, wrong, right, right])).toBe(0.75);
  });

  it("adds up the tokens of an option, each after those before it", () => {
    expect(
      answers(decoder, [
        {
          prompt: [3, 0],
          options: [
            [1, 2],
            [1, 1],
            [3, 0],
          ],
        },
      ]),
    ).toBe(1);
    expect(
      answers(decoder, [
        {
          prompt: [3, 0],
          options: [
            [1, 1, 1],
            [2, 3, 0],
          ],
        },
      ]),
    ).toBe(0);
  });

  it("leaves the prompt as it was between options", () => {
    const lengths: number[] = [];
    const watched: Decoder = {
      shape: decoder.shape,
      start() {
        const session = decoder.start();
        return {
          get length() {
            return session.length;
          },
          extend(ids) {
            lengths.push(session.length);
            return session.extend(ids);
          },
          truncate: (length) => session.truncate(length),
        };
      },
    };
    answers(watched, [
      {
        prompt: [3, 0],
        options: [
          [1, 2],
          [1, 1],
          [3, 0],
        ],
      },
    ]);
    expect(lengths).toEqual([0, 2, 2, 2]);
  });
});
