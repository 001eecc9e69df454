import type { BlockVariant, LlamaShape } from "../decoder/shape.ts";
import type { LinearName } from "../decoder/weights.ts";
import { InputError } from "../errors.ts";
import { type OpenedShape, openShape } from "./library.ts";
import type { TransformerShape } from "./transformer.ts";

/** Constants that no time depends on. */
const ANY_CONSTANTS = { rmsNormEps: 1e-5, ropeTheta: 10_000, ropeScaling: null } as const;

/**
 * A shape that machines can time: that of a Llama, or of a decoder that differs from one only in what `BlockVariant` says.
 * @throws InputError if there is none of that name, or naming what machines have no instructions for
 */
export const timedShape = (nameOrPath: string): LlamaShape => timedShapeOf(openShape(nameOrPath));

/** The same of a shape that was opened. */
export function timedShapeOf({ name, shape, llama }: OpenedShape): LlamaShape {
  if (llama !== null) return llama;
  const { attention, feedForward } = shape;
  return {
    ...ANY_CONSTANTS,
    hiddenSize: shape.hiddenSize,
    intermediateSize: feedForward.intermediateSize,
    layers: shape.layers,
    heads: attention.heads,
    kvHeads: attention.kvHeads,
    headDim: attention.headDim,
    vocabSize: shape.vocabSize,
    maxPositions: shape.maxPositions,
    tiedEmbeddings: shape.tiedEmbeddings,
    variant: variantOf(name, shape),
  };
}

const untimed = (name: string, why: string): InputError =>
  new InputError(`${name} cannot be timed on a machine: ${why}, for which there are no instructions.`);

function variantOf(name: string, shape: TransformerShape): BlockVariant {
  const { attention, feedForward, norm, positions } = shape;
  if (feedForward.kind === "experts") throw untimed(name, "its feed-forward blocks are experts");
  if (feedForward.activation !== (feedForward.kind === "gated" ? "silu" : "relu"))
    throw untimed(name, `its activation is ${feedForward.activation}`);
  if (norm.perLayer !== 2) throw untimed(name, `its layers have ${norm.perLayer} norms instead of 2`);
  if (attention.qkNorm !== null) throw untimed(name, "its queries and keys have norms");
  if (attention.window !== null) throw untimed(name, "its attention has a window");
  if (shape.embeddingSize !== shape.hiddenSize)
    throw untimed(name, "its embedding has another length than its layers");
  if (positions.kind === "none") throw untimed(name, "its positions are not said");
  if (positions.kind === "rotary" && positions.rotatedDim !== attention.headDim)
    throw untimed(name, "only a part of each head is rotated");
  return {
    norm: norm.kind,
    feedForward: feedForward.kind,
    positions: positions.kind,
    biases: biasesOf(shape),
  };
}

function biasesOf({ attention, feedForward }: TransformerShape): LinearName[] {
  const inFeedForward: LinearName[] = feedForward.kind === "gated" ? ["gate", "up", "down"] : ["up", "down"];
  return [
    ...(attention.biases.qkv ? (["q", "k", "v"] as const) : []),
    ...(attention.biases.output ? (["o"] as const) : []),
    ...("bias" in feedForward && feedForward.bias ? inFeedForward : []),
  ];
}
