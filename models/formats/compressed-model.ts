import type { LlamaShape } from "../decoder/shape.ts";
import type { LinearName, Matrix } from "../decoder/weights.ts";
import type { QuantizedMatrix } from "./quantized-matrix.ts";

/**
 * A decoder whose matrices are stored as the hardware reads them. RMSNorm gains are folded into the matrices that
 * follow, and log2(e) / √headDim into q: norms have no gain, and the softmax is to base 2.
 */
export interface CompressedModel {
  readonly shape: LlamaShape;
  /** The embedding table, not compressed, [vocabSize × hiddenSize]. */
  readonly embedding: Matrix;
  readonly layers: readonly Readonly<Record<LinearName, QuantizedMatrix>>[];
  /** [vocabSize × hiddenSize] */
  readonly head: QuantizedMatrix;
  /** Bits of a cached key or value. */
  readonly kvBits: 8 | 4;
}
