import { type Operation, operation } from "./operation.ts";
import { decodeOperations, isTwoOfFour, type StoredWeights, storedCost } from "./stored-weights.ts";

/** How many devices share a step. */
export interface Splitting {
  readonly parallel: number;
}

export interface LinearSize {
  /** Outputs. */
  readonly rows: number;
  /** Inputs. */
  readonly cols: number;
  /** Activation vectors that share a pass over the matrix. */
  readonly tokens: number;
  readonly bias: boolean;
  /** Copies of the matrix that are read: experts that at least one token goes to. */
  readonly copies?: number;
  /** Outputs of all matrices that are multiplied with the same inputs at once; its own where it stands alone. */
  readonly fusedRows?: number;
}

/** Bytes of a bias's element: biases stay as they were trained. */
const BIAS_BYTES = 2;

/** A matrix times `tokens` vectors: every stored weight is read once, as tiles of the outputs stay on the chip. */
export function linear(
  base: Pick<Operation, "name" | "part" | "repeat">,
  { rows, cols, tokens, bias, copies = 1, fusedRows = rows }: LinearSize,
  stored: StoredWeights,
  activationBits: number,
): Operation {
  const cost = storedCost(stored);
  const weights = copies * rows * cols;
  const products = 2 * rows * cols * tokens;
  return operation(
    { ...base, kind: "linear" },
    {
      together: tokens,
      operandBits: Math.max(stored.bits, activationBits),
      twoOfFour: isTwoOfFour(stored),
      matrixOperations: products * cost.density,
      denseMatrixOperations: products,
      vectorOperations: bias ? rows * tokens : 0,
      decodeOperations: decodeOperations(stored) * cost.density * weights,
      traffic: {
        weights: (weights * cost.codes) / 8 + (bias ? copies * BIAS_BYTES * rows : 0),
        scales: (weights * cost.scales) / 8,
        indices: (weights * (cost.indices + cost.counts)) / 8,
        // Products on the same inputs read them once, together.
        activationsRead: ((rows / fusedRows) * (tokens * cols * activationBits)) / 8,
        activationsWritten: (tokens * rows * activationBits) / 8,
      },
      accessBytes: { weights: (rows * cols * cost.total) / 8, keysAndValues: 0 },
      // Experts' products are grouped in ways of their own.
      kernel:
        copies === 1 ? { kind: "gemm", tokens, inputs: cols, outputs: rows, fusedOutputs: fusedRows } : null,
    },
  );
}
