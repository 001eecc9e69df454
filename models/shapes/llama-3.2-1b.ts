import type { PublicShape } from "./public-shape.ts";

export const LLAMA_3_2_1B: PublicShape = {
  name: "llama-3.2-1b",
  source: "config.json of meta-llama/Llama-3.2-1B on the Hugging Face hub",
  shape: {
    hiddenSize: 2048,
    intermediateSize: 8192,
    layers: 16,
    heads: 32,
    kvHeads: 8,
    headDim: 64,
    vocabSize: 128_256,
    maxPositions: 131_072,
    rmsNormEps: 1e-5,
    ropeTheta: 500_000,
    ropeScaling: {
      kind: "llama3",
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalMaxPositions: 8192,
    },
    tiedEmbeddings: true,
  },
};
