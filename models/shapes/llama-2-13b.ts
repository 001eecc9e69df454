import type { PublicShape } from "./public-shape.ts";

export const LLAMA_2_13B: PublicShape = {
  name: "llama-2-13b",
  source: "config.json of meta-llama/Llama-2-13b-hf on the Hugging Face hub",
  shape: {
    hiddenSize: 5120,
    intermediateSize: 13824,
    layers: 40,
    heads: 40,
    kvHeads: 40,
    headDim: 128,
    vocabSize: 32_000,
    maxPositions: 4096,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: null,
    tiedEmbeddings: false,
  },
};
