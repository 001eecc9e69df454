import { z } from "zod";
import type { ConfigFields } from "./config-fields.ts";
import { BOUNDS } from "./schema.ts";
import type {
  Activation,
  Attention,
  FeedForward,
  Norms,
  Positions,
  TransformerShape,
} from "./transformer.ts";

/** Reads one family's config.json. */
export type Reader = (fields: ConfigFields, note: (text: string) => void) => TransformerShape;

/** How a family's decoder differs from Llama's. */
interface Traits {
  readonly feedForward: FeedForward;
  readonly attention?: Partial<Attention>;
  readonly norm?: Partial<Norms>;
  readonly positions?: Positions;
  readonly embeddingSize?: number;
  readonly maxPositions?: number;
  /** Where the file does not say it. */
  readonly tied?: boolean;
  readonly headBias?: boolean;
}

/** A decoder with Llama's structure but for the traits. */
function decoder(fields: ConfigFields, traits: Traits): TransformerShape {
  const hiddenSize = fields.size("hiddenSize");
  const heads = fields.size("heads");
  const headDim = headDimOf(fields, hiddenSize, heads);
  const positions = traits.positions ?? rotary(fields, headDim);
  return {
    hiddenSize,
    embeddingSize: traits.embeddingSize ?? hiddenSize,
    layers: fields.size("layers"),
    vocabSize: fields.size("vocabSize"),
    maxPositions: traits.maxPositions ?? fields.optional("maxPositions") ?? DEFAULT_POSITIONS,
    attention: {
      heads,
      kvHeads: fields.optional("kvHeads") ?? heads,
      headDim,
      biases: biases(false),
      window: null,
      qkNorm: null,
      ...traits.attention,
    },
    feedForward: traits.feedForward,
    norm: { kind: "rms", perLayer: 2, outside: 1, weights: 1, ...traits.norm },
    positions,
    tiedEmbeddings: fields.flag("tie_word_embeddings", traits.tied ?? false),
    headBias: traits.headBias ?? false,
  };
}

/** Hugging Face's default for Llama. */
const DEFAULT_POSITIONS = 2048;

function headDimOf(fields: ConfigFields, hiddenSize: number, heads: number): number {
  const said = fields.optional("headDim");
  if (said !== undefined) return said;
  if (hiddenSize % heads !== 0)
    fields.refuse(
      `a hidden size of ${hiddenSize} is not a multiple of ${heads} heads, and there is no head_dim`,
    );
  return hiddenSize / heads;
}

/** The share of a head that is turned has a name in each family. */
function rotary(fields: ConfigFields, headDim: number): Positions {
  const exact = fields.read(BOUNDS.headDim, "rotary_dim");
  const share =
    fields.share("partial_rotary_factor") ??
    fields.inner("rope_parameters")?.share("partial_rotary_factor") ??
    fields.share("rotary_pct") ??
    fields.share("rope_pct") ??
    1;
  return { kind: "rotary", rotatedDim: exact ?? Math.trunc(headDim * share) };
}

const biases = (qkv: boolean, output = qkv) => ({ qkv, output });

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu",
  gelu_fast: "gelu",
  gelu_python: "gelu",
  gelu_pytorch_tanh: "gelu",
  quick_gelu: "gelu",
  relu: "relu",
  relu2: "relu2",
};

function activation(fields: ConfigFields, otherwise: Activation): Activation {
  const names = ["hidden_act", "hidden_activation", "activation_function", "activation"];
  const said = names.map((name) => fields.text(name)).find((text) => text !== undefined);
  if (said === undefined) return otherwise;
  return Object.hasOwn(ACTIVATIONS, said)
    ? ACTIVATIONS[said]!
    : fields.refuse(`activation "${said}" is not one of ${Object.keys(ACTIVATIONS).join(", ")}`);
}

const gated = (fields: ConfigFields, otherwise: Activation = "silu", bias = false): FeedForward => ({
  kind: "gated",
  intermediateSize: fields.size("intermediateSize"),
  bias,
  activation: activation(fields, otherwise),
});

