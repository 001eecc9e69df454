import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { cachedBytes, headsOfDevice } from "./attention.ts";
import { expertsReached } from "./feed-forward.ts";
import type { Operation } from "./operation.ts";
import { operationsOf, TRAINED_BYTES } from "./operations.ts";
import { cachedTokens, type Formats, newTokens, type Step } from "./step.ts";

/** Bytes that a device holds. */
export interface Footprint {
  /** Codes, scales and indices of all matrices, with the embedding table. */
  readonly weights: number;
  readonly keysAndValues: number;
  /** The largest that stand at once: an operation's inputs and outputs, beside the residual stream. */
  readonly activations: number;
  readonly total: number;
}

/** Bytes of weights, scales and indices that one of `formats.tensorParallel` devices holds. */
export function heldWeights(shape: TransformerShape, formats: Formats): number {
  const { hiddenSize, embeddingSize, vocabSize, feedForward, positions, tiedEmbeddings } = shape;
  // A decode step reads every matrix once; of experts, all are held however few are read.
  const held = (name: string): number =>
    feedForward.kind === "experts" && name.startsWith("expert ")
      ? feedForward.experts / expertsReached(feedForward.experts, feedForward.expertsPerToken, 1)
      : 1;
  const matrices = operationsOf(shape, { kind: "decode", batch: 1, context: 1 }, formats)
    .filter(({ kind }) => kind !== "table")
    .reduce(
      (sum, { name, repeat, traffic }) =>
        sum + repeat * held(name) * (traffic.weights + traffic.scales + traffic.indices),
      0,
    );
  // A table that is also the head is held as the head stores it.
  const table = tiedEmbeddings ? 0 : vocabSize * embeddingSize * TRAINED_BYTES;
  const learned = positions.kind === "learned" ? positions.positions * hiddenSize * TRAINED_BYTES : 0;
  return matrices + (table + learned) / formats.tensorParallel;
}

/**
 * What one of `formats.tensorParallel` devices holds during a step.
 * @param weights `heldWeights`
 * @param operations `operationsOf` the step
 */
export function footprintOf(
  shape: TransformerShape,
  formats: Formats,
  step: Step,
  weights: number,
  operations: readonly Operation[],
): Footprint {
  const { hiddenSize, layers, attention } = shape;
  const { kvHeads } = headsOfDevice(shape, { parallel: formats.tensorParallel });
  const tokens = cachedTokens(step);
  const reached = Math.min(tokens, attention.window ?? tokens);
  const keysAndValues =
    step.batch * reached * layers * 2 * kvHeads * attention.headDim * cachedBytes(formats, attention.headDim);
  const residual = (step.batch * newTokens(step) * hiddenSize * formats.activationBits) / 8;
  const largest = operations.reduce(
    (most, { traffic }) => Math.max(most, traffic.activationsRead + traffic.activationsWritten),
    0,
  );
  const activations = residual + largest;
  return { weights, keysAndValues, activations, total: weights + keysAndValues + activations };
}
