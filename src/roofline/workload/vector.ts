import { type Operation, operation } from "./operation.ts";

/** Operations on lanes for each element, counted on the formulas: an exponential, a root or a quotient is one. */
export const LANE_OPERATIONS = {
  /** x² summed, x · scale · weight. */
  rmsNorm: 4,
  /** The mean besides. */
  layerNorm: 7,
  add: 1,
  /** Two products and a sum. */
  rotate: 3,
  /** Maximum, difference, exponential, sum, quotient. */
  softmax: 5,
  /** Largest magnitude, product. */
  quantize: 2,
  /** x / (1 + exp(-x)) times the other half. */
  silu: 5,
  gelu: 8,
  relu: 1,
} as const;

/** An element-wise operation that reads `inputs` vectors of `size` elements a token and writes one. */
export function elementwise(
  base: Pick<Operation, "name" | "part" | "repeat">,
  size: {
    readonly tokens: number;
    readonly elements: number;
    readonly inputs: number;
    readonly operations: number;
    readonly kernel: "norm" | "activation" | "add";
    /** Bytes of weights and biases: two vectors at most. */
    readonly weightBytes?: number;
  },
  activationBits: number,
): Operation {
  const bytes = (size.tokens * size.elements * activationBits) / 8;
  return operation(
    { ...base, kind: "vector" },
    {
      vectorOperations: size.operations * size.tokens * size.elements,
      traffic: {
        weights: size.weightBytes ?? 0,
        activationsRead: size.inputs * bytes,
        activationsWritten: bytes,
      },
      accessBytes: { weights: size.weightBytes ?? 0, keysAndValues: 0 },
      kernel: { kind: size.kernel, tokens: size.tokens, elements: size.elements, operands: size.inputs },
    },
  );
}
