import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import type { Decoder } from "../../models/decoder/decoder.ts";
import { FloatDecoder } from "../../models/decoder/float.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { LINEAR_NAMES, type LlamaWeights } from "../../models/decoder/weights.ts";
import type { CompressedModel } from "../../models/formats/compressed-model.ts";
import type { QuantizedMatrix } from "../../models/formats/quantized-matrix.ts";
import { encodeMatrix } from "../../models/formats/stream.ts";
import { HELD_OUT } from "../../models/llama-tiny/corpus.ts";
import { heldOutQuestions, heldOutStories } from "../../models/llama-tiny/held-out.ts";
import { CALIBRATION_TOKENS, calibrationIds } from "./calibration.ts";
import { compressModel } from "./compress.ts";
import { dequantizedWeights } from "./dequantize.ts";
import { answers, perplexity } from "./evaluate.ts";
import { type CompressionWords, type Method, parseCompression } from "./spec.ts";
import { questionIds, type SpecialTokens, textIds } from "./tokenize.ts";

/** The compressions that are compared, each by both methods. */
export const COMPRESSIONS: readonly { readonly name: string; readonly words: CompressionWords }[] = [
  { name: "W8", words: { weights: "w8" } },
  { name: "W4", words: { weights: "w4" } },
  { name: "W3", words: { weights: "w3" } },
  { name: "2:4 + W8", words: { weights: "w8", sparsity: "2:4" } },
  { name: "2:4 + W4", words: { weights: "w4", sparsity: "2:4" } },
  { name: "8:16 + W4", words: { weights: "w4", sparsity: "8:16" } },
  { name: "n:16@0.5 + W4", words: { weights: "w4", sparsity: "n:16@0.5" } },
  { name: "n:16@0.4 + W4", words: { weights: "w4", sparsity: "n:16@0.4" } },
];

const METHODS: readonly Method[] = ["baseline", "second-order"];

export interface TableModel {
  readonly shape: LlamaShape;
  readonly weights: LlamaWeights;
  readonly tokenizer: Tokenizer;
  readonly special: SpecialTokens;
}

/** What the table is measured on: stories of the corpus that ships with llama-tiny. */
export interface TableSettings {
  /** Held-out stories for perplexity, from `heldOutSeed` on. */
  readonly stories: number;
  /** Questions about held-out stories, from `heldOutSeed` on. */
  readonly questions: number;
  readonly heldOutSeed: number;
  /** First training story to calibrate on. */
  readonly calibrationSeed: number;
  readonly calibrationTokens: number;
  /** Runs a compressed model. */
  readonly makeDecoder: (model: CompressedModel) => Decoder;
}

export const TABLE_SETTINGS: TableSettings = {
  stories: 100,
  questions: 200,
  heldOutSeed: HELD_OUT,
  calibrationSeed: 0,
  calibrationTokens: CALIBRATION_TOKENS,
  // In floating point, with the weights that the codes say.
  makeDecoder: (model) => new FloatDecoder(model.shape, dequantizedWeights(model)),
};

export interface TableRow {
  readonly name: string;
  /** Null for the uncompressed model. */
  readonly method: Method | null;
  /** Bits a weight of the layers' matrices takes in the stream: codes, indices, counts and scales. */
  readonly bitsPerWeight: number;
  readonly perplexity: number;
  /** Share of questions answered right. */
  readonly answers: number;
}

/** Measures the compressions of `COMPRESSIONS`, each by both methods: a row at a time, because it takes a while. */
export function* compressionTable(
  { shape, weights, tokenizer, special }: TableModel,
  settings: TableSettings = TABLE_SETTINGS,
): Generator<TableRow> {
  const { heldOutSeed, calibrationSeed, calibrationTokens, makeDecoder } = settings;
  const stories = heldOutStories(settings.stories, heldOutSeed).map(({ text }) =>
    textIds(tokenizer, special, text),
  );
  const questions = heldOutQuestions(settings.questions, heldOutSeed).map((question) =>
    questionIds(tokenizer, special, question),
  );
  const quality = (decoder: Decoder): Pick<TableRow, "perplexity" | "answers"> => ({
    perplexity: perplexity(decoder, stories),
    answers: answers(decoder, questions),
  });
  yield {
    name: "dense float",
    method: null,
    bitsPerWeight: 32,
    ...quality(new FloatDecoder(shape, weights)),
  };

  const source = { kind: "stories", tokenizer, special, seed: calibrationSeed } as const;
  const calibration = calibrationIds(source, shape.maxPositions, calibrationTokens);
  for (const { name, words } of COMPRESSIONS) {
    for (const method of METHODS) {
      const { model } = compressModel(shape, weights, calibration, parseCompression({ ...words, method }));
      yield { name, method, bitsPerWeight: layerBitsPerWeight(model), ...quality(makeDecoder(model)) };
    }
  }
}

/** Bits that the stream of the layers' matrices has for each weight of the uncompressed ones. */
export function layerBitsPerWeight({ layers }: CompressedModel): number {
  const matrices: QuantizedMatrix[] = layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer[name]));
  let bits = 0;
  let weights = 0;
  for (const matrix of matrices) {
    bits += 8 * encodeMatrix(matrix, 0, 1).length;
    weights += matrix.rows * matrix.cols;
  }
  return bits / weights;
}

/** Rows as a Markdown table: perplexity and answers of the baseline beside those of the second-order method. */
export function markdownTable(rows: readonly TableRow[]): string {
  const lines = [...new Set(rows.map(({ name }) => name))].map((name) => {
    const same = rows.filter((row) => row.name === name);
    const cells = same.flatMap((row) => [row.perplexity.toFixed(3), percent(row.answers)]);
    while (cells.length < 2 * METHODS.length) cells.push(""); // the uncompressed model has no method
    return `| ${[name, same[0]!.bitsPerWeight.toFixed(2), ...cells].join(" | ")} |`;
  });
  return [
    "| weights | bits a weight | perplexity, baseline | answers, baseline | perplexity, second-order | answers, second-order |",
    "|---|---:|---:|---:|---:|---:|",
    ...lines,
  ].join("\n");
}

/** What the rows were measured on, in a sentence. */
export function settingsNote(settings: TableSettings): string {
  const { stories, questions, heldOutSeed, calibrationSeed, calibrationTokens } = settings;
  return (
    `${stories} held-out stories and ${questions} questions from seed ${heldOutSeed} on; ` +
    `calibrated on ${calibrationTokens} tokens or a few more, whole training stories from seed ${calibrationSeed} on.`
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
