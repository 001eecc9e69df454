import type { EmbeddingTable, IntegerModel } from "../../models/decoder/integer/model.ts";
import { linearSize } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { LINEAR_NAMES } from "../../models/decoder/weights.ts";
import {
  BLOCK,
  type Pattern,
  type QuantizedMatrix,
  type WeightBits,
} from "../../models/formats/quantized-matrix.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";

export interface RandomFormat {
  readonly bits: WeightBits;
  readonly groupSize: number;
  readonly pattern: Pattern;
}

/** A matrix of random codes that keeps to its pattern, with random scales. */
export function randomMatrix(
  random: Random,
  rows: number,
  cols: number,
  format: RandomFormat,
): QuantizedMatrix {
  const codes = new Int8Array(rows * cols);
  const limit = 2 ** format.bits;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) codes[row * cols + col] = random.below(limit) - limit / 2;
  }
  const { pattern } = format;
  if (pattern.kind === "n:m") {
    for (let row = 0; row < rows; row++) {
      for (let window = 0; window < cols; window += pattern.m) {
        const columns = Array.from({ length: pattern.m }, (_, i) => window + i);
        const kept = new Set(random.sample(columns, pattern.n));
        for (const col of columns) if (col < cols && !kept.has(col)) codes[row * cols + col] = 0;
      }
    }
  }
  if (pattern.kind === "n:16") {
    for (let row = 0; row < rows; row += BLOCK) {
      for (let col = 0; col < cols; col += BLOCK) {
        const count = random.pick([0, 2, 4, 8, 16]);
        for (let r = row; r < Math.min(rows, row + BLOCK); r++) {
          const kept = new Set(
            random.sample(
              Array.from({ length: BLOCK }, (_, i) => col + i),
              count,
            ),
          );
          for (let c = col; c < Math.min(cols, col + BLOCK); c++) if (!kept.has(c)) codes[r * cols + c] = 0;
        }
      }
    }
  }
  const groups = Math.ceil(cols / format.groupSize);
  const scales = Uint8Array.from({ length: rows * groups }, () => random.below(256));
  return { rows, cols, ...format, codes, scales, exponent: -16 - random.below(4) };
}

/** A small shape: grouped queries, sizes that are not multiples of 16. */
export function randomShape(random: Random): LlamaShape {
  const kvHeads = 1 + random.below(2);
  return {
    hiddenSize: 2 * (5 + random.below(20)),
    intermediateSize: 8 + random.below(60),
    layers: 1 + random.below(2),
    heads: kvHeads * (1 + random.below(3)),
    kvHeads,
    headDim: random.pick([4, 8, 12, 16, 20, 32]),
    vocabSize: 20 + random.below(60),
    maxPositions: 40 + random.below(40),
    rmsNormEps: random.pick([1e-5, 1e-6, 0]),
    ropeTheta: 10000,
    ropeScaling: null,
    tiedEmbeddings: false,
  };
}

export const FORMATS: readonly RandomFormat[] = [
  { bits: 8, groupSize: 32, pattern: { kind: "dense" } },
  { bits: 4, groupSize: 32, pattern: { kind: "n:m", n: 2, m: 4 } },
  { bits: 3, groupSize: 16, pattern: { kind: "dense" } },
  { bits: 5, groupSize: 64, pattern: { kind: "n:m", n: 8, m: 16 } },
  { bits: 2, groupSize: 48, pattern: { kind: "n:m", n: 4, m: 8 } },
  { bits: 4, groupSize: 32, pattern: { kind: "n:16", density: 0.5 } },
  { bits: 3, groupSize: 32, pattern: { kind: "n:m", n: 4, m: 16 } },
  { bits: 4, groupSize: 128, pattern: { kind: "n:m", n: 1, m: 8 } },
];

/** A model of random integers: nothing it says makes sense, but every unit has to work for it. */
export function randomModel(random: Random, shape = randomShape(random)): IntegerModel {
  const matrix = (rows: number, cols: number): QuantizedMatrix =>
    randomMatrix(random, rows, cols, random.pick(FORMATS));
  const layers = Array.from({ length: shape.layers }, () => {
    const entries = LINEAR_NAMES.map((name) => {
      const { rows, cols } = linearSize(shape, name);
      return [name, matrix(rows, cols)] as const;
    });
    return Object.fromEntries(entries) as Record<(typeof LINEAR_NAMES)[number], QuantizedMatrix>;
  });
  const size = shape.vocabSize * shape.hiddenSize;
  const embedding: EmbeddingTable = {
    rows: shape.vocabSize,
    cols: shape.hiddenSize,
    codes: Int8Array.from({ length: size }, () => random.below(256) - 128),
    exponents: Int8Array.from({ length: shape.vocabSize }, () => random.below(7) - 10),
  };
  return {
    shape,
    embedding,
    layers,
    head: matrix(shape.vocabSize, shape.hiddenSize),
    kvBits: random.pick([4, 8]),
  };
}
