/** A row-major matrix: `data[row * cols + col]`, one row an output. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/** The seven matrices of a layer, in the order in which decode reads them. */
export const LINEAR_NAMES = ["q", "k", "v", "o", "gate", "up", "down"] as const;
export type LinearName = (typeof LINEAR_NAMES)[number];

export interface LayerWeights extends Readonly<Record<LinearName, Matrix>> {
  /** RMSNorm gains before attention, [hiddenSize]. */
  readonly attentionNorm: Float32Array;
  /** RMSNorm gains before the feed-forward network, [hiddenSize]. */
  readonly feedForwardNorm: Float32Array;
}

/** All float weights of a Llama-family decoder. With tied embeddings `head` is the embedding itself. */
export interface LlamaWeights {
  /** [vocabSize × hiddenSize] */
  readonly embedding: Matrix;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Float32Array;
  /** [vocabSize × hiddenSize] */
  readonly head: Matrix;
}
