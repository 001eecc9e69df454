import type { PublicShape } from "./public-shape.ts";

export const LLAMA_3_1_8B: PublicShape = {
  name: "llama-3.1-8b",
  source: "config.json of meta-llama/Llama-3.1-8B on the Hugging Face hub",
  shape: {
    hiddenSize: 4096,
    intermediateSize: 14336,
    layers: 32,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    vocabSize: 128_256,
    maxPositions: 131_072,
    rmsNormEps: 1e-5,
    ropeTheta: 500_000,
    ropeScaling: {
      kind: "llama3",
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalMaxPositions: 8192,
    },
    tiedEmbeddings: false,
  },
};
