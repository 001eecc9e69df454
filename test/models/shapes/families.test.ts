import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { InputError } from "../../../models/errors.ts";
import { readTransformerConfig } from "../../../models/shapes/config.ts";
import { FAMILIES } from "../../../models/shapes/families.ts";
import { llamaView } from "../../../models/shapes/llama.ts";
import { parameterCount } from "../../../models/shapes/transformer.ts";

/** Sizes as their config.json say them, and the numbers in their weights' files. */
const MODELS: readonly (readonly [name: string, parameters: number, config: Record<string, unknown>])[] = [
  [
    "smollm3-3b",
    3_075_098_624,
    {
      model_type: "smollm3",
      hidden_size: 2048,
      intermediate_size: 11008,
      num_hidden_layers: 36,
      num_attention_heads: 16,
      num_key_value_heads: 4,
      vocab_size: 128256,
      max_position_embeddings: 65536,
    },
  ],
  [
    "qwen1.5-moe-a2.7b",
    14_315_784_192,
    {
      model_type: "qwen2_moe",
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      vocab_size: 151936,
      max_position_embeddings: 8192,
      moe_intermediate_size: 1408,
      shared_expert_intermediate_size: 5632,
      num_experts: 60,
      num_experts_per_tok: 4,
      decoder_sparse_step: 1,
      tie_word_embeddings: false,
      hidden_act: "silu",
    },
  ],
  [
    "qwen3-30b-a3b",
    30_532_122_624,
    {
      model_type: "qwen3_moe",
      hidden_size: 2048,
      intermediate_size: 6144,
      num_hidden_layers: 48,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      head_dim: 128,
      vocab_size: 151936,
      max_position_embeddings: 40960,
      moe_intermediate_size: 768,
      num_experts: 128,
      num_experts_per_tok: 8,
      decoder_sparse_step: 1,
      mlp_only_layers: [],
      tie_word_embeddings: false,
      hidden_act: "silu",
      sliding_window: null,
      use_sliding_window: false,
    },
  ],
  [
    "qwen3-8b",
    8_190_735_360,
    {
      model_type: "qwen3",
      hidden_size: 4096,
      intermediate_size: 12288,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 151936,
      max_position_embeddings: 40960,
      tie_word_embeddings: false,
    },
  ],
  [
    "gemma-2b",
    2_506_172_416,
    {
      model_type: "gemma",
      hidden_size: 2048,
      intermediate_size: 16384,
      num_hidden_layers: 18,
      num_attention_heads: 8,
      num_key_value_heads: 1,
      head_dim: 256,
      vocab_size: 256000,
      max_position_embeddings: 8192,
      hidden_act: "gelu",
    },
  ],
  [
    "gemma-2-9b",
    9_241_705_984,
    {
      model_type: "gemma2",
      hidden_size: 3584,
      intermediate_size: 14336,
      num_hidden_layers: 42,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 256,
      vocab_size: 256000,
      max_position_embeddings: 8192,
      hidden_activation: "gelu_pytorch_tanh",
      sliding_window: 4096,
    },
  ],
  [
    "gpt2",
    124_439_808,
    {
      model_type: "gpt2",
      n_embd: 768,
      n_layer: 12,
      n_head: 12,
      n_positions: 1024,
      n_ctx: 1024,
      vocab_size: 50257,
      activation_function: "gelu_new",
    },
  ],
  [
    "gpt-neo-125m",
    125_198_592,
    {
      model_type: "gpt_neo",
      hidden_size: 768,
      num_layers: 12,
      num_heads: 12,
      intermediate_size: null,
      max_position_embeddings: 2048,
      vocab_size: 50257,
      activation_function: "gelu_new",
      window_size: 256,
    },
  ],
  [
    "pythia-70m",
    70_426_624,
    {
      model_type: "gpt_neox",
      hidden_size: 512,
      intermediate_size: 2048,
      num_hidden_layers: 6,
      num_attention_heads: 8,
      vocab_size: 50304,
      max_position_embeddings: 2048,
      rotary_pct: 0.25,
      hidden_act: "gelu",
      tie_word_embeddings: false,
    },
  ],
  [
    "bloom-560m",
    559_214_592,
    {
      model_type: "bloom",
      n_embed: 1024,
      n_layer: 24,
      num_attention_heads: 16,
      vocab_size: 250880,
      seq_length: 2048,
    },
  ],
  [
    "falcon-7b",
    6_921_720_704,
    {
      model_type: "falcon",
      hidden_size: 4544,
      num_hidden_layers: 32,
      num_attention_heads: 71,
      vocab_size: 65024,
      multi_query: true,
      new_decoder_architecture: false,
      parallel_attn: true,
      bias: false,
      alibi: false,
    },
  ],
  [
    "falcon-40b",
    41_303_293_952,
    {
      model_type: "falcon",
      hidden_size: 8192,
      num_hidden_layers: 60,
      num_attention_heads: 128,
      num_kv_heads: 8,
      vocab_size: 65024,
      multi_query: true,
      new_decoder_architecture: true,
      parallel_attn: true,
      bias: false,
      alibi: false,
    },
  ],
  [
    "phi-1_5 msft",
    1_418_270_720,
    {
      model_type: "phi-msft",
      n_embd: 2048,
      n_head: 32,
      n_head_kv: null,
      n_inner: null,
      n_layer: 24,
      n_positions: 2048,
      rotary_dim: 32,
      tie_word_embeddings: false,
      vocab_size: 51200,
      activation_function: "gelu_new",
    },
  ],
  [
    "stablelm-3b",
    2_795_443_200,
    {
      model_type: "stablelm",
      hidden_size: 2560,
      intermediate_size: 6912,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      vocab_size: 50304,
      max_position_embeddings: 4096,
      partial_rotary_factor: 0.25,
      tie_word_embeddings: false,
      hidden_act: "silu",
    },
  ],
  [
    "starcoder2-3b",
    3_030_371_328,
    {
      model_type: "starcoder2",
      hidden_size: 3072,
      intermediate_size: 12288,
      num_hidden_layers: 30,
      num_attention_heads: 24,
      num_key_value_heads: 2,
      vocab_size: 49152,
      max_position_embeddings: 16384,
      sliding_window: 4096,
      use_bias: true,
      hidden_act: "gelu_pytorch_tanh",
    },
  ],
  [
    "olmo-1b",
    1_176_764_416,
    {
      model_type: "olmo",
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      vocab_size: 50304,
      max_position_embeddings: 2048,
      tie_word_embeddings: true,
    },
  ],
  [
    "olmo-2-7b",
    7_298_617_344,
    {
      model_type: "olmo2",
      hidden_size: 4096,
      intermediate_size: 11008,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      vocab_size: 100352,
      max_position_embeddings: 4096,
      tie_word_embeddings: false,
    },
  ],
  [
    "internlm2-7b",
    7_737_708_544,
    {
      model_type: "internlm2",
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 92544,
      max_position_embeddings: 32768,
      bias: false,
      tie_word_embeddings: false,
    },
  ],
  [
    "qwen-7b",
    7_721_324_544,
    {
      model_type: "qwen",
      hidden_size: 4096,
      intermediate_size: 22016,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      vocab_size: 151936,
      seq_length: 8192,
      no_bias: true,
      tie_word_embeddings: false,
      kv_channels: 128,
    },
  ],
  [
    "command-r",
    34_980_831_232,
    {
      model_type: "cohere",
      hidden_size: 8192,
      intermediate_size: 22528,
      num_hidden_layers: 40,
      num_attention_heads: 64,
      num_key_value_heads: 64,
      vocab_size: 256000,
      max_position_embeddings: 8192,
    },
  ],
  [
    "gpt-j-6b",
    6_050_882_784,
    {
      model_type: "gptj",
      n_embd: 4096,
      n_layer: 28,
      n_head: 16,
      n_positions: 2048,
      rotary_dim: 64,
      vocab_size: 50400,
      tie_word_embeddings: false,
      activation_function: "gelu_new",
    },
  ],
  [
    "starcoder",
    15_517_456_384,
    {
      model_type: "gpt_bigcode",
      n_embd: 6144,
      n_layer: 40,
      n_head: 48,
      n_inner: 24576,
      n_positions: 8192,
      multi_query: true,
      vocab_size: 49152,
      activation_function: "gelu",
    },
  ],
  [
    "olmoe",
    6_919_161_856,
    {
      model_type: "olmoe",
      hidden_size: 2048,
      intermediate_size: 1024,
      num_hidden_layers: 16,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      num_experts: 64,
      num_experts_per_tok: 8,
      vocab_size: 50304,
      max_position_embeddings: 4096,
      tie_word_embeddings: false,
    },
  ],
  [
    "granite-3.1-2b",
    2_533_531_648,
    {
      model_type: "granite",
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 40,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 49155,
      max_position_embeddings: 4096,
      tie_word_embeddings: true,
    },
  ],
  [
    "mpt-7b",
    6_649_286_656,
    {
      model_type: "mpt",
      d_model: 4096,
      n_heads: 32,
      n_layers: 32,
      expansion_ratio: 4,
      max_seq_len: 2048,
      vocab_size: 50432,
      no_bias: true,
      attn_config: { alibi: true },
    },
  ],
  [
    "phi-3.5-moe",
    41_873_153_344,
    {
      model_type: "phimoe",
      hidden_size: 4096,
      intermediate_size: 6400,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 32064,
      max_position_embeddings: 131072,
      num_local_experts: 16,
      num_experts_per_tok: 2,
      attention_bias: true,
      lm_head_bias: true,
      tie_word_embeddings: false,
      sliding_window: 131072,
    },
  ],
];

