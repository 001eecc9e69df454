import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName, LlamaWeights, Matrix } from "../../models/decoder/weights.ts";

/**
 * A decoder's weights with every constant that can stand in a matrix folded into it, so that what is compressed is
 * what the datapath multiplies with:
 * - RMSNorm gains go into the columns of the matrices that follow: q, k, v (attention norm), gate, up (feed-forward
 *   norm), head (final norm). Norms then have no gain.
 * - log2(e) / √headDim goes into q: attention weights are softmax₂(q·k), the softmax to base 2.
 */
export interface FoldedWeights {
  /** [vocabSize × hiddenSize], unchanged. */
  readonly embedding: Matrix;
  readonly layers: readonly Readonly<Record<LinearName, Matrix>>[];
  readonly head: Matrix;
}

/** log2(e) / √headDim */
function queryScale({ headDim }: LlamaShape): number {
  return Math.LOG2E / Math.sqrt(headDim);
}

export function foldedWeights(shape: LlamaShape, weights: LlamaWeights): FoldedWeights {
  return {
    embedding: weights.embedding,
    layers: weights.layers.map((layer) => ({
      q: scaled(layer.q, layer.attentionNorm, queryScale(shape)),
      k: scaled(layer.k, layer.attentionNorm),
      v: scaled(layer.v, layer.attentionNorm),
      o: layer.o,
      gate: scaled(layer.gate, layer.feedForwardNorm),
      up: scaled(layer.up, layer.feedForwardNorm),
      down: layer.down,
    })),
    head: scaled(weights.head, weights.finalNorm),
  };
}

/** Weights of an ordinary decoder that computes the same: gains of 1, q without the softmax's constant. */
export function unfoldedWeights(shape: LlamaShape, folded: FoldedWeights): LlamaWeights {
  const gains = new Float32Array(shape.hiddenSize).fill(1);
  return {
    embedding: folded.embedding,
    layers: folded.layers.map((layer) => ({
      ...layer,
      q: scaled(layer.q, gains, 1 / queryScale(shape)),
      attentionNorm: gains,
      feedForwardNorm: gains,
    })),
    finalNorm: gains,
    head: folded.head,
  };
}

/** weight[r][c] · gains[c] · factor */
function scaled({ rows, cols, data }: Matrix, gains: Float32Array, factor = 1): Matrix {
  return { rows, cols, data: data.map((weight, index) => weight * gains[index % cols]! * factor) };
}
