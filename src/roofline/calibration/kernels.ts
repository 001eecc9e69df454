import type { Kernel } from "./kernel-time.ts";
import type { RowClass, RowKernel } from "./row-time.ts";

/** A decoder layer's dimensions, and how many devices share it. */
export interface LayerSize {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly parallel: number;
}

/** Names of kernels that were measured (vidur's). */
export const MEASURED_KERNELS = [
  "emb",
  "input_layernorm",
  "attn_pre_proj",
  "attn_rope",
  "attn_post_proj",
  "post_attention_layernorm",
  "mlp_up_proj",
  "mlp_act",
  "mlp_down_proj",
  "add",
] as const;
export type MeasuredKernel = (typeof MEASURED_KERNELS)[number];

const BYTES = 2;
/** Threads of a block, at most: vLLM's kernels of norms and activations, and of the rotary embedding. */
const BLOCK_THREADS = 1024;
const ROTARY_THREADS = 512;

/** What a measured kernel moves and computes for `tokens` tokens, in 16-bit floats. */
export function measuredKernel(name: MeasuredKernel, size: LayerSize, tokens: number): Kernel {
  const { hiddenSize, intermediateSize, heads, kvHeads, parallel } = size;
  const headDim = hiddenSize / heads;
  switch (name) {
    case "emb":
      return gather(tokens, hiddenSize);
    case "input_layernorm":
    case "post_attention_layernorm":
      return norm(tokens, hiddenSize);
    case "attn_pre_proj":
      return gemm(tokens, hiddenSize, ((heads + 2 * kvHeads) * headDim) / parallel);
    case "attn_rope":
      return rotary(tokens, (heads * headDim) / parallel, (kvHeads * headDim) / parallel);
    case "attn_post_proj":
      return gemm(tokens, hiddenSize / parallel, hiddenSize);
    case "mlp_up_proj":
      return gemm(tokens, hiddenSize, (2 * intermediateSize) / parallel);
    case "mlp_act":
      return activation(tokens, intermediateSize / parallel, 2);
    case "mlp_down_proj":
      return gemm(tokens, intermediateSize / parallel, hiddenSize);
    case "add":
      return add(tokens, hiddenSize);
  }
}

export const gemm = (
  tokens: number,
  inputs: number,
  outputs: number,
  weightBytes: number = BYTES,
  activationBytes: number = BYTES,
): Kernel => ({
  kind: "gemm",
  tokens,
  inputs,
  outputs,
  weightBytes,
  activationBytes,
});

/** @param passed times that an element goes through the memory's port; @param held of them, those that differ */
function rows(name: RowClass, count: number, elements: number, passed: number, held: number): RowKernel {
  const threads = Math.min(BLOCK_THREADS, elements);
  const passes = Math.ceil(elements / threads);
  return {
    kind: "rows",
    class: name,
    rows: count,
    elements,
    passes,
    slots: passes * threads,
    bytesPerElement: passed * BYTES,
    heldPerElement: held * BYTES,
  };
}

export const gather = (tokens: number, elements: number): Kernel => ({
  kind: "gather",
  rows: tokens,
  bytes: 2 * BYTES * tokens * elements,
});

/** Read for the mean square, read again for the product, written. */
export const norm = (tokens: number, elements: number): Kernel => rows("norm", tokens, elements, 3, 2);

/** @param operands vectors that go in: two where a gate stands beside */
export const activation = (tokens: number, elements: number, operands: number): Kernel =>
  rows("activation", tokens, elements, operands + 1, operands + 1);

/** Threads cover the whole vector, not a row each. */
export const add = (tokens: number, elements: number): Kernel => ({
  ...rows("add", tokens, elements, 3, 3),
  passes: 1,
  slots: elements,
});

/** A block turns a token's queries, pair by pair, then its keys. */
export function rotary(tokens: number, queries: number, keys: number): RowKernel {
  const threads = Math.min(ROTARY_THREADS, queries / 2);
  const passes = Math.ceil(queries / 2 / threads) + Math.ceil(keys / 2 / threads);
  return {
    kind: "rows",
    class: "rotary",
    rows: tokens,
    elements: queries + keys,
    passes,
    slots: 2 * passes * threads,
    bytesPerElement: 2 * BYTES,
    heldPerElement: 2 * BYTES,
  };
}
