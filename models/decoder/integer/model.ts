import type { QuantizedMatrix } from "../../formats/quantized-matrix.ts";
import type { LlamaShape } from "../shape.ts";
import { LINEAR_NAMES, type LinearName, type Matrix } from "../weights.ts";
import { bitLength } from "./arithmetic.ts";

/** Rows of int8 codes with one power of two each: the embedding, of which a token reads one row. */
export interface EmbeddingTable {
  readonly rows: number;
  readonly cols: number;
  readonly codes: Int8Array;
  readonly exponents: Int8Array;
}

/** All numbers of a decoder that computes in integers; norms' gains are folded into the matrices that follow. */
export interface IntegerModel {
  readonly shape: LlamaShape;
  readonly embedding: EmbeddingTable;
  readonly layers: readonly Readonly<Record<LinearName, QuantizedMatrix>>[];
  readonly head: QuantizedMatrix;
  /** Bits of a cached key or value. */
  readonly kvBits: 4 | 8;
}

/** Rounds each row to int8 with the power of two that its largest value asks for. */
export function quantizeEmbedding(embedding: Matrix): EmbeddingTable {
  const { rows, cols, data } = embedding;
  const codes = new Int8Array(rows * cols);
  const exponents = new Int8Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * cols, (row + 1) * cols);
    const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const exponent = peak === 0 ? 0 : Math.max(-128, Math.ceil(Math.log2(peak / 127.5)));
    exponents[row] = exponent;
    values.forEach((value, col) => {
      codes[row * cols + col] = Math.min(127, Math.round(value / 2 ** exponent));
    });
  }
  return { rows, cols, codes, exponents };
}

/** Every matrix of the model with its name, in the order in which decode reads them. */
export function* matricesOf(
  model: Pick<IntegerModel, "layers" | "head">,
): Generator<[string, QuantizedMatrix]> {
  for (const [index, layer] of model.layers.entries()) {
    for (const name of LINEAR_NAMES) yield [`layer ${index} ${name}`, layer[name]];
  }
  yield ["head", model.head];
}

/** Bits a two's-complement number needs for sums up to `bound` in magnitude. */
export function widthFor(bound: number): number {
  return bitLength(bound) + 1;
}
