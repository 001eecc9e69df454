import { type Rotations, rotaryFrequencies, rotate, rotations } from "../../models/decoder/rope.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { Matrix } from "../../models/decoder/weights.ts";
import type { KernelArena } from "../../models/kernels/arena.ts";
import { exp2Minus } from "./exp2.ts";

/**
 * Operators of a folded decoder (see `fold.ts`) on many token sequences at once, so that a layer can be computed for
 * all calibration texts before the next one starts. The sequences' tokens stand one after the other.
 */

/** Rows of the embedding, [tokens × hiddenSize]. */
export function embed(sequences: readonly (readonly number[])[], { cols, data }: Matrix): Float32Array {
  const ids = sequences.flat();
  const hidden = new Float32Array(ids.length * cols);
  ids.forEach((id, token) => {
    hidden.set(data.subarray(id * cols, (id + 1) * cols), token * cols);
  });
  return hidden;
}

/** x / √(mean of x² + ε) for each row of `hidden`. */
export function normalized(hidden: Float32Array, { hiddenSize, rmsNormEps }: LlamaShape): Float32Array {
  const out = new Float32Array(hidden.length);
  for (let start = 0; start < hidden.length; start += hiddenSize) {
    let squares = 0;
    for (let i = start; i < start + hiddenSize; i++) squares += hidden[i]! ** 2;
    const scale = 1 / Math.sqrt(squares / hiddenSize + rmsNormEps);
    for (let i = start; i < start + hiddenSize; i++) out[i] = hidden[i]! * scale;
  }
  return out;
}

/** out[t][r] = Σ_c x[t][c] · weights[r][c] */
export function product(weights: Matrix, x: Float32Array, arena: KernelArena): Float32Array {
  const { rows, cols, data } = weights;
  return arena.floatMatrix(rows, cols, data).times(x, x.length / cols);
}

/** silu(gate) · up */
export function siluTimes(gate: Float32Array, up: Float32Array): Float32Array {
  const out = new Float32Array(gate.length);
  for (let i = 0; i < out.length; i++) {
    // silu(x) = x / (1 + e⁻ˣ) = (x + |x| (1 − s) / (1 + s)) / 2 with s = e^−|x|: no branch on the sign.
    const x = gate[i]!;
    const size = Math.abs(x);
    const s = exp2Minus(size * Math.LOG2E);
    out[i] = 0.5 * (x + (size * (1 - s)) / (1 + s)) * up[i]!;
  }
  return out;
}

export function sum(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i]! + b[i]!;
  return out;
}

/** Queries, keys and values of all tokens, [tokens × heads · headDim], not yet rotated. */
export interface AttentionInputs {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

/** Causal attention within each sequence, [tokens × heads · headDim]; the softmax is to base 2. */
export function attention(
  shape: LlamaShape,
  lengths: readonly number[],
  { q, k, v }: AttentionInputs,
  arena: KernelArena,
): Float32Array {
  const { heads, kvHeads, headDim } = shape;
  const turns = rotations(rotaryFrequencies(shape), 0, Math.max(0, ...lengths));
  const out = new Float32Array(q.length);
  let start = 0;
  for (const length of lengths) {
    const queries = q.slice(start * heads * headDim, (start + length) * heads * headDim);
    const keys = k.slice(start * kvHeads * headDim, (start + length) * kvHeads * headDim);
    const values = v.subarray(start * kvHeads * headDim, (start + length) * kvHeads * headDim);
    rotate(queries, heads, headDim, firstOf(turns, length, headDim / 2));
    rotate(keys, kvHeads, headDim, firstOf(turns, length, headDim / 2));
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const keysOfHead = arena.floatMatrix(length, headDim, headOf(keys, kvHead, kvHeads, headDim));
      const valuesOfHead = headOf(values, kvHead, kvHeads, headDim);
      const transposed = arena.floatMatrix(headDim, length, transpose(valuesOfHead, length, headDim));
      for (let head = (kvHead * heads) / kvHeads; head < ((kvHead + 1) * heads) / kvHeads; head++) {
        const weights = keysOfHead.times(headOf(queries, head, heads, headDim), length);
        causalSoftmax(weights, length);
        const mixed = transposed.times(weights, length);
        for (let token = 0; token < length; token++) {
          const to = ((start + token) * heads + head) * headDim;
          for (let i = 0; i < headDim; i++) out[to + i] = mixed[token * headDim + i]!;
        }
      }
    }
    start += length;
  }
  return out;
}

function firstOf({ cos, sin }: Rotations, positions: number, half: number): Rotations {
  return { cos: cos.subarray(0, positions * half), sin: sin.subarray(0, positions * half) };
}

/** One head's part of `x` [tokens × heads · headDim], [tokens × headDim]. */
function headOf(x: Float32Array, head: number, heads: number, headDim: number): Float32Array {
  const out = new Float32Array(x.length / heads);
  for (let from = head * headDim, to = 0; to < out.length; from += heads * headDim, to += headDim) {
    for (let i = 0; i < headDim; i++) out[to + i] = x[from + i]!;
  }
  return out;
}

function transpose(x: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) out[col * rows + row] = x[row * cols + col]!;
  }
  return out;
}

/** Row t of the scores [length × length] becomes 2^x / Σ 2^x over its first t + 1 columns, and 0 after them. */
function causalSoftmax(scores: Float32Array, length: number): void {
  for (let token = 0; token < length; token++) {
    const first = token * length;
    const last = first + token;
    let largest = scores[first]!;
    for (let i = first + 1; i <= last; i++) if (scores[i]! > largest) largest = scores[i]!;
    let total = 0;
    for (let i = first; i <= last; i++) {
      const weight = exp2Minus(largest - scores[i]!);
      scores[i] = weight;
      total += weight;
    }
    for (let i = first; i <= last; i++) scores[i]! /= total;
    scores.fill(0, last + 1, first + length);
  }
}
