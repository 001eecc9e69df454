import { decodeOperators } from "../../models/decoder/operators.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { LinearName } from "../../models/decoder/weights.ts";
import type { ModelPlan } from "./layout.ts";
import { planFor, type StreamFormat, type StreamPlan } from "./stream-plan.ts";

/** The plan of a model of which only the shape is known: enough to compile and to time it. */
export function planShape(
  shape: LlamaShape,
  format: StreamFormat,
  head: StreamFormat,
  kvBits: 4 | 8,
): ModelPlan {
  const layer: Partial<Record<LinearName, StreamPlan>> = {};
  for (const operator of decodeOperators(shape).layer) {
    if (operator.kind === "linear" && operator.matrix !== "head")
      layer[operator.matrix] = planFor(operator.rows, operator.cols, format);
  }
  // Every layer is alike.
  const layers = Array.from({ length: shape.layers }, () => layer as Record<LinearName, StreamPlan>);
  return { shape, layers, head: planFor(shape.vocabSize, shape.hiddenSize, head), kvBits };
}
