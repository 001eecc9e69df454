import { BOUNDS } from "../schema.ts";
import {
  biases,
  decoder,
  experts,
  layerNorm,
  noteMixedWindow,
  type Reader,
  slidingWindow,
} from "./decoder.ts";
import { qwen3Attention } from "./gated.ts";

export const mixtral: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: slidingWindow(fields),
  });

export const qwen2Experts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, {
      experts: "num_experts",
      size: "moe_intermediate_size",
      shared: fields.count("shared_expert_intermediate_size", BOUNDS.intermediateSize),
      sharedGate: true,
    }),
    attention: { biases: biases(true, false) },
  });

export const qwen3Experts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_experts", size: "moe_intermediate_size" }),
    attention: qwen3Attention(fields),
  });

export const gptOss: Reader = (fields, note) => {
  noteMixedWindow(fields, note);
  note("biases of the experts and the sinks of attention are left out");
  return decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", true)) },
  });
};

/** Phi-3.5-MoE: Mixtral's experts, with layer norms and biases beside them. */
export const phiExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)), ...slidingWindow(fields) },
    norm: layerNorm,
    headBias: fields.flag("lm_head_bias", false),
  });

export const olmoExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)), qkNorm: "whole" },
  });

export const graniteExperts: Reader = (fields) =>
  decoder(fields, {
    feedForward: experts(fields, { experts: "num_local_experts", size: "intermediate_size" }),
    attention: { biases: biases(fields.flag("attention_bias", false)) },
    tied: true,
  });
