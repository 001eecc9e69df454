import { FAMILY_ROWS, type ViewerModel } from "./model.ts";

/** What LLM-Viewer is asked. Bits of a weight, an activation, a cached key or value; sequence length in tokens. */
export interface ViewerInput {
  readonly seqlen: number;
  readonly batchsize: number;
  readonly w_bit: number;
  readonly a_bit: number;
  readonly kv_bit: number;
  readonly use_flashattention: boolean;
  readonly tp_size: number;
}

/**
 * Operations and bytes of one row of one layer, in LLM-Viewer's names.
 * Operations are exact there, however large; bytes are doubles.
 */
export interface Work {
  readonly name: string;
  readonly OPs: bigint;
  readonly load_weight: number;
  readonly load_act: number;
  readonly store_act: number;
  readonly load_kv_cache: number;
  readonly store_kv_cache: number;
}

export const STAGES = ["prefill", "decode"] as const;
export type StageName = (typeof STAGES)[number];

/** Tokens that a step takes in, and tokens that it attends to: 1 and the context in decode, all and all in prefill. */
export interface Stage {
  readonly name: StageName;
  readonly queries: number;
  readonly context: number;
}

export function stageNamed(name: StageName, seqlen: number): Stage {
  return { name, queries: name === "decode" ? 1 : seqlen, context: seqlen };
}

/** A product of counts, exact. */
const count = (...factors: readonly number[]): bigint =>
  factors.reduce((product, factor) => product * BigInt(factor), 1n);

/** Counts become doubles here and not before: where LLM-Viewer's become doubles. */
const bytes = (elements: bigint, bits: number): number => Number(elements) * (bits / 8);

const work = (name: string, OPs: bigint, moved: Partial<Omit<Work, "name" | "OPs">>): Work => ({
  name,
  OPs,
  load_weight: 0,
  load_act: 0,
  store_act: 0,
  load_kv_cache: 0,
  store_kv_cache: 0,
  ...moved,
});

/** The rows of one layer, in the order in which LLM-Viewer sums them. */
export function layerWork(
  model: ViewerModel,
  input: ViewerInput,
  stage: Stage,
  onchipBytes: number,
): readonly Work[] {
  return [
    ...linearWork(model, input, stage),
    ...(input.use_flashattention
      ? [fusedAttentionWork(model, input, stage, onchipBytes)]
      : attentionWork(model, input, stage)),
    ...elementwiseWork(model, input, stage),
  ];
}

function linearWork(model: ViewerModel, input: ViewerInput, { queries }: Stage): readonly Work[] {
  const { batchsize, w_bit, a_bit, kv_bit } = input;
  return linearLayers(model, input.tp_size).map(([name, ins, outs]) => {
    const outputs = count(outs, batchsize, queries);
    return work(name, count(ins, outs, batchsize, queries, 2), {
      load_weight: bytes(count(ins, outs), w_bit),
      load_act: bytes(count(ins, batchsize, queries), a_bit),
      ...(name === "k_proj" || name === "v_proj"
        ? { store_kv_cache: bytes(outputs, kv_bit) }
        : { store_act: bytes(outputs, a_bit) }),
    });
  });
}

/** Name, inputs and outputs of each matrix, on one of `parts` devices. */
function linearLayers(model: ViewerModel, parts: number): readonly (readonly [string, number, number])[] {
  const { hiddenSize, intermediateSize, heads, kvHeads } = model;
  const hiddenPart = Math.floor(hiddenSize / parts);
  const intermediatePart = Math.floor(intermediateSize / parts);
  const kvPart = Math.floor(Math.floor((hiddenSize * kvHeads) / heads) / parts);
  const gate = ["gate_proj", hiddenSize, intermediatePart] as const;
  return [
    ["q_proj", hiddenSize, hiddenPart],
    ["k_proj", hiddenSize, kvPart],
    ["v_proj", hiddenSize, kvPart],
    ["out_proj", hiddenPart, hiddenSize],
    ...(FAMILY_ROWS[model.family].gate ? [gate] : []),
    ["up_proj", hiddenSize, intermediatePart],
    ["down_proj", intermediatePart, hiddenSize],
  ];
}

