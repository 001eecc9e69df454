import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { editConfig, refuses } from "./damage.ts";

describe("config.json", () => {
  test.each([
    ["no JSON", "{", "not valid JSON"],
    ["a list", "[]", "expected object"],
    ["a key twice", '{"model_type":"llama","model_type":"llama"}', '"model_type" stands twice'],
  ])("%s", (_, text, reason) => {
    refuses(["config.json", reason], ({ folder }) => writeFileSync(join(folder, "config.json"), text));
  });

  test("too long", () => {
    refuses(["config.json is too long"], ({ folder }) =>
      writeFileSync(join(folder, "config.json"), " ".repeat(2 ** 20 + 1)),
    );
  });

  test.each<[Record<string, unknown>, string]>([
    [{ model_type: "gpt2" }, 'model_type "gpt2" is not supported'],
    [{ model_type: undefined }, "model_type"],
    [{ hidden_act: "gelu" }, 'hidden_act "gelu" is not supported'],
    [{ attention_bias: true }, "attention_bias"],
    [{ mlp_bias: true }, "mlp_bias"],
    [{ rope_interleaved: true }, "rope_interleaved"],
    [{ quantization_config: { quant_method: "gptq" } }, "quantized already"],
    [{ hidden_size: 0 }, "hidden_size"],
    [{ hidden_size: "40" }, "hidden_size: expected number"],
    [{ hidden_size: 1e9 }, "hidden_size"],
    [{ hidden_size: undefined }, "hidden_size"],
    [{ head_dim: 3 }, "head_dim: must be even"],
    [{ head_dim: null, hidden_size: 42 }, "hidden_size 42 is not a multiple of num_attention_heads 4"],
    [{ num_key_value_heads: 3 }, "4 query heads cannot be shared out evenly among 3"],
    [{ num_hidden_layers: 2 ** 31 }, "num_hidden_layers"],
    [{ vocab_size: 1.5 }, "vocab_size"],
    [{ rms_norm_eps: -1 }, "rms_norm_eps"],
    [{ rope_theta: 0 }, "rope_theta"],
    [{ rope_scaling: { rope_type: "yarn", factor: 2 } }, 'rope type "yarn" is not supported'],
    [{ rope_scaling: { rope_type: "llama3", factor: 8 } }, "needs low_freq_factor"],
    [{ rope_parameters: { rope_type: "linear", factor: 8 } }, 'rope type "linear"'],
    [{ bos_token_id: 530 }, "token id 530"],
    [{ eos_token_id: [1, 99999] }, "token id 99999"],
    [{ eos_token_id: -1 }, "eos_token_id"],
  ])("%j", (change, reason) => {
    refuses(["config.json", reason], editConfig(change));
  });
});
