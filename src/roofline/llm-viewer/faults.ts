import { openShape } from "../../../models/shapes/library.ts";
import { parameterCount, type TransformerShape } from "../../../models/shapes/transformer.ts";
import { analyze, type ViewerAnalysis } from "./analysis.ts";
import { viewerHardwareNamed } from "./hardware.ts";
import type { ViewerModel } from "./model.ts";
import { asViewerModel, viewerModelNamed } from "./models.ts";
import type { ViewerRow } from "./roofline.ts";
import type { StageName, ViewerInput } from "./work.ts";

/** What LLM-Viewer gets wrong, and by how much in one named case. */
export interface Fault {
  readonly fault: string;
  /** What is right, and why. */
  readonly right: string;
  /** The case and the quantity that are compared. */
  readonly of: string;
  readonly unit: string;
  readonly counted: number;
  readonly rightful: number;
}

const INPUT: ViewerInput = {
  seqlen: 1024,
  batchsize: 1,
  w_bit: 16,
  a_bit: 16,
  kv_bit: 16,
  use_flashattention: false,
  tp_size: 1,
};
/** Of a 16-bit number. */
const BYTES = 2;

const counted = (model: ViewerModel, input: Partial<ViewerInput> = {}): ViewerAnalysis =>
  analyze(model, viewerHardwareNamed("nvidia_A100_80G"), { ...INPUT, ...input });

function row(analysis: ViewerAnalysis, stage: StageName, name: string): ViewerRow {
  const found = analysis[stage].layers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`there is no row ${name}`);
  return found;
}

/** Every fault that can be shown. All sizes are computed here, none is written down. */
export function faults(): readonly Fault[] {
  return [...memoryFaults(), ...attentionFaults(), ...rowFaults(), ...parallelFaults(), ...timeFaults()];
}

function memoryFaults(): readonly Fault[] {
  const llama3 = openShape("llama-3-8b").shape;
  const mixtral = openShape("mixtral-8x7b").shape;
  const opt = viewerModelNamed("facebook/opt-6.7b");
  const llama = viewerModelNamed("llama-2-7b-hf");
  const long = counted(llama, { seqlen: 4096 });
  const scales = { bits: 16, group: 128 };
  return [
    {
      fault: "experts are counted as one dense block",
      right: "every expert's weights are held, and those that some token goes to are read",
      of: "weights held: mixtral-8x7b, 16 bits",
      unit: "GB",
      counted: counted(asViewerModel("mixtral-8x7b", mixtral)).decode.total.memory_consumption_weight / 1e9,
      rightful: weightBytes(mixtral) / 1e9,
    },
    {
      fault: "memory leaves out the embedding table and the head",
      right: "both are held",
      of: "weights held: llama-3-8b, 16 bits",
      unit: "GB",
      counted: counted(asViewerModel("llama-3-8b", llama3)).decode.total.memory_consumption_weight / 1e9,
      rightful: weightBytes(llama3) / 1e9,
    },
    {
      fault: "OPT is given a gate that it does not have",
      right: "two matrices a feed-forward block, not three",
      of: "weights of the layers: opt-6.7b, 16 bits",
      unit: "GB",
      counted: counted(opt).decode.total.memory_consumption_weight / 1e9,
      rightful:
        (BYTES * opt.layers * (4 * opt.hiddenSize ** 2 + 2 * opt.hiddenSize * opt.intermediateSize)) / 1e9,
    },
    {
      fault: "scales of quantised weights weigh nothing",
      right: "a scale for every group: 16 bits for 128 weights",
      of: "weights of the layers: llama-2-7b, 4 bits in groups of 128",
      unit: "GB",
      counted: counted(llama, { w_bit: 4 }).decode.total.memory_consumption_weight / 1e9,
      rightful:
        (counted(llama, { w_bit: 4 }).decode.total.memory_consumption_weight *
          (4 + scales.bits / scales.group)) /
        4 /
        1e9,
    },
    {
      fault: "activations of all rows are held at once",
      right: "a row's inputs and outputs, and the residual stream, are held while it runs",
      of: "activations held: llama-2-7b, prompt of 4096",
      unit: "GB",
      counted: long.prefill.total.memory_consumption_tmp_act / 1e9,
      rightful:
        (Math.max(...long.prefill.layers.map(({ load_act, store_act }) => load_act + store_act)) +
          BYTES * 4096 * llama.hiddenSize) /
        1e9,
    },
  ];
}

