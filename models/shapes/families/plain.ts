import { z } from "zod";
import { BOUNDS } from "../schema.ts";
import { biases, decoder, layerNorm, plain, type Reader, slidingWindow } from "./decoder.ts";

/** Phi-1, 1.5 and 2: attention and feed-forward side by side, biases everywhere. */
export const phi: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: {
      biases: biases(true),
      qkNorm: fields.flag("qk_layernorm", false) ? fields.refuse("qk_layernorm is not supported") : null,
    },
    norm: { ...layerNorm, perLayer: 1 },
    headBias: true,
  });

/** OPT's table of positions begins two rows early. */
const OPT_POSITION_OFFSET = 2;

export const opt: Reader = (fields) => {
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

export const gpt2: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(true), ...(fields.flag("multi_query", false) ? { kvHeads: 1 } : {}) },
    norm: layerNorm,
    positions: { kind: "learned", positions: fields.size("maxPositions") },
    tied: true,
  });

export const gptNeoX: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(fields.flag("attention_bias", true)) },
    norm: layerNorm,
  });

/** GPT-Neo: biases everywhere but on queries, keys and values. */
export const gptNeo: Reader = (fields, note) => {
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
export const gptJ: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    norm: { ...layerNorm, perLayer: 1 },
    headBias: true,
  });

/** BLOOM: no positions but a slope in the scores; a norm behind the embedding too. */
export const bloom: Reader = (fields) =>
  decoder(fields, {
    feedForward: plain(fields, "gelu", true),
    attention: { biases: biases(true) },
    norm: { ...layerNorm, outside: 2 },
    positions: { kind: "none" },
    tied: true,
  });

/** MPT: slopes in the scores in the place of positions, and no biases, of norms neither. */
export const mpt: Reader = (fields) => {
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
export const falcon: Reader = (fields) => {
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

export const starcoder2: Reader = (fields) => {
  const bias = fields.flag("use_bias", true);
  return decoder(fields, {
    feedForward: plain(fields, "gelu", bias),
    attention: { biases: biases(bias), ...slidingWindow(fields) },
    norm: layerNorm,
    tied: true,
  });
};
