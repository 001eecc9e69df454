import { linearSize } from "../decoder/operators.ts";
import type { LlamaShape } from "../decoder/shape.ts";
import { LINEAR_NAMES, type LinearName } from "../decoder/weights.ts";

export const EMBEDDING = "model.embed_tokens.weight";
export const FINAL_NORM = "model.norm.weight";
export const HEAD = "lm_head.weight";

const PART: Readonly<Record<LinearName, string>> = {
  q: "self_attn.q_proj",
  k: "self_attn.k_proj",
  v: "self_attn.v_proj",
  o: "self_attn.o_proj",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
};

/** Hugging Face's names of a layer's tensors. */
export const linearTensor = (layer: number, name: LinearName): string =>
  `model.layers.${layer}.${PART[name]}.weight`;
export const attentionNormTensor = (layer: number): string => `model.layers.${layer}.input_layernorm.weight`;
export const feedForwardNormTensor = (layer: number): string =>
  `model.layers.${layer}.post_attention_layernorm.weight`;

/** Every tensor of a checkpoint of this shape, by name. */
export function tensorShapes(shape: LlamaShape): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize, vocabSize, layers } = shape;
  const tensors = new Map<string, readonly number[]>([
    [EMBEDDING, [vocabSize, hiddenSize]],
    [FINAL_NORM, [hiddenSize]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    for (const name of LINEAR_NAMES) {
      const { rows, cols } = linearSize(shape, name);
      tensors.set(linearTensor(layer, name), [rows, cols]);
    }
    tensors.set(attentionNormTensor(layer), [hiddenSize]);
    tensors.set(feedForwardNormTensor(layer), [hiddenSize]);
  }
  if (!shape.tiedEmbeddings) tensors.set(HEAD, [vocabSize, hiddenSize]);
  return tensors;
}

/** Whether a tensor that the shape does not ask for may be there all the same, and is passed over. */
export function isRedundant(name: string, shape: LlamaShape): boolean {
  // A copy of tied embeddings, and the rotary frequencies that old checkpoints carry.
  return (shape.tiedEmbeddings && name === HEAD) || name.endsWith(".self_attn.rotary_emb.inv_freq");
}
