export type Activation = "silu" | "gelu" | "relu" | "relu2";

export interface Attention {
  readonly heads: number;
  /** Key and value heads; each serves `heads / kvHeads` query heads. */
  readonly kvHeads: number;
  readonly headDim: number;
  /** Which projections add a bias: those to queries, keys and values, and the one behind attention. */
  readonly biases: { readonly qkv: boolean; readonly output: boolean };
  /** Tokens that a token attends to, itself included, in every layer; null: all before it. */
  readonly window: number | null;
  /** Norms of queries and keys: one for each head's numbers ("head"), one over all heads ("whole"), or none. */
  readonly qkNorm: "head" | "whole" | null;
}

export type FeedForward =
  /** down(activation(gate(x)) · up(x)) */
  | {
      readonly kind: "gated";
      readonly intermediateSize: number;
      readonly bias: boolean;
      readonly activation: Activation;
    }
  /** down(activation(up(x))) */
  | {
      readonly kind: "plain";
      readonly intermediateSize: number;
      readonly bias: boolean;
      readonly activation: Activation;
    }
  /** A router picks `expertsPerToken` of `experts` gated blocks for every token. */
  | {
      readonly kind: "experts";
      readonly experts: number;
      readonly expertsPerToken: number;
      /** Of one expert. */
      readonly intermediateSize: number;
      /** Of the block that every token passes beside its experts; 0: there is none. */
      readonly sharedIntermediateSize: number;
      /** A number by which the shared block's outputs are multiplied is computed for each token. */
      readonly sharedGate: boolean;
      readonly activation: Activation;
    };

export interface Norms {
  readonly kind: "rms" | "layer";
  /** Norms a layer: 2, or 1 where attention and feed-forward stand side by side behind the same norm. */
  readonly perLayer: number;
  /** Norms outside the layers: 1, the last one. */
  readonly outside: number;
  /** Numbers learned for each element: a weight and a bias, a weight, or nothing. */
  readonly weights: 0 | 1 | 2;
}

export type Positions =
  /** The first `rotatedDim` numbers of each head are turned. */
  | { readonly kind: "rotary"; readonly rotatedDim: number }
  /** A table's row is added to the embedding: `positions` rows. */
  | { readonly kind: "learned"; readonly positions: number }
  | { readonly kind: "none" };

/** Dimensions of a decoder-only transformer of any family: all that operations and bytes follow from. */
export interface TransformerShape {
  readonly hiddenSize: number;
  /** Length of the embedding's rows: `hiddenSize`, or where it differs, matrices stand between the two. */
  readonly embeddingSize: number;
  readonly layers: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly attention: Attention;
  readonly feedForward: FeedForward;
  readonly norm: Norms;
  readonly positions: Positions;
  /** The output head shares the embedding's weights. */
  readonly tiedEmbeddings: boolean;
  readonly headBias: boolean;
}

/** Numbers that a model learns, by part; a tied head counts as embedding. */
export interface ParameterCount {
  readonly embedding: number;
  readonly attention: number;
  readonly feedForward: number;
  readonly norms: number;
  readonly head: number;
  readonly total: number;
}

export function parameterCount(shape: TransformerShape): ParameterCount {
  const { hiddenSize, embeddingSize, layers, vocabSize, positions, norm } = shape;
  const table = vocabSize * embeddingSize;
  const between = embeddingSize === hiddenSize ? 0 : 2 * embeddingSize * hiddenSize;
  const learned = positions.kind === "learned" ? positions.positions * hiddenSize : 0;
  const embedding = table + between + learned;
  const attention = layers * attentionParameters(shape);
  const feedForward = layers * feedForwardParameters(hiddenSize, shape.feedForward);
  const norms = (layers * norm.perLayer + norm.outside) * norm.weights * hiddenSize;
  const head = (shape.tiedEmbeddings ? 0 : table) + (shape.headBias ? vocabSize : 0);
  const total = embedding + attention + feedForward + norms + head;
  return { embedding, attention, feedForward, norms, head, total };
}

function attentionParameters({ hiddenSize, attention }: TransformerShape): number {
  const { heads, kvHeads, headDim, biases, qkNorm } = attention;
  const queries = heads * headDim;
  const keys = kvHeads * headDim;
  const matrices = hiddenSize * (queries + 2 * keys) + queries * hiddenSize;
  const bias = (biases.qkv ? queries + 2 * keys : 0) + (biases.output ? hiddenSize : 0);
  const norms = { head: 2 * headDim, whole: queries + keys };
  return matrices + bias + (qkNorm === null ? 0 : norms[qkNorm]);
}

function feedForwardParameters(hiddenSize: number, block: FeedForward): number {
  const { intermediateSize } = block;
  switch (block.kind) {
    case "gated":
      return 3 * hiddenSize * intermediateSize + (block.bias ? 2 * intermediateSize + hiddenSize : 0);
    case "plain":
      return 2 * hiddenSize * intermediateSize + (block.bias ? intermediateSize + hiddenSize : 0);
    case "experts": {
      const router = hiddenSize * block.experts;
      const shared = 3 * hiddenSize * block.sharedIntermediateSize + (block.sharedGate ? hiddenSize : 0);
      return 3 * hiddenSize * intermediateSize * block.experts + router + shared;
    }
  }
}
