import type { PublicShape } from "./public-shape.ts";

export const TINYLLAMA_1_1B: PublicShape = {
  name: "tinyllama-1.1b",
  source: "config.json of TinyLlama/TinyLlama-1.1B-Chat-v1.0 on the Hugging Face hub",
  shape: {
    hiddenSize: 2048,
    intermediateSize: 5632,
    layers: 22,
    heads: 32,
    kvHeads: 4,
    headDim: 64,
    vocabSize: 32_000,
    maxPositions: 2048,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: null,
    tiedEmbeddings: false,
  },
};