/** Where the file does not say it, the inner size is four times the outer. */
const plain = (fields: ConfigFields, otherwise: Activation, bias: boolean): FeedForward => ({
  kind: "plain",
  intermediateSize: fields.optional("intermediateSize") ?? 4 * fields.size("hiddenSize"),
  bias,
  activation: activation(fields, otherwise),
});

interface ExpertNames {
  readonly experts: string;
  readonly size: string;
  readonly shared?: number;
  readonly sharedGate?: boolean;
}

const experts = (fields: ConfigFields, names: ExpertNames): FeedForward => ({
  kind: "experts",
  experts: fields.count(names.experts, BOUNDS.experts),
  expertsPerToken: fields.count("num_experts_per_tok", BOUNDS.experts),
  intermediateSize: fields.count(names.size, BOUNDS.intermediateSize),
  sharedIntermediateSize: names.shared ?? 0,
  sharedGate: names.sharedGate ?? false,
  activation: activation(fields, "silu"),
});

const slidingWindow = (fields: ConfigFields): { window: number | null } => ({
  window: fields.read(BOUNDS.maxPositions, "sliding_window") ?? null,
});

/** A window that only some layers have is no part of a shape: all tokens are counted. */
function noteMixedWindow(fields: ConfigFields, note: (text: string) => void): void {
  if (fields.says("sliding_window"))
    note("a sliding window in some of the layers is left out: every layer attends to all tokens");
}

/** Llama, and what is made like it. */
export const llamaLike: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields, "silu", fields.flag("mlp_bias", false)),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
  });

const mistral: Reader = (fields) =>
  decoder(fields, { feedForward: gated(fields), attention: slidingWindow(fields) });

const mixtral: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: slidingWindow(fields),
  });

/** Biases on queries, keys and values alone; the window is for the layers above `max_window_layers`. */
const qwen2: Reader = (fields, note) => {
  if (fields.flag("use_sliding_window", false)) noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields), attention: { biases: biases(true, false) } });
};

const qwen2Experts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, {
      experts: "num_experts",
      size: "moe_intermediate_size",
      shared: fields.count("shared_expert_intermediate_size", BOUNDS.intermediateSize),
      sharedGate: true,
    }),
    attention: { biases: biases(true, false) },
  });

const qwen3Attention = (fields: ConfigFields): Partial<Attention> => ({
  biases: biases(fields.flag("attention_bias", false)),
  qkNorm: "head",
});

const qwen3: Reader = (fields, note) => {
  if (fields.flag("use_sliding_window", false)) noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields), attention: qwen3Attention(fields) });
};

const qwen3Experts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_experts", size: "moe_intermediate_size" }),
    attention: qwen3Attention(fields),
  });

/** The first Qwen: `intermediate_size` counts gate and up together. */
const qwen: Reader = (fields) =>
  decoder(fields, {
    feedForward: {
      kind: "gated",
      intermediateSize: Math.floor(fields.size("intermediateSize") / 2),
      bias: !fields.flag("no_bias", true),
      activation: "silu",
    },
    attention: { biases: biases(true, !fields.flag("no_bias", true)) },
  });

const layerNorm = { kind: "layer", weights: 2 } as const;

/** Phi-1, 1.5 and 2: attention and feed-forward side by side, biases everywhere. */
const phi: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: {
      biases: biases(true),
      qkNorm: fields.flag("qk_layernorm", false) ? fields.refuse("qk_layernorm is not supported") : null,
    },
    norm: { ...layerNorm, perLayer: 1 },
    headBias: true,
  });

const phi3: Reader = (fields) =>
  decoder(fields, { feedForward: gated(fields), attention: slidingWindow(fields) });

/** Phi-3.5-MoE: Mixtral's experts, with layer norms and biases beside them. */
const phiExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)), ...slidingWindow(fields) },
    norm: layerNorm,
    headBias: fields.flag("lm_head_bias", false),
  });

