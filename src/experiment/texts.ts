import { readFileSync } from "node:fs";
import type { Checkpoint } from "../../models/checkpoint/checkpoint.ts";
import { SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import type { Tokenizer } from "../../models/checkpoint/tokenizer.ts";
import type { Decoder } from "../../models/decoder/decoder.ts";
import { InputError } from "../../models/errors.ts";
import { HELD_OUT } from "../../models/llama-tiny/corpus.ts";
import { heldOutQuestions, heldOutStories } from "../../models/llama-tiny/held-out.ts";
import { calibrationIds } from "../compress/calibration.ts";
import type { TokenizedQuestion } from "../compress/evaluate.ts";
import { questionIds, textIds } from "../compress/tokenize.ts";
import { regularFile } from "../devices/library.ts";

/** Texts that a model is measured on, in token ids. */
export interface HeldOut {
  /** Each <s> text </s>. */
  readonly sequences: readonly (readonly number[])[];
  readonly questions: readonly TokenizedQuestion[];
  /** How much, and from where, for people. */
  readonly note: string;
}

/** How much held-out text to take from the corpus that ships. */
export interface HeldOutSize {
  readonly stories: number;
  readonly questions: number;
  /** Counted from the first seed that nobody trained on. */
  readonly seed: number;
}

export interface Texts {
  /** Where the text comes from: the corpus of a model that ships, a file, or nowhere. */
  readonly source: "corpus" | "file" | "none";
  /** Sequences to calibrate with. @param decoder writes them where there is no text */
  calibration(decoder: () => Decoder): number[][];
  /** Null where there is no text. */
  heldOut(size: HeldOutSize): HeldOut | null;
}

/** Text files larger than this are refused unread. */
const MAX_TEXT_BYTES = 64 * 2 ** 20;

/**
 * Texts for a model: a file's if one is named, else those of the corpus that ships with the model.
 * @param name the model, as the user named it
 * @throws InputError for a file that is missing, too large, or has fewer than two lines
 */
export function textsFor(
  name: string,
  checkpoint: Checkpoint,
  tokenizer: Tokenizer | null,
  file: string | undefined,
): Texts {
  if (file !== undefined) {
    if (tokenizer === null)
      throw new InputError(
        `${checkpoint.folder} has no tokenizer.json, so ${file} cannot be turned into tokens.`,
      );
    return fileTexts(checkpoint, tokenizer, file);
  }
  const { maxPositions } = checkpoint.shape;
  if (tokenizer === null || !SHIPPED_MODELS.includes(name)) {
    return {
      source: "none",
      calibration: (decoder) =>
        calibrationIds({ kind: "model", special: checkpoint, decoder: decoder(), seed: 0 }, maxPositions),
      heldOut: () => null,
    };
  }
  return {
    source: "corpus",
    calibration: () =>
      calibrationIds({ kind: "stories", tokenizer, special: checkpoint, seed: 0 }, maxPositions),
    heldOut: ({ stories, questions, seed }) => {
      const first = HELD_OUT + seed;
      const sequences = heldOutStories(stories, first).map(({ text }) =>
        textIds(tokenizer, checkpoint, text),
      );
      return {
        sequences,
        questions: heldOutQuestions(questions, first).map((question) =>
          questionIds(tokenizer, checkpoint, question),
        ),
        note: `${tokensOf(sequences)} tokens of ${stories} held-out stories and ${questions} questions, seed ${first}`,
      };
    },
  };
}

const tokensOf = (sequences: readonly (readonly number[])[]): number =>
  sequences.reduce((sum, ids) => sum + ids.length - 1, 0);

/** Texts from a file, one a line: the first half calibrates, the second half measures. */
function fileTexts(checkpoint: Checkpoint, tokenizer: Tokenizer, path: string): Texts {
  const lines = readText(path)
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (lines.length < 2) {
    throw new InputError(
      `${path} has ${lines.length === 1 ? "one line" : "no line"} of text; at least two are needed: one to calibrate with, one to measure on.`,
    );
  }
  const { maxPositions } = checkpoint.shape;
  const half = Math.ceil(lines.length / 2);
  return {
    source: "file",
    calibration: () => {
      const text = lines.slice(0, half).join("\n");
      return calibrationIds({ kind: "text", tokenizer, special: checkpoint, text }, maxPositions);
    },
    heldOut: () => {
      const sequences = lines
        .slice(half)
        .map((line) => textIds(tokenizer, checkpoint, line).slice(0, maxPositions));
      return {
        sequences,
        questions: [],
        note: `${tokensOf(sequences)} tokens in the second half of ${path}`,
      };
    },
  };
}

function readText(path: string): string {
  try {
    const { size } = regularFile(path);
    if (size > MAX_TEXT_BYTES)
      throw new InputError(`${path} is ${size} bytes long; a text has at most ${MAX_TEXT_BYTES}.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}.`,
    );
  }
}
