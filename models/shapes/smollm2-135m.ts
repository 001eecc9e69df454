import type { PublicShape } from "./public-shape.ts";

export const SMOLLM2_135M: PublicShape = {
  name: "smollm2-135m",
  source: "config.json of HuggingFaceTB/SmolLM2-135M on the Hugging Face hub",
  shape: {
    hiddenSize: 576,
    intermediateSize: 1536,
    layers: 30,
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    vocabSize: 49_152,
    maxPositions: 8192,
    rmsNormEps: 1e-5,
    ropeTheta: 100_000,
    ropeScaling: null,
    tiedEmbeddings: true,
  },
};