const weightBytes = (shape: TransformerShape): number => BYTES * parameterCount(shape).total;

function attentionFaults(): readonly Fault[] {
  const llama = viewerModelNamed("llama-2-7b-hf");
  const large = viewerModelNamed("llama-2-70b-hf");
  const mistral = openShape("mistral-7b").shape;
  const tokens = 4096;
  const flash = row(
    counted(llama, { seqlen: tokens, use_flashattention: true }),
    "prefill",
    "fused_attention",
  );
  const scores = row(counted(llama, { seqlen: tokens }), "prefill", "qk_matmul");
  const grouped = row(counted(large), "prefill", "qk_matmul");
  const windowed = row(
    counted(asViewerModel("mistral-7b", mistral), { seqlen: 32_768 }),
    "decode",
    "qk_matmul",
  );
  // Gemma-7B: hidden size 3072, 16 heads of 256; config.json of google/gemma-7b.
  const gemma: ViewerModel = {
    id: "gemma-7b",
    family: "Llama",
    hiddenSize: 3072,
    intermediateSize: 24_576,
    layers: 28,
    heads: 16,
    kvHeads: 16,
    vocabSize: 256_000,
  };
  return [
    {
      fault: "flash attention writes an output as large as the scores, twice",
      right: "tokens x heads x head dimension, once: that the scores are never written is its point",
      of: "bytes written: llama-2-7b, a layer, prompt of 4096",
      unit: "MB",
      counted: flash.store_act / 1e6,
      rightful: (BYTES * tokens * llama.hiddenSize) / 1e6,
    },
    {
      fault: "the half of the scores that the causal mask hides is computed",
      right: "a token attends to itself and those before it",
      of: "operations of queries x keys: llama-2-7b, a layer, flash attention, prompt of 4096",
      unit: "Gop",
      counted: Number(scores.OPs) / 1e9,
      rightful: (tokens * (tokens + 1) * llama.hiddenSize) / 1e9,
    },
    {
      fault: "with grouped queries, prefill reads only as many query heads as there are key heads",
      right: "all query heads are read",
      of: "activations read by queries x keys: llama-2-70b, a layer, prompt of 1024",
      unit: "MB",
      counted: grouped.load_act / 1e6,
      rightful: (BYTES * INPUT.seqlen * large.hiddenSize) / 1e6,
    },
    {
      fault: "a head's dimension is taken for hidden size over heads",
      right: "a model says its head dimension",
      of: "weights of the query projection: gemma-7b, a layer, 16 bits",
      unit: "MB",
      counted: row(counted(gemma), "decode", "q_proj").load_weight / 1e6,
      rightful: (BYTES * gemma.hiddenSize * gemma.heads * 256) / 1e6,
    },
    {
      fault: "a sliding window is not known",
      right: "no more than the window's keys are read",
      of: "keys read: mistral-7b, a layer, 32,768 tokens before",
      unit: "MB",
      counted: windowed.load_kv_cache / 1e6,
      rightful:
        (BYTES *
          (mistral.attention.window ?? 32_768) *
          mistral.attention.kvHeads *
          mistral.attention.headDim) /
        1e6,
    },
    {
      fault: "the rotary embedding is missing",
      right: "queries and keys are read and written once more",
      of: "bytes: llama-2-7b, a layer, prompt of 1024",
      unit: "MB",
      counted: 0,
      rightful: (2 * BYTES * INPUT.seqlen * 2 * llama.hiddenSize) / 1e6,
    },
  ];
}

