import { z } from "zod";
import type { LlamaShape, RopeScaling } from "../decoder/shape.ts";
import { InputError } from "../errors.ts";
import { llama3Scaling, type RopeFields, ropeSchema, ropeType } from "../shapes/rope.ts";
import { BOUNDS, shapeSchema } from "../shapes/schema.ts";
import { brief, validated } from "../validate.ts";

/** What a config.json says that matters here. */
export interface ModelConfig {
  readonly shape: LlamaShape;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
}

const tokenId = BOUNDS.vocabSize.min(0).or(z.literal(0));

/** Heads are turned whole. */
const wholeRopeSchema = ropeSchema.extend({ partial_rotary_factor: z.literal(1).optional() });

/** Fields of Hugging Face's LlamaConfig, with its defaults. Fields that do not change what is computed are passed over. */
const configSchema = z.object({
  model_type: z.string(),
  hidden_size: BOUNDS.hiddenSize,
  intermediate_size: BOUNDS.intermediateSize,
  num_hidden_layers: BOUNDS.layers,
  num_attention_heads: BOUNDS.heads,
  num_key_value_heads: BOUNDS.kvHeads.nullish(),
  head_dim: BOUNDS.headDim.nullish(),
  vocab_size: BOUNDS.vocabSize,
  max_position_embeddings: BOUNDS.maxPositions.default(2048),
  rms_norm_eps: BOUNDS.rmsNormEps.default(1e-6),
  rope_theta: BOUNDS.ropeTheta.nullish(),
  rope_scaling: wholeRopeSchema.nullish(),
  /** Where newer files keep both `rope_theta` and the scaling. */
  rope_parameters: wholeRopeSchema.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  bos_token_id: tokenId.nullable().default(null),
  eos_token_id: z
    .union([tokenId, z.array(tokenId).max(64)])
    .nullable()
    .default(null),
  hidden_act: z.string().default("silu"),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  rope_interleaved: z.boolean().default(false),
  quantization_config: z.unknown().optional(),
});
type RawConfig = z.infer<typeof configSchema>;

/**
 * Reads a config.json of the Llama family.
 * @param where the file, as messages shall name it
 * @throws InputError if it is damaged, or asks for something that the decoder does not compute
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  const config = validated(configSchema, json, where);
  const refusal = unsupported(config);
  if (refusal !== undefined) throw new InputError(`${where}: ${refusal}.`);
  const shape = validated(shapeSchema, shapeOf(config, where), where);
  const eos = config.eos_token_id ?? [];
  const eosTokenIds = typeof eos === "number" ? [eos] : eos;
  const bosTokenId = config.bos_token_id;
  for (const id of bosTokenId === null ? eosTokenIds : [bosTokenId, ...eosTokenIds]) {
    if (id >= shape.vocabSize) {
      throw new InputError(`${where}: token id ${id} is not in the vocabulary of ${shape.vocabSize} tokens.`);
    }
  }
  return { shape, bosTokenId, eosTokenIds };
}

/** Why a model cannot be computed, if it cannot. */
function unsupported(config: RawConfig): string | undefined {
  if (config.model_type !== "llama") {
    return `model_type "${brief(config.model_type)}" is not supported; "llama" is`;
  }
  if (config.hidden_act !== "silu")
    return `hidden_act "${brief(config.hidden_act)}" is not supported; "silu" is`;
  if (config.attention_bias || config.mlp_bias)
    return "attention_bias and mlp_bias are not supported; both must be false";
  if (config.rope_interleaved) return "rope_interleaved is not supported; it must be false";
  if (config.quantization_config != null) {
    return "the weights are quantized already (quantization_config); give the model as F32, F16 or BF16";
  }
  return undefined;
}

function shapeOf(config: RawConfig, where: string): LlamaShape {
  const { hidden_size: hiddenSize, num_attention_heads: heads } = config;
  if (config.head_dim == null && hiddenSize % heads !== 0) {
    throw new InputError(
      `${where}: hidden_size ${hiddenSize} is not a multiple of num_attention_heads ${heads}, and there is no head_dim.`,
    );
  }
  const rope = config.rope_parameters ?? config.rope_scaling ?? {};
  return {
    hiddenSize,
    intermediateSize: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads,
    kvHeads: config.num_key_value_heads ?? heads,
    headDim: config.head_dim ?? hiddenSize / heads,
    vocabSize: config.vocab_size,
    maxPositions: config.max_position_embeddings,
    rmsNormEps: config.rms_norm_eps,
    ropeTheta: rope.rope_theta ?? config.rope_theta ?? 10_000,
    ropeScaling: ropeScaling(rope, where),
    tiedEmbeddings: config.tie_word_embeddings,
  };
}

function ropeScaling(rope: RopeFields, where: string): RopeScaling | null {
  const kind = ropeType(rope);
  if (kind === "default") return null;
  if (kind === "llama3") return llama3Scaling(rope, where);
  throw new InputError(`${where}: rope type "${brief(kind)}" is not supported; "default" and "llama3" are.`);
}
