import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { linear, type Splitting } from "./linear.ts";
import { type Operation, operation } from "./operation.ts";
import { attendedPairs, cachedTokens, type Formats, newTokens, type Step } from "./step.ts";
import { unpackingOperations } from "./stored-weights.ts";
import { LANE_OPERATIONS } from "./vector.ts";

/** Heads that the busiest of the devices has; key and value heads are repeated where there are fewer than devices. */
export function headsOfDevice({ attention: { heads, kvHeads } }: TransformerShape, { parallel }: Splitting) {
  return { heads: Math.ceil(heads / parallel), kvHeads: Math.ceil(kvHeads / parallel) };
}

/** Attention's operations of a layer, from the queries' projection to the output's. */
export function attentionOperations(
  shape: TransformerShape,
  step: Step,
  formats: Formats,
  split: Splitting,
): Operation[] {
  const { hiddenSize, layers, attention } = shape;
  const { headDim, biases } = attention;
  const { heads, kvHeads } = headsOfDevice(shape, split);
  const tokens = step.batch * newTokens(step);
  const queries = heads * headDim;
  const keys = kvHeads * headDim;
  const project = (name: string, rows: number): Operation =>
    linear(
      { name, part: "attention", repeat: layers },
      { rows, cols: hiddenSize, tokens, bias: biases.qkv, fusedRows: queries + 2 * keys },
      formats.weights,
      formats.activationBits,
    );
  const stored = (values: number): number => values * cachedBytes(formats, headDim);
  const activation = (values: number): number => (values * formats.activationBits) / 8;
  const vector = { part: "attention", kind: "vector", repeat: layers } as const;
  const rotatedDim = shape.positions.kind === "rotary" ? shape.positions.rotatedDim : 0;

  return [
    project("q", queries),
    project("k", keys),
    project("v", keys),
    ...(attention.qkNorm !== null
      ? [
          operation(
            { ...vector, name: "query and key norms" },
            {
              vectorOperations: LANE_OPERATIONS.rmsNorm * tokens * (queries + keys),
              traffic: {
                activationsRead: activation(tokens * (queries + keys)),
                activationsWritten: activation(tokens * (queries + keys)),
              },
            },
          ),
        ]
      : []),
    ...(rotatedDim > 0
      ? [
          operation(
            { ...vector, name: "rotary embedding" },
            {
              kernel: { kind: "rotary", tokens, queries, keys },
              vectorOperations: LANE_OPERATIONS.rotate * tokens * (heads + kvHeads) * rotatedDim,
              traffic: {
                activationsRead: activation(tokens * (queries + keys)),
                activationsWritten: activation(tokens * (queries + keys)),
              },
            },
          ),
        ]
      : []),
    operation(
      { ...vector, name: "store keys and values" },
      {
        vectorOperations: formats.keysAndValuesBits < 16 ? LANE_OPERATIONS.quantize * tokens * 2 * keys : 0,
        traffic: {
          activationsRead: activation(tokens * 2 * keys),
          keysAndValuesWritten: stored(tokens * 2 * keys),
        },
        accessBytes: { weights: 0, keysAndValues: stored(headDim * Math.min(newTokens(step), BLOCK_TOKENS)) },
      },
    ),
    ...attend(shape, step, formats, { heads, kvHeads }),
    linear(
      { name: "o", part: "attention", repeat: layers },
      { rows: hiddenSize, cols: queries, tokens, bias: biases.output },
      formats.weights,
      formats.activationBits,
    ),
  ];
}

/** Tokens whose keys, or values, of a head stand together: a page of vLLM's cache, and a block of this project's. */
const BLOCK_TOKENS = 16;

/** Bytes of a cached value, with its share of the exponent that a head's vector has where values are integers. */
export const cachedBytes = ({ keysAndValuesBits: bits }: Formats, headDim: number): number =>
  bits / 8 + (bits < 16 ? 1 / headDim : 0);

/** Scores, softmax and weighted values: one operation where attention is flash attention, three where it is not. */
function attend(
  shape: TransformerShape,
  step: Step,
  formats: Formats,
  { heads, kvHeads }: { readonly heads: number; readonly kvHeads: number },
): Operation[] {
  const {
    layers,
    attention: { headDim, window },
  } = shape;
  const pairs = attendedPairs(step, window);
  const reached = Math.min(cachedTokens(step), (window ?? Infinity) + newTokens(step) - 1);
  // Without flash attention, scores are a full rectangle, of which the mask throws half away.
  const computed = formats.flashAttention ? pairs : newTokens(step) * reached;
  const scores = step.batch * heads * computed;
  const products = 2 * headDim * scores;
  const values = step.batch * kvHeads * reached * headDim;
  const stored = values * cachedBytes(formats, headDim);
  const unpacking = values * unpackingOperations(formats.keysAndValuesBits);
  const operandBits = Math.max(formats.keysAndValuesBits, formats.activationBits);
  const vectors = (step.batch * newTokens(step) * heads * headDim * formats.activationBits) / 8;
  const written = (scores * formats.activationBits) / 8;
  const block = headDim * Math.min(reached, BLOCK_TOKENS);
  const accessBytes = { weights: 0, keysAndValues: block * cachedBytes(formats, headDim) };
  const base = { part: "attention", repeat: layers } as const;
  if (formats.flashAttention) {
    return [
      operation(
        { ...base, name: "attention", kind: "attention" },
        {
          together: newTokens(step),
          operandBits,
          matrixOperations: 2 * products,
          decodeOperations: 2 * unpacking,
          vectorOperations: LANE_OPERATIONS.softmax * scores,
          traffic: { activationsRead: vectors, activationsWritten: vectors, keysAndValuesRead: 2 * stored },
          accessBytes,
        },
      ),
    ];
  }
  return [
    operation(
      { ...base, name: "scores", kind: "attention" },
      {
        together: newTokens(step),
        operandBits,
        matrixOperations: products,
        decodeOperations: unpacking,
        traffic: { activationsRead: vectors, activationsWritten: written, keysAndValuesRead: stored },
        accessBytes,
      },
    ),
    operation(
      { ...base, name: "softmax", kind: "vector" },
      {
        vectorOperations: LANE_OPERATIONS.softmax * scores,
        traffic: { activationsRead: written, activationsWritten: written },
      },
    ),
    operation(
      { ...base, name: "weighted values", kind: "attention" },
      {
        together: newTokens(step),
        operandBits,
        matrixOperations: products,
        decodeOperations: unpacking,
        traffic: { activationsRead: written, activationsWritten: vectors, keysAndValuesRead: stored },
        accessBytes,
      },
    ),
  ];
}
