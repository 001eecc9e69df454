import type { Decoder, DecoderSession } from "../decoder.ts";
import { rotaryFrequencies } from "../rope.ts";
import type { LlamaShape } from "../shape.ts";
import type { LinearName } from "../weights.ts";
import { add, residual } from "./add.ts";
import { peakOf } from "./arithmetic.ts";
import { KeyValueCache } from "./key-value-cache.ts";
import { IntegerMatrix } from "./linear.ts";
import type { IntegerModel } from "./model.ts";
import { type NormConstants, norm, normConstants, type Residual } from "./norm.ts";
import { quantize } from "./quantize.ts";
import { rotaryRow, rotate } from "./rope.ts";
import { siluTimes } from "./silu.ts";
import { scale, softmax } from "./softmax.ts";
import { CODE_BITS, type WordVector } from "./vector.ts";

/** Told of every vector that the decoder writes, in the order in which it writes them. */
export type IntegerTrace = (operator: string, data: Int32Array | Int8Array, exponent: number) => void;

/** Logits of one position as the datapath has them. */
export interface IntegerLogits extends WordVector {}

/**
 * The golden model: a Llama decoder in integers. It defines every number that the simulator and the circuit must
 * reproduce; `docs/numerics.md` is its specification. Tokens taken in together give the same words as one by one.
 */
export class IntegerDecoder implements Decoder {
  readonly shape: LlamaShape;
  readonly model: IntegerModel;
  readonly layers: readonly Readonly<Record<LinearName, IntegerMatrix>>[];
  readonly head: IntegerMatrix;
  readonly constants: NormConstants;
  private readonly frequencies: Float64Array;
  private readonly angles: Int16Array[] = [];

  constructor(model: IntegerModel) {
    this.shape = model.shape;
    this.model = model;
    this.layers = model.layers.map((layer) => ({
      q: new IntegerMatrix(layer.q),
      k: new IntegerMatrix(layer.k),
      v: new IntegerMatrix(layer.v),
      o: new IntegerMatrix(layer.o),
      gate: new IntegerMatrix(layer.gate),
      up: new IntegerMatrix(layer.up),
      down: new IntegerMatrix(layer.down),
    }));
    this.head = new IntegerMatrix(model.head);
    this.constants = normConstants(model.shape.hiddenSize, model.shape.rmsNormEps);
    this.frequencies = rotaryFrequencies(model.shape);
  }

  start(trace?: IntegerTrace): IntegerSession {
    return new IntegerSession(this, trace ?? null);
  }

  /** Cosines and sines of a position, computed once. */
  anglesAt(position: number): Int16Array {
    this.angles[position] ??= rotaryRow(this.frequencies, position);
    return this.angles[position];
  }
}

export class IntegerSession implements DecoderSession {
  private readonly decoder: IntegerDecoder;
  private readonly trace: IntegerTrace | null;
  private readonly caches: readonly KeyValueCache[];
  private tokens = 0;

  constructor(decoder: IntegerDecoder, trace: IntegerTrace | null) {
    this.decoder = decoder;
    this.trace = trace;
    this.caches = decoder.layers.map(() => new KeyValueCache(decoder.shape, decoder.model.kvBits));
  }

  get length(): number {
    return this.tokens;
  }

  truncate(length: number): void {
    this.tokens = Math.min(this.tokens, length);
    for (const cache of this.caches) cache.length = this.tokens;
  }

  extend(ids: readonly number[]): Float32Array {
    const { vocabSize } = this.decoder.shape;
    const logits = new Float32Array(ids.length * vocabSize);
    for (const [token, { words, exponent }] of this.extendWords(ids).entries()) {
      const unit = 2 ** exponent;
      const own = logits.subarray(token * vocabSize, (token + 1) * vocabSize);
      for (let i = 0; i < vocabSize; i++) own[i] = words[i]! * unit;
    }
    return logits;
  }

  /** As `extend`, but gives each position's logits as words. */
  extendWords(ids: readonly number[]): IntegerLogits[] {
    let x = ids.map((id) => this.embed(id));
    for (let layer = 0; layer < this.decoder.layers.length; layer++) {
      x = this.attention(layer, x);
      x = this.feedForward(layer, x);
    }
    this.tokens += ids.length;
    return this.linear("head", this.decoder.head, this.norms("final norm", x));
  }

  private embed(id: number): Residual {
    const { cols, codes, exponents } = this.decoder.model.embedding;
    const x = residual(Int32Array.from(codes.subarray(id * cols, (id + 1) * cols)), exponents[id]!);
    this.trace?.("embed", x.words, x.exponent);
    return x;
  }

  private norms(operator: string, x: readonly Residual[]): Activations {
    const activations = new Activations(this.decoder.shape.hiddenSize, x.length);
    for (const [token, stream] of x.entries()) {
      const { codes, exponent } = norm(stream, this.decoder.constants, activations.of(token));
      activations.exponents[token] = exponent;
      this.trace?.(operator, codes, exponent);
    }
    return activations;
  }

  private linear(operator: string, matrix: IntegerMatrix, activations: Activations): WordVector[] {
    const { rows } = matrix.matrix;
    const words = matrix.times(activations.codes, activations.tokens);
    return Array.from(activations.exponents, (exponent, token) => {
      const own = words.subarray(token * rows, (token + 1) * rows);
      const vector = { words: own, exponent: exponent + matrix.exponent, peak: peakOf(own) };
      this.trace?.(operator, own, vector.exponent);
      return vector;
    });
  }

