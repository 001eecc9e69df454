import type { PublicShape } from "./public-shape.ts";

export const LLAMA_3_8B: PublicShape = {
  name: "llama-3-8b",
  source: "config.json of meta-llama/Meta-Llama-3-8B on the Hugging Face hub",
  shape: {
    hiddenSize: 4096,
    intermediateSize: 14336,
    layers: 32,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    vocabSize: 128_256,
    maxPositions: 8192,
    rmsNormEps: 1e-5,
    ropeTheta: 500_000,
    ropeScaling: null,
    tiedEmbeddings: false,
  },
};