describe("models of every family", () => {
  it.each(MODELS)("%s has %i parameters", (name, parameters, config) => {
    const { shape, family } = readTransformerConfig(config, name);
    expect(parameterCount(shape).total).toBe(parameters);
    expect(Object.keys(FAMILIES)).toContain(family);
  });

  it("hold experts, windows and positions as they are", () => {
    const read = (name: string) =>
      readTransformerConfig(MODELS.find(([one]) => one === name)?.[2], name).shape;
    expect(read("qwen3-30b-a3b").feedForward).toEqual({
      kind: "experts",
      experts: 128,
      expertsPerToken: 8,
      intermediateSize: 768,
      sharedIntermediateSize: 0,
      sharedGate: false,
      activation: "silu",
    });
    expect(read("qwen1.5-moe-a2.7b").feedForward).toMatchObject({
      sharedIntermediateSize: 5632,
      sharedGate: true,
    });
    expect(read("starcoder2-3b").attention.window).toBe(4096);
    expect(read("bloom-560m").positions).toEqual({ kind: "none" });
    expect(read("gpt2").positions).toEqual({ kind: "learned", positions: 1024 });
    expect(read("phi-1_5 msft").positions).toEqual({ kind: "rotary", rotatedDim: 32 });
    expect(read("stablelm-3b").positions).toEqual({ kind: "rotary", rotatedDim: 20 });
    expect(read("falcon-7b").attention).toMatchObject({ heads: 71, kvHeads: 1, headDim: 64 });
    expect(read("falcon-7b").norm.perLayer).toBe(1);
  });
});

