import type { ConfigFields } from "../config-fields.ts";
import { BOUNDS } from "../schema.ts";
import type { Attention } from "../transformer.ts";
import {
  biases,
  decoder,
  gated,
  headDimOf,
  layerNorm,
  noteMixedWindow,
  type Reader,
  slidingWindow,
} from "./decoder.ts";

/** Llama, and what is made like it. */
export const llamaLike: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields, "silu", fields.flag("mlp_bias", false)),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
  });

export const smolLm3: Reader = (fields) =>
  decoder(fields, { feedForward: gated(fields, "silu", fields.flag("mlp_bias", false)), tied: true });

export const mistral: Reader = (fields) =>
  decoder(fields, { feedForward: gated(fields), attention: slidingWindow(fields) });

/** Biases on queries, keys and values alone; the window is for the layers above `max_window_layers`. */
export const qwen2: Reader = (fields, note) => {
  if (fields.flag("use_sliding_window", false)) noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields), attention: { biases: biases(true, false) } });
};

export const qwen3Attention = (fields: ConfigFields): Partial<Attention> => ({
  biases: biases(fields.flag("attention_bias", false)),
  qkNorm: "head",
});

export const qwen3: Reader = (fields, note) => {
  if (fields.flag("use_sliding_window", false)) noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields), attention: qwen3Attention(fields) });
};

/** The first Qwen: `intermediate_size` counts gate and up together. */
export const qwen: Reader = (fields) =>
  decoder(fields, {
    feedForward: {
      kind: "gated",
      intermediateSize: Math.floor(fields.size("intermediateSize") / 2),
      bias: !fields.flag("no_bias", true),
      activation: "silu",
    },
    attention: { biases: biases(true, !fields.flag("no_bias", true)) },
  });

export const phi3: Reader = (fields) =>
  decoder(fields, { feedForward: gated(fields), attention: slidingWindow(fields) });

export const stableLm: Reader = (fields) => {
  if (fields.flag("qk_layernorm", false)) fields.refuse("qk_layernorm is not supported");
  return decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("use_qkv_bias", false), false) },
    norm: { ...layerNorm, perLayer: fields.flag("use_parallel_residual", false) ? 1 : 2 },
  });
};

export const gemma: Reader = (fields) => decoder(fields, { feedForward: gated(fields, "gelu"), tied: true });

/** Gemma 2: norms before and behind both parts of a layer. */
export const gemma2: Reader = (fields, note) => {
  noteMixedWindow(fields, note);
  return decoder(fields, { feedForward: gated(fields, "gelu"), norm: { perLayer: 4 }, tied: true });
};

export const gemma3: Reader = (fields, note) => {
  noteMixedWindow(fields, note);
  return decoder(fields, {
    feedForward: gated(fields, "gelu"),
    attention: { qkNorm: "head" },
    norm: { perLayer: 4 },
    tied: true,
  });
};

/** OLMo: norms without weights. */
export const olmo: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    norm: { kind: "layer", weights: 0 },
  });

export const olmo2: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)), qkNorm: "whole" },
  });

/** Command R: side by side, norms without a bias. */
export const cohere: Reader = (fields) => {
  if (fields.flag("use_qk_norm", false)) fields.refuse("use_qk_norm is not supported");
  return decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    norm: { kind: "layer", weights: 1, perLayer: 1 },
    tied: true,
  });
};

/** ChatGLM 2 and 3: half of each head is turned. */
export const chatGlm: Reader = (fields) => {
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
export const internLm: Reader = (fields) =>
  decoder(fields, {
    feedForward: gated(fields),
    attention: { biases: biases(fields.flag("bias", false)) },
  });
