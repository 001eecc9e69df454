import type { PublicShape } from "./public-shape.ts";

export const LLAMA_TINY: PublicShape = {
  name: "llama-tiny",
  source: "models/llama-tiny/config.json of this package",
  shape: {
    hiddenSize: 64,
    intermediateSize: 192,
    layers: 5,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    vocabSize: 512,
    maxPositions: 512,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: null,
    tiedEmbeddings: true,
  },
};
