import type { LlamaShape, RopeScaling } from "../../models/decoder/shape.ts";
import type { LlamaWeights, Matrix } from "../../models/decoder/weights.ts";

/**
 * The Llama decoder once more, as plainly as it can be said: double precision, one position at a time, every earlier
 * position computed again. Slow, and written apart from the decoder that it checks.
 * @returns logits of the last position
 */
export function plainLogits(shape: LlamaShape, weights: LlamaWeights, ids: readonly number[]): number[] {
  let xs = ids.map((id) => row(weights.embedding, id));
  for (const layer of weights.layers) {
    const normed = xs.map((x) => norm(x, layer.attentionNorm, shape.rmsNormEps));
    const split = (matrix: Matrix, heads: number): number[][][] =>
      normed.map((x) => headsOf(times(matrix, x), heads));
    const turned = (heads: number[][][]): number[][][] =>
      heads.map((ofToken, position) => ofToken.map((head) => turn(head, position, shape)));
    const q = turned(split(layer.q, shape.heads));
    const k = turned(split(layer.k, shape.kvHeads));
    const v = split(layer.v, shape.kvHeads);
    const mixed = q.map((ofToken, position) =>
      ofToken.flatMap((query, head) => {
        const shared = Math.floor((head * shape.kvHeads) / shape.heads);
        const seen = k
          .slice(0, position + 1)
          .map((keys) => dot(query, keys[shared]!) / Math.sqrt(shape.headDim));
        const share = seen.map((score) => 1 / sum(seen.map((other) => Math.exp(other - score))));
        return query.map((_, i) => sum(share.map((weight, p) => weight * v[p]![shared]![i]!)));
      }),
    );
    xs = xs.map((x, t) => plus(x, times(layer.o, mixed[t]!)));
    xs = xs.map((x) => {
      const y = norm(x, layer.feedForwardNorm, shape.rmsNormEps);
      const up = times(layer.up, y);
      const gated = times(layer.gate, y).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      return plus(x, times(layer.down, gated));
    });
  }
  return times(weights.head, norm(xs.at(-1)!, weights.finalNorm, shape.rmsNormEps));
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * b[i]!));
const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x + b[i]!);
const row = ({ cols, data }: Matrix, at: number): number[] => [...data.subarray(at * cols, (at + 1) * cols)];
const times = (matrix: Matrix, x: readonly number[]): number[] =>
  Array.from({ length: matrix.rows }, (_, r) => dot(row(matrix, r), x));
const norm = (x: readonly number[], gain: Float32Array, eps: number): number[] =>
  x.map((value, i) => (value * gain[i]!) / Math.sqrt(dot(x, x) / x.length + eps));

function headsOf(x: readonly number[], heads: number): number[][] {
  const size = x.length / heads;
  return Array.from({ length: heads }, (_, head) => x.slice(head * size, (head + 1) * size));
}

/** Multiplies the complex numbers x[i] + j·x[i + half] by e^(j · position · frequency). */
function turn(
  x: readonly number[],
  position: number,
  { headDim, ropeTheta, ropeScaling }: LlamaShape,
): number[] {
  const half = headDim / 2;
  return x.map((value, at) => {
    const i = at % half;
    let frequency = 1 / ropeTheta ** (i / half);
    if (ropeScaling !== null) frequency = stretched(frequency, ropeScaling);
    const [cos, sin] = [Math.cos(position * frequency), Math.sin(position * frequency)];
    return at < half ? value * cos - x[at + half]! * sin : value * cos + x[at - half]! * sin;
  });
}

/** Llama 3.1's scaling, in terms of wavelengths. */
function stretched(frequency: number, scaling: RopeScaling): number {
  const wavelength = (2 * Math.PI) / frequency;
  const longest = scaling.originalMaxPositions / scaling.lowFrequencyFactor;
  const shortest = scaling.originalMaxPositions / scaling.highFrequencyFactor;
  if (wavelength < shortest) return frequency;
  if (wavelength > longest) return frequency / scaling.factor;
  const smooth =
    (scaling.originalMaxPositions / wavelength - scaling.lowFrequencyFactor) /
    (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
  return ((1 - smooth) * frequency) / scaling.factor + smooth * frequency;
}
