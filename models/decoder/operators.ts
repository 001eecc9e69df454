import type { LlamaShape } from "./shape.ts";
import { LINEAR_NAMES, type LinearName } from "./weights.ts";

/**
 * One step of decode, as the compiler emits it and the roofline counts it. Sizes that grow with the position are not
 * here: `tokens` below means the tokens attended to, position + 1.
 */
export type Operator =
  /** Reads a row of the embedding table. */
  | { readonly kind: "embed"; readonly name: string; readonly size: number }
  | { readonly kind: "norm"; readonly name: string; readonly size: number }
  | {
      readonly kind: "linear";
      readonly name: string;
      readonly matrix: LinearName | "head";
      readonly rows: number;
      readonly cols: number;
    }
  /** Rotates the new keys, rounds keys and values and stores them. */
  | { readonly kind: "remember"; readonly name: string; readonly kvHeads: number; readonly headDim: number }
  /** Scores, softmax and weighted values of the query heads that share one key and value head. */
  | {
      readonly kind: "attend";
      readonly name: string;
      readonly kvHead: number;
      readonly heads: readonly number[];
      readonly headDim: number;
    }
  /** Rounds a vector of `segments` parts, each with its own exponent, to int8. */
  | { readonly kind: "quantize"; readonly name: string; readonly size: number; readonly segments: number }
  /** silu(gate) · up */
  | { readonly kind: "silu"; readonly name: string; readonly size: number }
  | { readonly kind: "add"; readonly name: string; readonly size: number }
  /** Picks the next token from the logits. */
  | { readonly kind: "sample"; readonly name: string; readonly size: number };

/** A decode step: what comes before the layers, one layer (all are alike), and what comes after. */
export interface DecodeOperators {
  readonly before: readonly Operator[];
  readonly layer: readonly Operator[];
  readonly after: readonly Operator[];
}

/** Rows (outputs) and columns (inputs) of a layer's matrix. */
export function linearSize(shape: LlamaShape, name: LinearName): { rows: number; cols: number } {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = shape;
  switch (name) {
    case "q":
      return { rows: heads * headDim, cols: hiddenSize };
    case "k":
    case "v":
      return { rows: kvHeads * headDim, cols: hiddenSize };
    case "o":
      return { rows: hiddenSize, cols: heads * headDim };
    case "gate":
    case "up":
      return { rows: intermediateSize, cols: hiddenSize };
    case "down":
      return { rows: hiddenSize, cols: intermediateSize };
  }
}

/** The decoder as a list of operators, in the order in which they run. */
export function decodeOperators(shape: LlamaShape): DecodeOperators {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim, vocabSize } = shape;
  const linear = (matrix: LinearName): Operator => ({
    kind: "linear",
    name: matrix,
    matrix,
    ...linearSize(shape, matrix),
  });
  const [q, k, v, o, gate, up, down] = LINEAR_NAMES.map(linear) as [
    Operator,
    Operator,
    Operator,
    Operator,
    Operator,
    Operator,
    Operator,
  ];
  const sharing = heads / kvHeads;
  const feedForward: Operator[] =
    shape.variant?.feedForward === "plain"
      ? [up, { kind: "quantize", name: "relu", size: intermediateSize, segments: 1 }, down]
      : [gate, up, { kind: "silu", name: "silu", size: intermediateSize }, down];
  return {
    before: [{ kind: "embed", name: "embed", size: hiddenSize }],
    layer: [
      { kind: "norm", name: "attention norm", size: hiddenSize },
      // Keys and values first: they are stored while the matrix unit computes the queries.
      k,
      v,
      q,
      { kind: "remember", name: "remember", kvHeads, headDim },
      ...Array.from(
        { length: kvHeads },
        (_, kvHead): Operator => ({
          kind: "attend",
          name: `attend ${kvHead}`,
          kvHead,
          heads: Array.from({ length: sharing }, (_, i) => kvHead * sharing + i),
          headDim,
        }),
      ),
      { kind: "quantize", name: "attention output", size: heads * headDim, segments: heads },
      o,
      { kind: "add", name: "attention add", size: hiddenSize },
      { kind: "norm", name: "feed-forward norm", size: hiddenSize },
      ...feedForward,
      { kind: "add", name: "feed-forward add", size: hiddenSize },
    ],
    after: [
      { kind: "norm", name: "final norm", size: hiddenSize },
      { kind: "linear", name: "head", matrix: "head", rows: vocabSize, cols: hiddenSize },
      { kind: "sample", name: "sample", size: vocabSize },
    ],
  };
}
