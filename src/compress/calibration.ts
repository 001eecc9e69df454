import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import type { Decoder } from "../../models/decoder/decoder.ts";
import { InputError } from "../../models/errors.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { trainingStories } from "../../models/llama-tiny/held-out.ts";
import { opening, type SpecialTokens, textIds } from "./tokenize.ts";

/** Tokens that a model is calibrated on. */
export const CALIBRATION_TOKENS = 2048;
/** Longest sequence that a model makes up for its own calibration. */
const SAMPLED_LENGTH = 256;
/** No tokenizer makes fewer tokens than this of a text: what lies beyond is not needed. */
const CHARACTERS_PER_TOKEN = 32;

/** Where calibration texts come from. */
export type CalibrationSource =
  /** Stories of the split that llama-tiny was trained on, from `seed` on. */
  | {
      readonly kind: "stories";
      readonly tokenizer: Tokenizer;
      readonly special: SpecialTokens;
      readonly seed: number;
    }
  /** A text of the user's, cut to the model's longest sequence. */
  | {
      readonly kind: "text";
      readonly tokenizer: Tokenizer;
      readonly special: SpecialTokens;
      readonly text: string;
    }
  /** What the model itself writes: inputs as it knows them, without any text at hand. */
  | {
      readonly kind: "model";
      readonly special: SpecialTokens;
      readonly decoder: Decoder;
      readonly seed: number;
    };

/**
 * Token ids of calibration texts: at least `tokens` in all if the source has as many, each sequence at most
 * `maxPositions` long. The same source gives the same ids.
 */
export function calibrationIds(
  source: CalibrationSource,
  maxPositions: number,
  tokens = CALIBRATION_TOKENS,
): number[][] {
  const sequences: number[][] = [];
  let total = 0;
  for (const sequence of sequencesOf(source, maxPositions, tokens)) {
    sequences.push(sequence);
    total += sequence.length;
    if (total >= tokens) break;
  }
  return sequences;
}

function* sequencesOf(source: CalibrationSource, maxPositions: number, tokens: number): Generator<number[]> {
  switch (source.kind) {
    case "stories":
      for (let seed = source.seed; ; seed++) {
        for (const { text } of trainingStories(1, seed)) {
          yield textIds(source.tokenizer, source.special, text).slice(0, maxPositions);
        }
      }
    case "text": {
      const text = source.text.slice(0, CHARACTERS_PER_TOKEN * tokens);
      const ids = source.tokenizer.encode(text);
      if (ids.length === 0)
        throw new InputError("The calibration text is empty: give a file with text to calibrate on.");
      const start = opening(source.special);
      const step = maxPositions - start.length;
      for (let first = 0; first < ids.length; first += step)
        yield [...start, ...ids.slice(first, first + step)];
      return;
    }
    case "model":
      for (let seed = source.seed; ; seed++) {
        yield sampled(
          source.decoder,
          source.special,
          new Random(seed),
          Math.min(SAMPLED_LENGTH, maxPositions),
        );
      }
  }
}

/** A sequence drawn token by token from what the decoder holds likely, up to </s> or `length` tokens. */
function sampled(decoder: Decoder, special: SpecialTokens, random: Random, length: number): number[] {
  const session = decoder.start();
  const [first] = opening(special);
  const ids = [first ?? random.below(decoder.shape.vocabSize)];
  while (ids.length < length && !special.eosTokenIds.includes(ids.at(-1)!)) {
    ids.push(draw(session.extend(ids.slice(-1)), random));
  }
  return ids;
}

/** An index with the probability that the softmax of `logits` gives it. */
function draw(logits: Float32Array, random: Random): number {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  let rest = (random.next() / 2 ** 32) * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) {
    rest -= weights[id]!;
    if (rest < 0) return id;
  }
  return weights.length - 1;
}
