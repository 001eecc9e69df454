import type { PublicShape } from "./public-shape.ts";

export const LLAMA_2_70B: PublicShape = {
  name: "llama-2-70b",
  source: "config.json of meta-llama/Llama-2-70b-hf on the Hugging Face hub",
  shape: {
    hiddenSize: 8192,
    intermediateSize: 28672,
    layers: 80,
    heads: 64,
    kvHeads: 8,
    headDim: 128,
    vocabSize: 32_000,
    maxPositions: 4096,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: null,
    tiedEmbeddings: false,
  },
};
