import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../models/checkpoint/config.ts";

/** The least that a config.json must say. */
const LEAST = {
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 5,
  num_attention_heads: 4,
  vocab_size: 512,
};
const parse = (change: Record<string, unknown> = {}) => parseConfig({ ...LEAST, ...change }, "config.json");

test("what is not said has LlamaConfig's defaults", () => {
  expect(parse()).toEqual({
    shape: {
      hiddenSize: 64,
      intermediateSize: 192,
      layers: 5,
      heads: 4,
      kvHeads: 4,
      headDim: 16,
      vocabSize: 512,
      maxPositions: 2048,
      rmsNormEps: 1e-6,
      ropeTheta: 10_000,
      ropeScaling: null,
      tiedEmbeddings: false,
    },
    bosTokenId: null,
    eosTokenIds: [],
  });
});

test("head_dim need not be hidden_size / heads", () => {
  expect(parse({ head_dim: 24, num_key_value_heads: 2 }).shape).toMatchObject({ headDim: 24, kvHeads: 2 });
  expect(parse({ head_dim: 24, hidden_size: 63 }).shape.headDim).toBe(24);
});

test("end tokens are one or several", () => {
  expect(parse({ bos_token_id: 0, eos_token_id: 1 })).toMatchObject({ bosTokenId: 0, eosTokenIds: [1] });
  expect(parse({ eos_token_id: [2, 511] }).eosTokenIds).toEqual([2, 511]);
});

describe("rotary embedding", () => {
  const llama3 = {
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
  const scaling = {
    kind: "llama3",
    factor: 32,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalMaxPositions: 8192,
  };

  test("in the layouts of all times", () => {
    const layouts = [
      { rope_theta: 500_000, rope_scaling: { rope_type: "llama3", ...llama3 } },
      { rope_theta: 500_000, rope_scaling: { type: "llama3", ...llama3 } },
      { rope_parameters: { rope_type: "llama3", rope_theta: 500_000, ...llama3 } },
    ];
    for (const layout of layouts) {
      expect(parse(layout).shape).toMatchObject({ ropeTheta: 500_000, ropeScaling: scaling });
    }
  });

  test("without scaling", () => {
    for (const layout of [
      { rope_theta: 7 },
      { rope_theta: 7, rope_scaling: null },
      { rope_theta: 7, rope_scaling: { rope_type: "default" } },
      { rope_parameters: { rope_theta: 7, rope_type: "default" } },
      { rope_parameters: { rope_theta: 7 } },
    ]) {
      expect(parse(layout).shape).toMatchObject({ ropeTheta: 7, ropeScaling: null });
    }
  });

  test("whose frequency factors are the wrong way round is refused", () => {
    const swapped = { rope_type: "llama3", ...llama3, low_freq_factor: 4, high_freq_factor: 4 };
    expect(() => parse({ rope_scaling: swapped })).toThrow(
      "low frequency factor of rotary scaling must be below",
    );
  });
});

test("fields that do not change what is computed are passed over", () => {
  const { shape } = parse({
    attention_dropout: 0.1,
    initializer_range: 0.02,
    pretraining_tp: 1,
    use_cache: true,
  });
  expect(shape).toEqual(parse().shape);
});
