import { InputError } from "../errors.ts";
import { KernelArena } from "../kernels/arena.ts";
import type { FloatResident } from "../kernels/resident.ts";
import type { Decoder, DecoderSession } from "./decoder.ts";
import { KeyValueCache } from "./float-attention.ts";
import { type Rotations, rotaryFrequencies, rotate, rotations } from "./rope.ts";
import type { LlamaShape } from "./shape.ts";
import {
  type LayerWeights,
  LINEAR_NAMES,
  type LinearName,
  type LlamaWeights,
  type Matrix,
} from "./weights.ts";

/**
 * Sees the inputs of every matrix, for calibration.
 * @param layer counted from 0; for the head, the number of layers
 * @param inputs [tokens × cols of the matrix], valid only during the call
 */
export type LinearObserver = (
  name: LinearName | "head",
  layer: number,
  inputs: Float32Array,
  tokens: number,
) => void;

export interface FloatDecoderOptions {
  readonly observe?: LinearObserver;
}

/** The Llama decoder in floating point: the reference for every compressed one. */
export class FloatDecoder implements Decoder {
  readonly shape: LlamaShape;
  private readonly model: Model;

  /** @throws InputError if there is not enough memory for the weights */
  constructor(shape: LlamaShape, weights: LlamaWeights, options: FloatDecoderOptions = {}) {
    const arena = new KernelArena();
    const resident = ({ rows, cols, data }: Matrix): FloatResident => arena.floatMatrix(rows, cols, data);
    this.shape = shape;
    this.model = {
      shape,
      weights,
      linears: weights.layers.map((layer) => residentLayer(layer, resident)),
      head: resident(weights.head),
      frequencies: rotaryFrequencies(shape),
      observe: options.observe ?? (() => {}),
    };
  }

  start(): DecoderSession {
    return new FloatSession(this.model);
  }
}

type ResidentLayer = Readonly<Record<LinearName, FloatResident>>;

function residentLayer(layer: LayerWeights, resident: (matrix: Matrix) => FloatResident): ResidentLayer {
  const [q, k, v, o, gate, up, down] = LINEAR_NAMES.map((name) => resident(layer[name]));
  return { q: q!, k: k!, v: v!, o: o!, gate: gate!, up: up!, down: down! };
}

/** What all sessions of a decoder share. */
interface Model {
  readonly shape: LlamaShape;
  readonly weights: LlamaWeights;
  readonly linears: readonly ResidentLayer[];
  readonly head: FloatResident;
  /** Rotary angles a position, [headDim / 2]. */
  readonly frequencies: Float64Array;
  readonly observe: LinearObserver;
}

class FloatSession implements DecoderSession {
  length = 0;
  private readonly model: Model;
  private readonly caches: readonly KeyValueCache[];

  constructor(model: Model) {
    this.model = model;
    this.caches = model.linears.map(() => new KeyValueCache(model.shape));
  }

  extend(ids: readonly number[]): Float32Array {
    const { shape, weights, head, frequencies, observe } = this.model;
    checkIds(ids, shape, this.length);
    const tokens = ids.length;
    const turns = rotations(frequencies, this.length, tokens);
    const hidden = embed(ids, weights.embedding);
    for (let layer = 0; layer < shape.layers; layer++) {
      addTo(hidden, this.attention(layer, hidden, turns, tokens));
      addTo(hidden, this.feedForward(layer, hidden, tokens));
    }
    this.length += tokens;
    const normed = rmsNorm(hidden, weights.finalNorm, shape.rmsNormEps);
    observe("head", shape.layers, normed, tokens);
    return head.times(normed, tokens);
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new RangeError(`cannot truncate ${this.length} tokens to ${length}`);
    }
    this.length = length;
  }

  private attention(layer: number, hidden: Float32Array, turns: Rotations, tokens: number): Float32Array {
    const { shape, weights } = this.model;
    const cache = this.caches[layer]!;
    const x = rmsNorm(hidden, weights.layers[layer]!.attentionNorm, shape.rmsNormEps);
    const q = this.linear("q", layer, x, tokens);
    const k = this.linear("k", layer, x, tokens);
    const v = this.linear("v", layer, x, tokens);
    rotate(q, shape.heads, shape.headDim, turns);
    rotate(k, shape.kvHeads, shape.headDim, turns);
    cache.write(this.length, tokens, k, v);
    return this.linear("o", layer, cache.attend(this.length, tokens, q), tokens);
  }

  private feedForward(layer: number, hidden: Float32Array, tokens: number): Float32Array {
    const { shape, weights } = this.model;
    const x = rmsNorm(hidden, weights.layers[layer]!.feedForwardNorm, shape.rmsNormEps);
    const gate = this.linear("gate", layer, x, tokens);
    const up = this.linear("up", layer, x, tokens);
    return this.linear("down", layer, siluTimes(gate, up), tokens);
  }

  private linear(name: LinearName, layer: number, x: Float32Array, tokens: number): Float32Array {
    this.model.observe(name, layer, x, tokens);
    return this.model.linears[layer]![name].times(x, tokens);
  }
}

function checkIds(ids: readonly number[], { vocabSize, maxPositions }: LlamaShape, length: number): void {
  const stranger = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (stranger !== undefined) {
    throw new InputError(
      `Token id ${stranger} is not one of this model's: they go from 0 to ${vocabSize - 1}.`,
    );
  }
  if (length + ids.length > maxPositions) {
    throw new InputError(
      `A text of ${length + ids.length} tokens is too long for this model: it takes ${maxPositions}.`,
    );
  }
}

/** Rows of the embedding, [ids.length × hiddenSize]. */
function embed(ids: readonly number[], { cols, data }: Matrix): Float32Array {
  const hidden = new Float32Array(ids.length * cols);
  ids.forEach((id, token) => {
    hidden.set(data.subarray(id * cols, (id + 1) * cols), token * cols);
  });
  return hidden;
}

/** gain · x / √(mean of x² + eps), for each row of x. */
function rmsNorm(x: Float32Array, gain: Float32Array, eps: number): Float32Array {
  const width = gain.length;
  const out = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += x[at + i]! * x[at + i]!;
    const scale = 1 / Math.sqrt(squares / width + eps);
    for (let i = 0; i < width; i++) out[at + i] = x[at + i]! * scale * gain[i]!;
  }
  return out;
}

/** silu(gate) · up, where silu(x) = x / (1 + e^-x). */
function siluTimes(gate: Float32Array, up: Float32Array): Float32Array {
  const out = new Float32Array(gate.length);
  for (let i = 0; i < out.length; i++) out[i] = (gate[i]! / (1 + Math.exp(-gate[i]!))) * up[i]!;
  return out;
}

function addTo(sum: Float32Array, x: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + x[i]!;
}
