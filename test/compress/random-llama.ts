import { linearSize } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName, LlamaWeights, Matrix } from "../../models/decoder/weights.ts";
import type { Random } from "../../models/llama-tiny/corpus.ts";
import { normal, randomMatrix } from "./random.ts";

/** Grouped queries, an untied head, sizes that are not multiples of 16. */
export const tinyShape: LlamaShape = {
  hiddenSize: 24,
  intermediateSize: 40,
  layers: 2,
  heads: 6,
  kvHeads: 2,
  headDim: 6,
  vocabSize: 30,
  maxPositions: 64,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  ropeScaling: null,
  tiedEmbeddings: false,
};

export function randomLlama(shape: LlamaShape, random: Random): LlamaWeights {
  const { hiddenSize, layers, vocabSize } = shape;
  const gains = (): Float32Array => Float32Array.from({ length: hiddenSize }, () => 1 + 0.3 * normal(random));
  const matrix = (rows: number, cols: number): Matrix => {
    const { data } = randomMatrix(random, rows, cols);
    return { rows, cols, data: data.map((weight) => weight / Math.sqrt(cols)) };
  };
  const linear = (name: LinearName): Matrix => {
    const { rows, cols } = linearSize(shape, name);
    return matrix(rows, cols);
  };
  return {
    embedding: matrix(vocabSize, hiddenSize),
    layers: Array.from({ length: layers }, () => ({
      q: linear("q"),
      k: linear("k"),
      v: linear("v"),
      o: linear("o"),
      gate: linear("gate"),
      up: linear("up"),
      down: linear("down"),
      attentionNorm: gains(),
      feedForwardNorm: gains(),
    })),
    finalNorm: gains(),
    head: matrix(vocabSize, hiddenSize),
  };
}