/** OPT's table of positions begins two rows early. */
const OPT_POSITION_OFFSET = 2;

const opt: Reader = (fields) => {
  const bias = fields.flag("enable_bias", true);
  const embeddingSize = fields.read(BOUNDS.hiddenSize, "word_embed_proj_dim");
  const isNormFirst = fields.flag("do_layer_norm_before", true);
  return decoder(fields, {
    feedForward: plain(fields, "relu", bias),
    attention: { biases: biases(bias) },
    norm: {
      kind: "layer",
      weights: fields.flag("layer_norm_elementwise_affine", true) ? 2 : 0,
      outside: isNormFirst && !fields.flag("_remove_final_layer_norm", false) ? 1 : 0,
    },
    positions: { kind: "learned", positions: fields.size("maxPositions") + OPT_POSITION_OFFSET },
    ...(embeddingSize === undefined ? {} : { embeddingSize }),
    tied: true,
  });
};

const gpt2: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(true), ...(fields.flag("multi_query", false) ? { kvHeads: 1 } : {}) },
    norm: layerNorm,
    positions: { kind: "learned", positions: fields.size("maxPositions") },
    tied: true,
  });

const gptNeoX: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(fields.flag("attention_bias", true)) },
    norm: layerNorm,
  });

/** GPT-Neo: biases everywhere but on queries, keys and values. */
const gptNeo: Reader = (fields, note) => {
  if (fields.says("window_size"))
    note("the window of every second layer is left out: every layer attends to all tokens");
  return decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(false, true) },
    norm: layerNorm,
    positions: { kind: "learned", positions: fields.size("maxPositions") },
    tied: true,
  });
};

/** GPT-J: side by side, biases in the feed-forward and the head alone. */
const gptJ: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    norm: { ...layerNorm, perLayer: 1 },
    headBias: true,
  });

/** BLOOM: no positions but a slope in the scores; a norm behind the embedding too. */
const bloom: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(true) },
    norm: { ...layerNorm, outside: 2 },
    positions: { kind: "none" },
    tied: true,
  });

/** MPT: slopes in the scores in the place of positions, and no biases, of norms neither. */
const mpt: Reader = (fields) => {
  const bias = !fields.flag("no_bias", true);
  const attention = fields.inner("attn_config");
  const kvHeads = attention?.optional("kvHeads");
  const hasSlopes = attention?.flag("alibi", true) ?? true;
  return decoder(fields, {
    feedForward: {
      kind: "plain",
      intermediateSize:
        fields.size("hiddenSize") * (fields.read(z.int().min(1).max(64), "expansion_ratio") ?? 4),
      bias,
      activation: "gelu",
    },
    attention: { biases: biases(bias), ...(kvHeads === undefined ? {} : { kvHeads }) },
    norm: { kind: "layer", weights: bias ? 2 : 1 },
    positions: hasSlopes ? { kind: "none" } : { kind: "learned", positions: fields.size("maxPositions") },
    tied: true,
  });
};

/** Falcon 7B has one head of keys and values and one norm a layer; from 40B on there are more of both. */
const falcon: Reader = (fields) => {
  const isNew = fields.flag("new_decoder_architecture", false);
  const bias = fields.flag("bias", false);
  const isParallel = isNew || fields.flag("parallel_attn", true);
  const isAlibi = fields.flag("alibi", false);
  const kvHeads = fields.flag("multi_query", true) ? { kvHeads: 1 } : {};
  const norms = isNew ? (fields.read(z.int().min(1).max(2), "num_ln_in_parallel_attn") ?? 2) : 1;
  return decoder(fields, {
    feedForward: plain(fields, "gelu", bias),
    attention: { biases: biases(bias), ...(isNew ? {} : kvHeads) },
    norm: { ...layerNorm, perLayer: isParallel ? norms : 2 },
    ...(isAlibi ? { positions: { kind: "none" as const } } : {}),
    tied: true,
  });
};

