import type { TransformerShape } from "../../models/shapes/transformer.ts";
import type { RooflineReportData } from "../../src/report/roofline-data.ts";
import type { KernelConstants, RooflineDevice } from "../../src/roofline/predict/roofline-device.ts";

const ideal: KernelConstants = {
  t0Seconds: 0,
  memoryShare: 0.9,
  computeShare: 0.8,
  p: null,
  uncertainty: 0.15,
  origin: "not measured: peaks of the data sheet",
};

/** A processor with a cache, a link to its like and two of four zeros skipped. */
export const gpu: RooflineDevice = {
  name: "gpu",
  title: "Example GPU 80 GB",
  kind: "gpu",
  peaks: [
    {
      numbers: "fp16",
      operationsPerSecond: 312e12,
      sparse24PerSecond: 624e12,
      oneVectorPerSecond: null,
      picojoulesPerOperation: 0.6,
    },
    {
      numbers: "int8",
      operationsPerSecond: 624e12,
      sparse24PerSecond: 1248e12,
      oneVectorPerSecond: null,
      picojoulesPerOperation: 0.3,
    },
  ],
  vectorOperationsPerSecond: 19.5e12,
  memories: [
    {
      name: "HBM2e",
      type: "HBM2e",
      bytes: 80e9,
      bytesPerSecond: 2039e9,
      writable: true,
      channels: 1,
      picojoulesPerByte: 40,
      shareByAccess: [
        { bytes: 32, share: 0.4 },
        { bytes: 4096, share: 0.95 },
        { bytes: 1 << 20, share: 1 },
      ],
    },
  ],
  onChip: { kind: "cache", bytes: 40e6 },
  hasDecoder: false,
  skipsZeros: false,
  link: { bytesPerSecond: 300e9, startSeconds: 5e-6, stepSeconds: 5e-6 },
  kernelModel: null,
  gapSeconds: 0,
  kernel: {
    t0Seconds: 2.5e-6,
    memoryShare: 0.85,
    computeShare: 0.7,
    p: 2.4,
    uncertainty: 0.07,
    origin: "fitted on measured kernels of an example",
  },
  idleWatts: 90,
  activeWatts: 0.5,
  boardWatts: 400,
  priceUsd: 15000,
};

/** Two memories, a scratchpad and a decoder that skips zeros. */
export const board: RooflineDevice = {
  name: "board",
  title: "Example FPGA with HBM",
  kind: "fpga",
  peaks: [
    {
      numbers: "int8",
      operationsPerSecond: 8.1e12,
      sparse24PerSecond: null,
      oneVectorPerSecond: null,
      picojoulesPerOperation: 2,
    },
  ],
  vectorOperationsPerSecond: null,
  memories: [
    {
      name: "HBM2",
      type: "HBM2",
      bytes: 8e9,
      bytesPerSecond: 460e9,
      writable: true,
      channels: 1,
      picojoulesPerByte: 60,
      shareByAccess: [{ bytes: 512, share: 1 }],
    },
    {
      name: "DDR4",
      type: "DDR4",
      bytes: 32e9,
      bytesPerSecond: 38e9,
      writable: true,
      channels: 1,
      picojoulesPerByte: 60,
      shareByAccess: [{ bytes: 4096, share: 1 }],
    },
  ],
  onChip: { kind: "scratchpad", bytes: 43e6 },
  hasDecoder: true,
  skipsZeros: true,
  link: { bytesPerSecond: 12e9, startSeconds: 2e-6, stepSeconds: 2e-6 },
  kernelModel: null,
  gapSeconds: 0,
  kernel: ideal,
  idleWatts: 25,
  activeWatts: 45,
  boardWatts: 225,
  priceUsd: 8000,
};

/** Read-only weights, and nothing to join it to others. */
export const chip: RooflineDevice = {
  name: "chip",
  title: "Example small FPGA with flash",
  kind: "fpga",
  peaks: [
    {
      numbers: "int8",
      operationsPerSecond: 384e6,
      sparse24PerSecond: null,
      oneVectorPerSecond: null,
      picojoulesPerOperation: 20,
    },
  ],
  vectorOperationsPerSecond: null,
  memories: [
    {
      name: "flash",
      type: "QSPI",
      bytes: 16e6,
      bytesPerSecond: 12e6,
      writable: false,
      channels: 1,
      picojoulesPerByte: 400,
      shareByAccess: [],
    },
    {
      name: "SPRAM",
      type: "SPRAM",
      bytes: 131072,
      bytesPerSecond: 48e6,
      writable: true,
      channels: 1,
      picojoulesPerByte: 10,
      shareByAccess: [],
    },
  ],
  onChip: { kind: "scratchpad", bytes: 15360 },
  hasDecoder: true,
  skipsZeros: true,
  link: null,
  kernelModel: null,
  gapSeconds: 0,
  kernel: { ...ideal, memoryShare: 1, computeShare: 1, uncertainty: 0.02, origin: "simulated cycles" },
  idleWatts: 0.005,
  activeWatts: 0.5,
  boardWatts: null,
  priceUsd: null,
};

/** Dimensions of LLaMA-2-7B. */
export const large: TransformerShape = {
  hiddenSize: 4096,
  embeddingSize: 4096,
  layers: 32,
  vocabSize: 32000,
  maxPositions: 4096,
  attention: {
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    biases: { qkv: false, output: false },
    window: null,
    qkNorm: null,
  },
  feedForward: { kind: "gated", intermediateSize: 11008, bias: false, activation: "silu" },
  norm: { kind: "rms", perLayer: 2, outside: 1, weights: 1 },
  positions: { kind: "rotary", rotatedDim: 128 },
  tiedEmbeddings: false,
  headBias: false,
};

/** Small, with experts and fewer key and value heads. */
export const experts: TransformerShape = {
  ...large,
  hiddenSize: 512,
  embeddingSize: 512,
  layers: 4,
  attention: { ...large.attention, heads: 8, kvHeads: 2, headDim: 64 },
  feedForward: {
    kind: "experts",
    experts: 8,
    expertsPerToken: 2,
    intermediateSize: 1024,
    sharedIntermediateSize: 0,
    sharedGate: false,
    activation: "silu",
  },
  tiedEmbeddings: true,
};

export const rooflineFixture = (): RooflineReportData => ({
  schema: "accel/roofline-report@1",
  title: "llama-2-7b on gpu and board",
  shape: { name: "llama-2-7b", shape: large },
  shapes: [{ name: "experts", shape: experts }],
  devices: [gpu, board, chip],
  scenario: {
    weights: "w4g128",
    sparsity: "dense",
    batch: 1,
    context: 2048,
    newTokens: 128,
    keysAndValuesBits: 8,
    activationBits: null,
    flashAttention: true,
    tensorParallel: 1,
  },
  bandwidth: 1,
  entries: [
    { device: "gpu", weights: "w16", sparsity: "dense" },
    { device: "gpu", weights: "w4g128", sparsity: "2:4" },
    { device: "board", weights: "w4g128", sparsity: "2:4" },
  ],
  notes: ["Kernel constants were fitted on an example."],
});
