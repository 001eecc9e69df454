import fc from "fast-check";
import type { Matrix } from "../../models/decoder/weights.ts";
import { KEPT_COUNTS } from "../../models/formats/n-of-16.ts";
import {
  BLOCK,
  type Pattern,
  type QuantizedMatrix,
  WEIGHT_BITS,
} from "../../models/formats/quantized-matrix.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { dequantized } from "../../src/compress/dequantize.ts";
import type { Curvature } from "../../src/compress/hessian.ts";
import type { MatrixFormat } from "../../src/compress/spec.ts";

/** Roughly normal, mean 0, variance 1. */
export function normal(random: Random): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random.next() / 2 ** 32;
  return sum - 6;
}

export function randomMatrix(random: Random, rows: number, cols: number): Matrix {
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => normal(random)) };
}

/** Inputs [samples × cols] that are mixtures of fewer independent causes, some of them much stronger than others. */
export function correlatedInputs(random: Random, samples: number, cols: number): Float32Array {
  const causes = Math.max(1, Math.ceil(cols / 2));
  const mixture = Array.from({ length: cols * causes }, (_, i) => normal(random) / (1 + (i % causes)));
  const inputs = new Float32Array(samples * cols);
  for (let s = 0; s < samples; s++) {
    const cause = Array.from({ length: causes }, () => normal(random));
    for (let c = 0; c < cols; c++) {
      const shared = cause.reduce((sum, value, i) => sum + value * mixture[c * causes + i]!, 0);
      inputs[s * cols + c] = shared + 0.1 * normal(random);
    }
  }
  return inputs;
}

export const patterns: fc.Arbitrary<Pattern> = fc.oneof(
  fc.constant<Pattern>({ kind: "dense" }),
  fc
    .constantFrom([1, 2], [1, 4], [2, 4], [4, 8], [2, 16], [4, 16], [8, 16])
    .map(([n, m]): Pattern => ({ kind: "n:m", n: n!, m: m! })),
  fc.constantFrom(0.125, 0.3, 0.5, 0.8).map((density): Pattern => ({ kind: "n:16", density })),
);

export const formats: fc.Arbitrary<MatrixFormat> = fc.record({
  bits: fc.constantFrom(...WEIGHT_BITS),
  groupSize: fc.constantFrom(16, 32, 64),
  pattern: patterns,
});

/** Σ over the rows of (w − ŵ)ᵀ(H + λI)(w − ŵ). */
export function outputError(
  weights: Matrix,
  quantized: QuantizedMatrix,
  { hessian, cols }: Curvature,
): number {
  const written = dequantized(quantized).data;
  let total = 0;
  for (let row = 0; row < weights.rows; row++) {
    const e = Array.from(
      { length: cols },
      (_, c) => weights.data[row * cols + c]! - written[row * cols + c]!,
    );
    for (let i = 0; i < cols; i++)
      for (let j = 0; j < cols; j++) total += e[i]! * hessian[i * cols + j]! * e[j]!;
  }
  return total;
}

/** What is wrong with the codes of `matrix`: out of range, or more kept than its pattern allows. */
export function faults({ rows, cols, bits, pattern, codes }: QuantizedMatrix): string[] {
  const found: string[] = [];
  codes.forEach((code, i) => {
    if (code < -(2 ** (bits - 1)) || code >= 2 ** (bits - 1)) found.push(`code ${code} at ${i}`);
  });
  const keptIn = (row: number, from: number, width: number): number =>
    codes.subarray(row * cols + from, row * cols + Math.min(from + width, cols)).filter((code) => code !== 0)
      .length;
  if (pattern.kind === "n:m") {
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col += pattern.m) {
        if (keptIn(row, col, pattern.m) > pattern.n) found.push(`window at ${row}, ${col}`);
      }
    }
  }
  if (pattern.kind === "n:16") {
    let stored = 0; // weights that the blocks' counts make room for
    for (let top = 0; top < rows; top += BLOCK) {
      const height = Math.min(BLOCK, rows - top);
      for (let left = 0; left < cols; left += BLOCK) {
        const most = Math.max(...Array.from({ length: height }, (_, r) => keptIn(top + r, left, BLOCK)));
        stored += height * Math.min(KEPT_COUNTS.find((count) => count >= most)!, cols - left);
      }
    }
    if (stored > pattern.density * rows * cols) found.push(`${stored} weights kept`);
  }
  return found;
}

export const seeds = fc.integer({ min: 0, max: 2 ** 31 }).map((seed) => new Random(seed));