const stableLm: Reader = (fields) => {
  if (fields.flag("qk_layernorm", false)) fields.refuse("qk_layernorm is not supported");
  return decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("use_qkv_bias", false), false) },
    norm: { ...layerNorm, perLayer: fields.flag("use_parallel_residual", false) ? 1 : 2 },
  });
};

const starcoder2: Reader = (fields) => {
  const bias = fields.flag("use_bias", true);
  return decoder(fields, {
    feedForward: plain(fields, "gelu", bias),
    attention: { biases: biases(bias), ...slidingWindow(fields) },
    norm: layerNorm,
    tied: true,
  });
};

const gemma: Reader = (fields) => decoder(fields, { feedForward: gated(fields, "gelu"), tied: true });

/** Gemma 2: norms before and behind both parts of a layer. */
const gemma2: Reader = (fields, note) => {
  noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields, "gelu"), norm: { perLayer: 4 }, tied: true });
};

const gemma3: Reader = (fields, note) => {
  noteMixedWindow(fields, note);
  return decoder(fields, {
    feedForward: gated(fields, "gelu"),
    attention: { qkNorm: "head" },
    norm: { perLayer: 4 },
    tied: true,
  });
};

/** OLMo: norms without weights. */
const olmo: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    norm: { kind: "layer", weights: 0 },
  });

const olmo2: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)), qkNorm: "whole" },
  });

const olmoExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)), qkNorm: "whole" },
  });

const graniteExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    tied: true,
  });

/** Command R: side by side, norms without a bias. */
const cohere: Reader = (fields) => {
  if (fields.flag("use_qk_norm", false)) fields.refuse("use_qk_norm is not supported");
  return decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    norm: { kind: "layer", weights: 1, perLayer: 1 },
    tied: true,
  });
};

/** ChatGLM 2 and 3: half of each head is turned. */
const chatGlm: Reader = (fields) => {
  const bias = fields.flag("add_bias_linear", false);
  const kvHeads = fields.flag("multi_query_attention", false)
    ? { kvHeads: fields.count("multi_query_group_num", BOUNDS.kvHeads) }
    : {};
  const headDim = headDimOf(fields, fields.size("hiddenSize"), fields.size("heads"));
  return decoder(fields, {
    feedForward: gated(fields, "silu", bias),
    attention: { biases: biases(bias || fields.flag("add_qkv_bias", false), bias), ...kvHeads },
    norm: fields.flag("rmsnorm", true) ? {} : layerNorm,
    positions: { kind: "rotary", rotatedDim: Math.floor(headDim / 2) },
  });
};

/** InternLM: the first version has biases on all projections. */
const internLm: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("bias", false)) },
  });

/** Readers by `model_type`. */
export const FAMILIES: Readonly<Record<string, Reader>> = {
  llama: llamaLike,
  mllama_text_model: llamaLike,
  smollm3: llamaLike,
  granite: llamaLike,
  mistral,
  mixtral,
  qwen,
  qwen2,
  qwen2_vl: qwen2,
  qwen2_5_vl: qwen2,
  qwen2_5_vl_text: qwen2,
  qwen2_moe: qwen2Experts,
  qwen3,
  qwen3_moe: qwen3Experts,
  phi,
  "phi-msft": phi,
  phi3,
  phimoe: phiExperts,
  opt,
  gpt2,
  gpt_bigcode: gpt2,
  gpt_neox: gptNeoX,
  gpt_neo: gptNeo,
  gptj: gptJ,
  mpt,
  bloom,
  falcon,
  RefinedWebModel: falcon,
  stablelm: stableLm,
  stablelm_epoch: stableLm,
  starcoder2,
  gemma,
  gemma2,
  gemma3_text: gemma3,
  olmo,
  olmo2,
  olmoe: olmoExperts,
  granitemoe: graniteExperts,
  cohere,
  chatglm: chatGlm,
  internlm: internLm,
  internlm2: internLm,
};