  private attention(layer: number, x: readonly Residual[]): Residual[] {
    const { heads, headDim } = this.decoder.shape;
    const matrices = this.decoder.layers[layer]!;
    const at = (operator: string): string => `layer ${layer} ${operator}`;
    const normed = this.norms(at("attention norm"), x);
    const k = this.linear(at("k"), matrices.k, normed);
    const v = this.linear(at("v"), matrices.v, normed);
    const q = this.linear(at("q"), matrices.q, normed);
    const attended = new Activations(heads * headDim, x.length);
    for (let token = 0; token < x.length; token++) {
      this.remember(layer, this.tokens + token, k[token]!, v[token]!);
      const outputs = Array.from({ length: heads }, (_, head) =>
        this.attend(layer, this.tokens + token, head, q[token]!),
      );
      attended.exponents[token] = quantize(outputs, CODE_BITS + 1, attended.of(token));
      this.trace?.(at("attention output"), attended.of(token), attended.exponents[token]!);
    }
    const y = this.linear(at("o"), matrices.o, attended);
    return x.map((stream, token) => this.added(at("attention add"), stream, y[token]!));
  }

  /** Rotates and rounds a token's keys, rounds its values, and puts both into the cache. */
  private remember(layer: number, position: number, k: WordVector, v: WordVector): void {
    const { kvHeads, headDim } = this.decoder.shape;
    const cache = this.caches[layer]!;
    const angles = this.decoder.anglesAt(position);
    for (let head = 0; head < kvHeads; head++) {
      const rotated = rotate(k, head * headDim, angles, new Int32Array(headDim));
      const words = v.words.subarray(head * headDim, (head + 1) * headDim);
      cache.append(head, position, rotated, { words, exponent: v.exponent, peak: peakOf(words) });
      if (this.trace === null) continue;
      this.trace(
        `layer ${layer} key head ${head}`,
        cache.key(head, position),
        cache.keyExponent(head, position),
      );
      this.trace(
        `layer ${layer} value head ${head}`,
        cache.value(head, position),
        cache.valueExponent(head, position),
      );
    }
  }

  /** One query head over all tokens up to `position`. */
  private attend(layer: number, position: number, head: number, q: WordVector): WordVector {
    const { heads, kvHeads, headDim } = this.decoder.shape;
    const cache = this.caches[layer]!;
    const kvHead = Math.floor((head * kvHeads) / heads);
    const name = this.trace === null ? "" : `layer ${layer} head ${head}`;
    const rotated = rotate(q, head * headDim, this.decoder.anglesAt(position), new Int32Array(headDim));
    const query = new Int8Array(headDim);
    const exponent = quantize([rotated], CODE_BITS + 1, query);
    this.trace?.(`${name} query`, query, exponent);
    const scores = cache.scores(kvHead, query, position + 1);
    this.trace?.(`${name} scores`, scores, exponent);
    const weights = softmax(
      scores,
      exponent,
      cache.keyExponents(kvHead, position + 1),
      cache.valueExponents(kvHead, position + 1),
      new Int8Array(position + 1),
    );
    this.trace?.(`${name} softmax`, weights.codes, weights.exponent);
    const words = cache.weightedValues(kvHead, weights.codes);
    const sums = { words, exponent: weights.exponent, peak: peakOf(words) };
    this.trace?.(`${name} values`, words, sums.exponent);
    const output = scale(sums, weights.inverseSum, new Int32Array(headDim));
    this.trace?.(`${name} scale`, output.words, output.exponent);
    return output;
  }

  private feedForward(layer: number, x: readonly Residual[]): Residual[] {
    const { intermediateSize } = this.decoder.shape;
    const matrices = this.decoder.layers[layer]!;
    const at = (operator: string): string => `layer ${layer} ${operator}`;
    const normed = this.norms(at("feed-forward norm"), x);
    const gate = this.linear(at("gate"), matrices.gate, normed);
    const up = this.linear(at("up"), matrices.up, normed);
    const hidden = new Activations(intermediateSize, x.length);
    for (let token = 0; token < x.length; token++) {
      const product = siluTimes(gate[token]!, up[token]!, new Int32Array(intermediateSize));
      this.trace?.(at("silu"), product.words, product.exponent);
      hidden.exponents[token] = quantize([product], CODE_BITS + 1, hidden.of(token));
      this.trace?.(at("hidden"), hidden.of(token), hidden.exponents[token]!);
    }
    const y = this.linear(at("down"), matrices.down, hidden);
    return x.map((stream, token) => this.added(at("feed-forward add"), stream, y[token]!));
  }

  private added(operator: string, x: Residual, y: WordVector): Residual {
    const sum = add(x, y, new Int32Array(x.words.length));
    this.trace?.(operator, sum.words, sum.exponent);
    return sum;
  }
}

/** Code vectors of several tokens, one behind the other. */
class Activations {
  readonly codes: Int8Array;
  readonly exponents: number[];
  readonly tokens: number;
  private readonly width: number;

  constructor(width: number, tokens: number) {
    this.width = width;
    this.tokens = tokens;
    this.codes = new Int8Array(width * tokens);
    this.exponents = new Array<number>(tokens).fill(0);
  }

  of(token: number): Int8Array {
    return this.codes.subarray(token * this.width, (token + 1) * this.width);
  }
}