function rowFaults(): readonly Fault[] {
  const llama = viewerModelNamed("llama-2-7b-hf");
  const decode = counted(llama, { batchsize: 16 });
  const head = row(decode, "decode", "lm_head");
  const activation = row(decode, "decode", "mlp_act");
  const addition = row(decode, "decode", "attn_add");
  const wide = counted(llama, { w_bit: 8, a_bit: 8, kv_bit: 16 });
  const narrow = counted(llama, { w_bit: 8, a_bit: 8, kv_bit: 8 });
  return [
    {
      fault: "a multiply-add of the head is one operation",
      right: "two, as in every other matrix",
      of: "operations of the head: llama-2-7b, decode, batch 16",
      unit: "Gop",
      counted: Number(head.OPs) / 1e9,
      rightful: (2 * 16 * llama.hiddenSize * llama.vocabSize) / 1e9,
    },
    {
      fault: "the head reads and writes one sequence's activations, whatever the batch",
      right: "every sequence's",
      of: "activations of the head: llama-2-7b, decode, batch 16",
      unit: "MB",
      counted: (head.load_act + head.store_act) / 1e6,
      rightful: (BYTES * 16 * (llama.hiddenSize + llama.vocabSize)) / 1e6,
    },
    {
      fault: "the activation function works on the hidden size",
      right: "it works on the intermediate size",
      of: "bytes of mlp_act: llama-2-7b, a layer, decode, batch 16",
      unit: "MB",
      counted: activation.memory_access / 1e6,
      rightful: (3 * BYTES * 16 * llama.intermediateSize) / 1e6,
    },
    {
      fault: "an addition reads one operand",
      right: "it reads two",
      of: "bytes of attn_add: llama-2-7b, a layer, decode, batch 16",
      unit: "MB",
      counted: addition.memory_access / 1e6,
      rightful: (3 * BYTES * 16 * llama.hiddenSize) / 1e6,
    },
    {
      fault: "keys and values of 16 bits slow every 8-bit matrix down",
      right: "weights and activations decide what a matrix is multiplied with",
      of: "time of q_proj: llama-2-7b on nvidia_A100_80G, w8 a8 kv16, prompt of 1024",
      unit: "us",
      counted: row(wide, "prefill", "q_proj").inference_time * 1e6,
      rightful: row(narrow, "prefill", "q_proj").inference_time * 1e6,
    },
  ];
}

function parallelFaults(): readonly Fault[] {
  const large = viewerModelNamed("llama-2-70b-hf");
  const parts = 8;
  const tokens = 4096;
  const split = counted(large, { seqlen: tokens, batchsize: 16, tp_size: parts });
  const whole = counted(large, { seqlen: tokens, batchsize: 16 });
  return [
    {
      fault: "tensor parallel devices each read all keys and values",
      right: "each reads those of its heads",
      of: "keys read by a device: llama-2-70b on 8, a layer, decode, batch 16, context 4096",
      unit: "MB",
      counted: row(split, "decode", "qk_matmul").load_kv_cache / 1e6,
      rightful: row(whole, "decode", "qk_matmul").load_kv_cache / parts / 1e6,
    },
    {
      fault: "tensor parallel devices each hold and read the whole head",
      right: "each has its share of the vocabulary",
      of: "weights of the head on a device: llama-2-70b on 8",
      unit: "MB",
      counted: row(split, "decode", "lm_head").load_weight / 1e6,
      rightful: row(whole, "decode", "lm_head").load_weight / parts / 1e6,
    },
    {
      fault: "sums over tensor parallel devices cost nothing",
      right: "two sums a layer; in a ring each device sends 2 (n - 1) / n of a vector",
      of: "bytes sent by a device: llama-2-70b on 8, a layer, prompt of 4096, batch 16",
      unit: "MB",
      counted: 0,
      rightful: (2 * ((2 * (parts - 1)) / parts) * BYTES * 16 * tokens * large.hiddenSize) / 1e6,
    },
  ];
}

function timeFaults(): readonly Fault[] {
  const decode = counted(viewerModelNamed("llama-2-7b-hf"), { seqlen: 100 }).decode;
  return [
    {
      fault: "peaks are reached, and starting a kernel costs nothing",
      right: "kernels reach a share of the peaks, after some microseconds (section Calibration)",
      of: "time of a decode step: llama-2-7b on nvidia_A100_80G, 16 bits, context 100; right is measured (gpt-fast's README, 104.9 tokens/s)",
      unit: "ms",
      counted: decode.total.inference_time * 1e3,
      rightful: 1e3 / 104.9,
    },
  ];
}