const LLAMA = {
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 5,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 512,
  max_position_embeddings: 512,
};
const read = (change: Record<string, unknown>) =>
  readTransformerConfig({ ...LLAMA, ...change }, "config.json");

describe("a config.json", () => {
  it("of an unknown family is read as a Llama's, with a note", () => {
    const { shape, notes } = read({ model_type: "wonder" });
    expect(shape).toEqual(read({}).shape);
    expect(notes).toEqual(['model_type "wonder" is not a family that is known here: it was read as a Llama']);
    expect(read({}).notes).toEqual([]);
    expect(llamaView({ ...LLAMA, model_type: "wonder" }, "c")).toMatchObject({ kind: "other" });
  });

  it("with a decoder within is read from there", () => {
    const { shape, notes } = readTransformerConfig({ model_type: "seer", text_config: LLAMA }, "config.json");
    expect(shape).toEqual(read({}).shape);
    expect(notes[0]).toContain("text_config");
  });

  it.each(Object.keys(LLAMA).filter((key) => !/type|key_value|max_pos/.test(key)))(
    "without %s is refused by that name",
    (key) => {
      expect(() => read({ [key]: undefined })).toThrow(
        new InputError(`config.json: there is no ${key}, without which the model's shape is not known.`),
      );
      expect(() => read({ [key]: null })).toThrow(key);
    },
  );

  it.each<[Record<string, unknown>, string]>([
    [{ hidden_size: "64" }, "hidden_size: expected number"],
    [{ hidden_size: 2 ** 30 }, "hidden_size"],
    [{ num_hidden_layers: 1.5 }, "num_hidden_layers"],
    [{ num_hidden_layers: 0 }, "num_hidden_layers"],
    [{ num_attention_heads: -4 }, "num_attention_heads"],
    [{ num_attention_heads: 3, num_key_value_heads: 3 }, "not a multiple of 3 heads"],
    [{ num_key_value_heads: 3 }, "4 query heads cannot be shared out evenly among 3"],
    [{ head_dim: 3 }, "head_dim"],
    [{ partial_rotary_factor: 2 }, "partial_rotary_factor"],
    [{ partial_rotary_factor: 0.2 }, "3 of a head's 16 numbers cannot be turned in pairs"],
    [{ hidden_act: "magic" }, 'activation "magic" is not one of silu'],
    [{ attention_bias: "yes" }, "attention_bias"],
    [{ is_encoder_decoder: true }, "an encoder and a decoder"],
    [{ kv_lora_rank: 512 }, "kv_lora_rank"],
    [{ first_k_dense_replace: 1 }, "layers of a shape are all alike"],
    [{ model_type: "mixtral" }, "num_local_experts"],
    [{ model_type: "mixtral", num_local_experts: 2, num_experts_per_tok: 4 }, "4 of 2 experts"],
    [{ model_type: "qwen3_moe", decoder_sparse_step: 2 }, "decoder_sparse_step"],
    [{ model_type: "wonder", num_local_experts: 8 }, "a Llama has no num_local_experts"],
    [{ model_type: "bert", type_vocab_size: 2 }, "a Llama has no type_vocab_size"],
    [{ model_type: "__proto__", ssm_cfg: { d: 1 } }, "a Llama has no ssm_cfg"],
  ])("%j is refused", (change, reason) => {
    expect(() => read(change)).toThrow(InputError);
    expect(() => read(change)).toThrow(reason);
  });

  it("of ten thousand million million parameters is refused", () => {
    const huge = { hidden_size: 2 ** 16, intermediate_size: 2 ** 19, num_hidden_layers: 1024, head_dim: 64 };
    const many = { model_type: "mixtral", num_local_experts: 4096, num_experts_per_tok: 2 };
    expect(() => read({ ...huge, ...many })).toThrow("more parameters than can be counted");
  });
});

test("whatever a file holds, it is a shape or is refused in one line", () => {
  const names = [
    ...new Set([...Object.keys(LLAMA), ...MODELS.flatMap(([, , config]) => Object.keys(config))]),
  ].filter((name) => name !== "model_type");
  const value = fc.oneof(fc.integer({ min: -1, max: 300 }), fc.jsonValue(), fc.string({ unit: "binary" }));
  const config = fc.record({
    model_type: fc.oneof(fc.constantFrom(...Object.keys(FAMILIES)), fc.string({ unit: "binary" })),
    changes: fc.dictionary(fc.constantFrom(...names), value),
  });
  const check = (json: unknown): void => {
    try {
      const { shape } = readTransformerConfig(json, "config.json");
      llamaView(json, "config.json");
      expect(Number.isSafeInteger(parameterCount(shape).total)).toBe(true);
      expect(shape.attention.heads % shape.attention.kvHeads).toBe(0);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{1,800}$/u);
    }
  };
  fc.assert(
    fc.property(config, ({ model_type, changes }) => {
      check({ ...LLAMA, model_type, ...changes });
    }),
    { numRuns: 800 },
  );
  fc.assert(fc.property(fc.jsonValue(), check));
});
