import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { attentionOperations } from "./attention.ts";
import { feedForwardOperations } from "./feed-forward.ts";
import { linear } from "./linear.ts";
import { type Operation, operation } from "./operation.ts";
import { type Formats, newTokens, type Step } from "./step.ts";
import { elementwise, LANE_OPERATIONS } from "./vector.ts";

/** Bytes of an element of the embedding table and of norms' weights, which stay as they were trained. */
export const TRAINED_BYTES = 2;

/**
 * A step as a list of operations, in the order in which they run on each of `formats.tensorParallel` devices
 * (Megatron's split: queries, keys, values, gate and up by rows, output and down by columns, a sum over the devices
 * after each of the two; Shoeybi et al., 2019).
 */
export function operationsOf(shape: TransformerShape, step: Step, formats: Formats): Operation[] {
  const { hiddenSize, layers, vocabSize } = shape;
  const split = { parallel: formats.tensorParallel };
  const tokens = step.batch * newTokens(step);
  const bits = formats.activationBits;
  const normWeights = shape.norm.weights * TRAINED_BYTES * hiddenSize;
  const norm = (name: string, part: Operation["part"], repeat: number, vectors = tokens): Operation =>
    elementwise(
      { name, part, repeat },
      {
        tokens: vectors,
        elements: hiddenSize,
        inputs: 1,
        kernel: "norm",
        operations: shape.norm.kind === "rms" ? LANE_OPERATIONS.rmsNorm : LANE_OPERATIONS.layerNorm,
        weightBytes: normWeights,
      },
      bits,
    );
  const add = (name: string, part: Operation["part"]): Operation =>
    elementwise(
      { name, part, repeat: layers },
      { tokens, elements: hiddenSize, inputs: 2, operations: LANE_OPERATIONS.add, kernel: "add" },
      bits,
    );
  const sum = (name: string, part: Operation["part"]): Operation[] =>
    allReduce({ name, part, repeat: layers }, (tokens * hiddenSize * bits) / 8, split.parallel);
  const oneNorm = shape.norm.perLayer === 1;

  return [
    ...embedding(shape, tokens, formats),
    norm(oneNorm ? "norm" : "attention norm", "attention", layers),
    ...attentionOperations(shape, step, formats, split),
    // Parallel blocks are summed together, after the feed-forward block.
    ...(oneNorm ? [] : sum("attention sum over devices", "attention")),
    add("attention add", "attention"),
    ...(oneNorm ? [] : [norm("feed-forward norm", "feed-forward", layers)]),
    ...feedForwardOperations(shape, step, formats, split),
    ...sum("feed-forward sum over devices", "feed-forward"),
    add("feed-forward add", "feed-forward"),
    // Only the last token of a sequence is continued: a prefill needs no other's logits.
    ...(shape.norm.outside > 0 ? [norm("final norm", "head", shape.norm.outside, step.batch)] : []),
    ...(shape.embeddingSize === hiddenSize
      ? []
      : [resize("out of hidden size", "head", shape.embeddingSize, hiddenSize, step.batch, formats)]),
    linear(
      { name: "head", part: "head", repeat: 1 },
      {
        rows: Math.ceil(vocabSize / split.parallel),
        cols: shape.embeddingSize,
        tokens: step.batch,
        bias: shape.headBias,
      },
      formats.head,
      bits,
    ),
    ...gather((step.batch * vocabSize * bits) / 8, split.parallel),
  ];
}

/** A row of the embedding table for every token, and a row of positions where these are learned. */
function embedding(shape: TransformerShape, tokens: number, formats: Formats): Operation[] {
  const { hiddenSize, embeddingSize, positions } = shape;
  const learned = positions.kind === "learned" ? hiddenSize : 0;
  return [
    operation(
      { name: "embedding", part: "embedding", kind: "table", repeat: 1 },
      {
        vectorOperations: learned * tokens,
        kernel: learned === 0 ? { kind: "gather", tokens, elements: embeddingSize } : null,
        traffic: {
          weights: (embeddingSize + learned) * tokens * TRAINED_BYTES,
          activationsWritten: (tokens * embeddingSize * formats.activationBits) / 8,
        },
        accessBytes: { weights: embeddingSize * TRAINED_BYTES, keysAndValues: 0 },
      },
    ),
    ...(embeddingSize === hiddenSize
      ? []
      : [resize("into hidden size", "embedding", hiddenSize, embeddingSize, tokens, formats)]),
  ];
}

/** Between the embedding's size and the layers', where these differ (OPT-350M). */
const resize = (
  name: string,
  part: Operation["part"],
  rows: number,
  cols: number,
  tokens: number,
  formats: Formats,
): Operation =>
  linear(
    { name, part, repeat: 1 },
    { rows, cols, tokens, bias: false },
    formats.weights,
    formats.activationBits,
  );

/** Sum over devices on a ring: 2(n-1) steps, in which each device sends 2(n-1)/n of the vector (Patarasuk and Yuan, 2009). */
function allReduce(
  base: Pick<Operation, "name" | "part" | "repeat">,
  bytes: number,
  devices: number,
): Operation[] {
  if (devices === 1) return [];
  const linkSteps = 2 * (devices - 1);
  return [
    operation({ ...base, kind: "collective" }, { linkSteps, linkBytes: (linkSteps / devices) * bytes }),
  ];
}

/** Each device brings its share of the logits to the others. */
function gather(bytes: number, devices: number): Operation[] {
  if (devices === 1) return [];
  const linkSteps = devices - 1;
  return [
    operation(
      { name: "gather logits", part: "head", kind: "collective", repeat: 1 },
      { linkSteps, linkBytes: (linkSteps / devices) * bytes },
    ),
  ];
}
