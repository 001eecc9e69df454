import { InputError } from "../../models/errors.ts";
import { BLOCK, type Pattern, WEIGHT_BITS, type WeightBits } from "../../models/formats/quantized-matrix.ts";
import { patternNumber } from "../../models/formats/stream.ts";

/** How one matrix is stored. */
export interface MatrixFormat {
  readonly bits: WeightBits;
  /** Columns that share a scale; a multiple of 16. */
  readonly groupSize: number;
  readonly pattern: Pattern;
}

/** How codes are found: looking at calibration inputs, or at the weights alone. */
export type Method = "second-order" | "baseline";

/** How a whole model is compressed. The embedding table is not part of it: a token reads one row of it. */
export interface CompressionSpec {
  readonly weights: { readonly kind: "quantized"; readonly bits: WeightBits; readonly groupSize: number };
  /** Of the layers' matrices. */
  readonly pattern: Pattern;
  /** The output head has its own format: it stays dense, because each of its rows is one token's only voice. */
  readonly head: MatrixFormat;
  /** Bits of a cached key or value. */
  readonly kv: 8 | 4;
  readonly method: Method;
}

/** A compression in the words of the command line. */
export interface CompressionWords {
  /** `w<bits>` or `w<bits>g<group>`; `w4` is `w4g32`. */
  readonly weights?: string;
  /** `dense`, `none`, `n:m` as in `2:4`, or `n:16@<density>` as in `n:16@0.5`. */
  readonly sparsity?: string;
  /** `8` or `4`. */
  readonly kv?: string;
  /** `second-order` or `baseline`. */
  readonly method?: string;
}

const DEFAULT_GROUP = 32;
/** A matrix's header has a byte for its group, in blocks. */
const MAX_GROUP = 255 * BLOCK;

/**
 * Reads a compression; what is not said is `w4g32`, dense, 8-bit keys and values, second-order.
 * @throws InputError for words that name no compression that the hardware has
 */
export function parseCompression(words: CompressionWords): CompressionSpec {
  const { bits, groupSize } = parseWeights(words.weights ?? "w4");
  return {
    weights: { kind: "quantized", bits, groupSize },
    pattern: parsePattern(words.sparsity ?? "dense"),
    head: { bits, groupSize, pattern: { kind: "dense" } },
    kv: parseKeyValueBits(words.kv ?? "8"),
    method: parseMethod(words.method ?? "second-order"),
  };
}

export function parseWeights(word: string): { readonly bits: WeightBits; readonly groupSize: number } {
  const match = /^w(\d{1,2})(?:g(\d{1,6}))?$/.exec(word.toLowerCase());
  if (match === null) {
    throw new InputError(`Weights "${word}" are not understood: write w<bits>g<group>, for example w4g32.`);
  }
  const bits = WEIGHT_BITS.find((choice) => choice === Number(match[1]));
  if (bits === undefined) {
    throw new InputError(`Weights "${word}" ask for ${match[1]} bits: choose ${WEIGHT_BITS.join(", ")}.`);
  }
  const groupSize = Number(match[2] ?? DEFAULT_GROUP);
  if (groupSize === 0 || groupSize % BLOCK !== 0 || groupSize > MAX_GROUP) {
    throw new InputError(
      `Weights "${word}" ask for groups of ${groupSize}: choose a multiple of ${BLOCK} up to ${MAX_GROUP}.`,
    );
  }
  return { bits, groupSize };
}

export function parsePattern(word: string): Pattern {
  const lower = word.toLowerCase();
  if (lower === "dense" || lower === "none") return { kind: "dense" };
  const perBlock = /^n:16@(\d*\.?\d+)$/.exec(lower);
  if (perBlock !== null) {
    const density = Number(perBlock[1]);
    if (density <= 0 || density > 1) {
      throw new InputError(`Sparsity "${word}" keeps a share of ${density}: choose one above 0 and up to 1.`);
    }
    return { kind: "n:16", density };
  }
  const window = /^(\d{1,3}):(\d{1,3})$/.exec(lower);
  if (window === null) {
    throw new InputError(
      `Sparsity "${word}" is not understood: write dense, a pattern such as 2:4 or 8:16, or n:16@0.5.`,
    );
  }
  const n = Number(window[1]);
  const m = Number(window[2]);
  if (m < 2 || BLOCK % m !== 0) {
    throw new InputError(`Sparsity "${word}" has windows of ${m}: choose 2, 4, 8 or 16.`);
  }
  const choices = [1, 2, 4, 8].filter((choice) => patternNumber({ kind: "n:m", n: choice, m }) >= 0);
  if (!choices.includes(n)) {
    throw new InputError(
      `Sparsity "${word}" keeps ${n} of ${m}: choose ${choices.join(" or ")} of ${m}, or dense.`,
    );
  }
  return { kind: "n:m", n, m };
}

function parseKeyValueBits(word: string): 8 | 4 {
  if (word === "8") return 8;
  if (word === "4") return 4;
  throw new InputError(`Keys and values of "${word}" bits cannot be cached: choose 8 or 4.`);
}

function parseMethod(word: string): Method {
  if (word === "second-order" || word === "baseline") return word;
  throw new InputError(`Method "${word}" is not known: choose second-order or baseline.`);
}

/** The words that `parsePattern` reads. */
export function patternName(pattern: Pattern): string {
  switch (pattern.kind) {
    case "dense":
      return "dense";
    case "n:m":
      return `${pattern.n}:${pattern.m}`;
    case "n:16":
      return `n:16@${pattern.density}`;
  }
}
