import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tensorShapes } from "../../models/checkpoint/tensors.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { packageRoot } from "../../models/package-root.ts";

export type WrittenDtype = "F32" | "F16" | "BF16";

export interface RandomCheckpoint {
  /** Changes to a small untied model with grouped queries, an explicit head_dim and sizes that are not multiples of 16. */
  readonly shapeOverrides?: Partial<LlamaShape>;
  readonly seed?: number;
  /** The same seed makes the same weights in each of them. */
  readonly dtype?: WrittenDtype;
  /** Number of weight files; from 2 on they get an index. */
  readonly shards?: number;
  readonly tokenizer?: "llama-tiny" | "none";
}

const SMALL: LlamaShape = {
  hiddenSize: 40,
  intermediateSize: 72,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 12,
  vocabSize: 530,
  maxPositions: 128,
  rmsNormEps: 1e-5,
  ropeTheta: 10_000,
  ropeScaling: null,
  tiedEmbeddings: false,
};

/** Writes a Hugging Face folder of a random Llama into `folder` (made if need be); returns the model's shape. */
export function writeRandomCheckpoint(folder: string, options: RandomCheckpoint = {}): LlamaShape {
  const { shapeOverrides, seed = 1, dtype = "F32", shards = 1, tokenizer = "none" } = options;
  const shape = { ...SMALL, ...shapeOverrides };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(configJson(shape), null, 2));
  writeWeights(folder, randomTensors(shape, seed, dtype), shards);
  if (tokenizer === "llama-tiny") {
    copyFileSync(join(packageRoot(), "models/llama-tiny/tokenizer.json"), join(folder, "tokenizer.json"));
  }
  return shape;
}

/** The config.json that says this shape. */
export function configJson(shape: LlamaShape): Record<string, unknown> {
  const { ropeScaling } = shape;
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.intermediateSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    vocab_size: shape.vocabSize,
    max_position_embeddings: shape.maxPositions,
    rms_norm_eps: shape.rmsNormEps,
    rope_theta: shape.ropeTheta,
    rope_scaling: ropeScaling && {
      rope_type: ropeScaling.kind,
      factor: ropeScaling.factor,
      low_freq_factor: ropeScaling.lowFrequencyFactor,
      high_freq_factor: ropeScaling.highFrequencyFactor,
      original_max_position_embeddings: ropeScaling.originalMaxPositions,
    },
    tie_word_embeddings: shape.tiedEmbeddings,
    bos_token_id: 0,
    eos_token_id: 1,
  };
}

export interface WrittenTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Bytes of a well-formed safetensors file. */
export function safetensorsBytes(tensors: readonly WrittenTensor[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  return withHeader(JSON.stringify(header), ...tensors.map(({ data }) => data));
}

/** Bytes of a safetensors file with any header whatever. */
export function withHeader(header: string, ...data: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(header);
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...data]);
}

/** All tensors of a model, random. Every number is a multiple of 2^-11 with 8 significant bits: exact in each dtype. */
export function randomTensors(shape: LlamaShape, seed: number, dtype: WrittenDtype): WrittenTensor[] {
  const random = new Random(seed);
  return [...tensorShapes(shape)].map(([name, tensorShape]) => {
    const isNorm = tensorShape.length === 1;
    const numbers = Array.from({ length: tensorShape.reduce((a, b) => a * b, 1) }, () =>
      isNorm ? (100 + random.below(57)) / 128 : (random.below(256) - 128) / 2048,
    );
    return { name, dtype, shape: tensorShape, data: encode(numbers, dtype) };
  });
}

function writeWeights(folder: string, tensors: readonly WrittenTensor[], shards: number): void {
  if (shards === 1) {
    writeFileSync(join(folder, "model.safetensors"), safetensorsBytes(tensors));
    return;
  }
  const weightMap: Record<string, string> = {};
  const total = String(shards).padStart(5, "0");
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-${String(shard + 1).padStart(5, "0")}-of-${total}.safetensors`;
    const part = tensors.filter((_, i) => i % shards === shard);
    for (const { name } of part) weightMap[name] = file;
    writeFileSync(join(folder, file), safetensorsBytes(part));
  }
  writeFileSync(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map: weightMap }),
  );
}

function encode(numbers: readonly number[], dtype: WrittenDtype): Uint8Array {
  const floats = Float32Array.from(numbers);
  if (dtype === "F32") return new Uint8Array(floats.buffer);
  const bits = new Uint32Array(floats.buffer);
  return new Uint8Array(Uint16Array.from(bits, dtype === "BF16" ? (b) => b >>> 16 : float16Bits).buffer);
}

/** Bits of a number that binary16 holds exactly: zero, or a normal one. */
function float16Bits(float32: number): number {
  const sign = (float32 >>> 16) & 0x8000;
  const exponent = ((float32 >>> 23) & 0xff) - 127;
  return exponent === -127 ? sign : sign | ((exponent + 15) << 10) | ((float32 >>> 13) & 0x3ff);
}
