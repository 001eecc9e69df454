import type { LlamaShape } from "../shape.ts";
import { quantize } from "./quantize.ts";
import type { WordVector } from "./vector.ts";

/** Keys and values of one layer: int8 or int4 codes, one exponent a token and head. */
export class KeyValueCache {
  /** Tokens held; set back to forget the later ones. */
  length = 0;
  private readonly bits: number;
  private readonly headDim: number;
  private readonly keys: Growing[];
  private readonly values: Growing[];

  constructor(shape: LlamaShape, bits: 4 | 8) {
    this.bits = bits;
    this.headDim = shape.headDim;
    const heads = (): Growing[] => Array.from({ length: shape.kvHeads }, () => new Growing(shape.headDim));
    this.keys = heads();
    this.values = heads();
  }

  append(head: number, position: number, key: WordVector, value: WordVector): void {
    for (const [store, vector] of [
      [this.keys[head]!, key],
      [this.values[head]!, value],
    ] as const) {
      store.reserve(position + 1);
      store.exponents[position] = quantize([vector], this.bits, store.row(position));
    }
    this.length = position + 1;
  }

  key = (head: number, position: number): Int8Array => this.keys[head]!.row(position);
  value = (head: number, position: number): Int8Array => this.values[head]!.row(position);
  keyExponent = (head: number, position: number): number => this.keys[head]!.exponents[position]!;
  valueExponent = (head: number, position: number): number => this.values[head]!.exponents[position]!;
  keyExponents = (head: number, tokens: number): Int8Array => this.keys[head]!.exponents.subarray(0, tokens);
  valueExponents = (head: number, tokens: number): Int8Array =>
    this.values[head]!.exponents.subarray(0, tokens);

  /** Dot products of a query with the keys of the first `tokens` tokens. */
  scores(head: number, query: Int8Array, tokens: number): Int32Array {
    const { codes } = this.keys[head]!;
    const { headDim } = this;
    const scores = new Int32Array(tokens);
    for (let token = 0; token < tokens; token++) {
      let sum = 0;
      const at = token * headDim;
      for (let i = 0; i < headDim; i++) sum += query[i]! * codes[at + i]!;
      scores[token] = sum;
    }
    return scores;
  }

  /** Σ over tokens of weight · value codes, [headDim]. */
  weightedValues(head: number, weights: Int8Array): Int32Array {
    const { codes } = this.values[head]!;
    const { headDim } = this;
    const sums = new Int32Array(headDim);
    for (let token = 0; token < weights.length; token++) {
      const weight = weights[token]!;
      if (weight === 0) continue;
      const at = token * headDim;
      for (let i = 0; i < headDim; i++) sums[i] = sums[i]! + weight * codes[at + i]!;
    }
    return sums;
  }
}

/** Rows of codes that double their room when it runs out. */
class Growing {
  codes: Int8Array;
  exponents: Int8Array;
  private readonly width: number;

  constructor(width: number) {
    this.width = width;
    this.codes = new Int8Array(64 * width);
    this.exponents = new Int8Array(64);
  }

  reserve(rows: number): void {
    if (rows <= this.exponents.length) return;
    const codes = new Int8Array(2 * this.codes.length);
    codes.set(this.codes);
    this.codes = codes;
    const exponents = new Int8Array(2 * this.exponents.length);
    exponents.set(this.exponents);
    this.exponents = exponents;
  }

  row(position: number): Int8Array {
    return this.codes.subarray(position * this.width, (position + 1) * this.width);
  }
}
