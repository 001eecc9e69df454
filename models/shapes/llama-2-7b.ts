import type { PublicShape } from "./public-shape.ts";

export const LLAMA_2_7B: PublicShape = {
  name: "llama-2-7b",
  source: "config.json of meta-llama/Llama-2-7b-hf on the Hugging Face hub",
  shape: {
    hiddenSize: 4096,
    intermediateSize: 11008,
    layers: 32,
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    vocabSize: 32_000,
    maxPositions: 4096,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: null,
    tiedEmbeddings: false,
  },
};