const headSize = ({ hiddenSize, heads }: ViewerModel): number => Math.floor(hiddenSize / heads);

function attentionWork(
  model: ViewerModel,
  { batchsize, a_bit, kv_bit }: ViewerInput,
  { name: stage, queries, context }: Stage,
): readonly Work[] {
  const { heads, kvHeads } = model;
  const products = count(queries, context, headSize(model), heads, batchsize, 2);
  const scores = count(queries, context, batchsize, heads);
  const cache = bytes(count(context, headSize(model), batchsize, kvHeads), kv_bit);
  const vectors = (ofHeads: number) => bytes(count(queries, headSize(model), batchsize, ofHeads), a_bit);
  // In prefill LLM-Viewer reads queries of the key heads alone.
  const queryHeads = stage === "decode" ? heads : kvHeads;
  return [
    work("qk_matmul", products, {
      load_act: vectors(queryHeads),
      store_act: bytes(scores, a_bit),
      load_kv_cache: cache,
    }),
    work("sv_matmul", products, {
      load_act: bytes(scores, a_bit),
      store_act: vectors(heads),
      load_kv_cache: cache,
    }),
    work("softmax", scores * 5n, { load_act: bytes(scores, a_bit), store_act: bytes(scores, a_bit) }),
  ];
}

/**
 * FlashAttention-2 (arXiv:2307.08691) as LLM-Viewer counts it: keys and values are read once for each block of
 * queries, and the output, taken for as large as the scores, is written twice.
 */
function fusedAttentionWork(
  model: ViewerModel,
  { batchsize, a_bit, kv_bit }: ViewerInput,
  { queries, context }: Stage,
  onchipBytes: number,
): Work {
  const { heads, kvHeads } = model;
  const size = headSize(model);
  const blockRows = Math.min(Math.ceil(onchipBytes / ((kv_bit / 8) * size)), size);
  const blocks = Math.ceil(queries / blockRows);
  const products = count(queries, context, size, heads, batchsize, 2);
  const scores = count(queries, context, batchsize, heads);
  return work("fused_attention", products + products + scores * 5n, {
    load_act: bytes(count(queries, size, batchsize, heads), a_bit),
    store_act: bytes(scores, a_bit) * 2,
    load_kv_cache: bytes(count(blocks, context, size, batchsize, kvHeads), kv_bit) * 2,
  });
}

function elementwiseWork(
  model: ViewerModel,
  { batchsize, a_bit }: ViewerInput,
  { queries }: Stage,
): readonly Work[] {
  const elements = count(batchsize, model.hiddenSize, queries);
  const once = bytes(elements, a_bit);
  const row = (name: string, steps: bigint, inputs: number) =>
    work(name, elements * steps, { load_act: once * inputs, store_act: once });
  return [
    ...FAMILY_ROWS[model.family].norms.map((name) => row(name, 7n, 1)),
    row("attn_add", 1n, 1),
    row("mlp_add", 1n, 1),
    row("mlp_act", 2n, 2),
  ];
}

/** The head of one token, whatever the batch reads and writes; null where the family has none. */
export function headWork(model: ViewerModel, { batchsize, w_bit, a_bit }: ViewerInput): Work | null {
  if (!FAMILY_ROWS[model.family].head) return null;
  const { hiddenSize, vocabSize } = model;
  return work("lm_head", count(batchsize, hiddenSize, vocabSize), {
    load_weight: bytes(count(hiddenSize, vocabSize), w_bit),
    load_act: bytes(count(hiddenSize), a_bit),
    store_act: bytes(count(vocabSize), a_bit),
  });
}
