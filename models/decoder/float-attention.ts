import type { LlamaShape } from "./shape.ts";

/** One layer's keys and values, each [kvHeads × capacity × headDim], so that a head's positions lie side by side. */
export class KeyValueCache {
  private readonly shape: LlamaShape;
  private capacity = 0;
  private keys = new Float32Array(0);
  private values = new Float32Array(0);

  constructor(shape: LlamaShape) {
    this.shape = shape;
  }

  /** Writes the keys and values of the positions from `first` on, each [positions × kvHeads · headDim]. */
  write(first: number, positions: number, keys: Float32Array, values: Float32Array): void {
    const { kvHeads, headDim } = this.shape;
    this.reserve(first + positions);
    for (let position = 0; position < positions; position++) {
      for (let head = 0; head < kvHeads; head++) {
        const from = (position * kvHeads + head) * headDim;
        const to = (head * this.capacity + first + position) * headDim;
        this.keys.set(keys.subarray(from, from + headDim), to);
        this.values.set(values.subarray(from, from + headDim), to);
      }
    }
  }

  /** Causal attention of queries at the positions from `first` on: [positions × heads · headDim] to the same. */
  attend(first: number, positions: number, queries: Float32Array): Float32Array {
    const { heads, kvHeads, headDim } = this.shape;
    const headsPerKv = heads / kvHeads;
    const out = new Float32Array(queries.length);
    const weights = new Float64Array(first + positions);
    const query = new Float64Array(headDim);
    const scale = 1 / Math.sqrt(headDim);
    for (let head = 0; head < heads; head++) {
      const start = Math.floor(head / headsPerKv) * this.capacity * headDim;
      for (let position = 0; position < positions; position++) {
        const at = (position * heads + head) * headDim;
        const seen = first + position + 1;
        for (let i = 0; i < headDim; i++) query[i] = queries[at + i]! * scale;
        scores(weights, seen, query, this.keys, start);
        softmax(weights, seen);
        weightedSum(out.subarray(at, at + headDim), weights, seen, this.values, start);
      }
    }
    return out;
  }

  private reserve(positions: number): void {
    if (positions <= this.capacity) return;
    const capacity = Math.min(this.shape.maxPositions, Math.max(positions, 2 * this.capacity, 64));
    this.keys = this.moved(this.keys, capacity);
    this.values = this.moved(this.values, capacity);
    this.capacity = capacity;
  }

  private moved(from: Float32Array, capacity: number): Float32Array<ArrayBuffer> {
    const { kvHeads, headDim } = this.shape;
    const to = new Float32Array(kvHeads * capacity * headDim);
    const width = this.capacity * headDim;
    for (let head = 0; head < kvHeads; head++) {
      to.set(from.subarray(head * width, (head + 1) * width), head * capacity * headDim);
    }
    return to;
  }
}

// A head's size is even (rotary pairs), and the two loops below keep two sums at once: with one, each addition would
// wait for the one before, and attention is half of the decoder's time.

/** scores[p] = query · key[p], for the first `seen` keys from `start` on. */
function scores(
  scores: Float64Array,
  seen: number,
  query: Float64Array,
  keys: Float32Array,
  start: number,
): void {
  const headDim = query.length;
  for (let position = 0, at = start; position < seen; position++, at += headDim) {
    let even = 0;
    let odd = 0;
    for (let i = 0; i < headDim; i += 2) {
      even += query[i]! * keys[at + i]!;
      odd += query[i + 1]! * keys[at + i + 1]!;
    }
    scores[position] = even + odd;
  }
}

/** The first `count` numbers become e^x / Σ e^x. */
function softmax(x: Float64Array, count: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) if (x[i]! > largest) largest = x[i]!;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    x[i] = Math.exp(x[i]! - largest);
    sum += x[i]!;
  }
  const scale = 1 / sum;
  for (let i = 0; i < count; i++) x[i] = x[i]! * scale;
}

/** out = Σ weight[p] · value[p], over the first `seen` values from `start` on. */
function weightedSum(
  out: Float32Array,
  weights: Float64Array,
  seen: number,
  values: Float32Array,
  start: number,
): void {
  const headDim = out.length;
  for (let i = 0; i < headDim; i += 2) {
    let even = 0;
    let odd = 0;
    for (let position = 0, at = start + i; position < seen; position++, at += headDim) {
      even += weights[position]! * values[at]!;
      odd += weights[position]! * values[at + 1]!;
    }
    out[i] = even;
    out[i + 1] = odd;
  }
}
