import { decodeOperators } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName } from "../../models/decoder/weights.ts";
import type { LayerPlan, ModelPlan } from "./layout.ts";
import { rowsOf, type Share, sizeOf, wholeShare } from "./share.ts";
import { planFor, type StreamFormat, type StreamPlan } from "./stream-plan.ts";

/** Formats of matrices that differ from the others. */
export type FormatExceptions = Readonly<Partial<Record<LinearName, StreamFormat>>>;

/** How a shape's matrices, keys and values are stored. */
export interface ShapeFormats {
  readonly layers: StreamFormat;
  readonly head: StreamFormat;
  readonly kv: 4 | 8;
  readonly exceptions: FormatExceptions;
}

/**
 * The plan of a model of which only the shape is known: enough to compile and to time it.
 * @param share the core's, where several share the model
 */
export function planShape(
  shape: LlamaShape,
  format: StreamFormat,
  head: StreamFormat,
  kvBits: 4 | 8,
  share: Share = wholeShare(shape),
  exceptions: FormatExceptions = {},
): ModelPlan {
  const biases: readonly string[] = shape.variant?.biases ?? [];
  const planned = (matrix: LinearName | "head", rows: number, cols: number, as: StreamFormat): StreamPlan => {
    const plan = planFor(sizeOf(rowsOf(share, matrix, rows, shape.headDim)), cols, as);
    return biases.includes(matrix) ? withBiases(plan) : plan;
  };
  const layer: Partial<Record<LinearName, StreamPlan>> = {};
  for (const operator of decodeOperators(shape).layer) {
    if (operator.kind !== "linear" || operator.matrix === "head") continue;
    const { matrix, rows, cols } = operator;
    layer[matrix] = planned(matrix, rows, cols, exceptions[matrix] ?? format);
  }
  // Every layer is alike.
  const layers = Array.from({ length: shape.layers }, () => layer as LayerPlan);
  const plan = { shape, layers, head: planned("head", shape.vocabSize, shape.hiddenSize, head), kvBits };
  return share.cores === 1 ? plan : { ...plan, share };
}

/** A bias is a word, which comes with the scales of its row. */
const BIAS_BYTES = 4;

function withBiases(plan: StreamPlan): StreamPlan {
  const biases = BIAS_BYTES * plan.rows;
  const { scales, total } = plan.bytes;
  return { ...plan, bytes: { ...plan.bytes, scales: scales + biases, total: total + biases } };
}
