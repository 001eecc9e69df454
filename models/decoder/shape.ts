import type { LinearName } from "./weights.ts";

/** Scaling of rotary frequencies for long contexts, as Llama 3.1 trains it. */
export interface RopeScaling {
  readonly kind: "llama3";
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalMaxPositions: number;
}

/** Where a decoder differs from a Llama: such a one can be planned and timed, but not computed. */
export interface BlockVariant {
  readonly norm: "rms" | "layer";
  /** `plain`: relu(up) and down, without a gate. */
  readonly feedForward: "gated" | "plain";
  /** `learned`: a row of a table is added to the embedding, and no head is rotated. */
  readonly positions: "rotary" | "learned";
  /** Matrices with a bias for every row. */
  readonly biases: readonly LinearName[];
}

/** Dimensions and constants of a Llama-family decoder: all that is needed to plan one without its weights. */
export interface LlamaShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads; each serves `heads / kvHeads` query heads. */
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
  /** The output head shares the embedding's weights. */
  readonly tiedEmbeddings: boolean;
  /** Absent: a Llama. */
  readonly variant?: BlockVariant;
}
