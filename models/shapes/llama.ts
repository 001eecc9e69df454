import { z } from "zod";
import type { LlamaShape } from "../decoder/shape.ts";
import { InputError } from "../errors.ts";
import { brief, validated } from "../validate.ts";
import { readTransformerConfig } from "./config.ts";
import { llama3Scaling, ropeSchema, ropeType } from "./rope.ts";
import { BOUNDS, shapeSchema } from "./schema.ts";
import type { TransformerShape } from "./transformer.ts";

/** What a Llama has besides its dimensions. */
const constantsSchema = z.object({
  rms_norm_eps: BOUNDS.rmsNormEps.default(1e-6),
  rope_theta: BOUNDS.ropeTheta.nullish(),
  rope_scaling: ropeSchema.nullish(),
  /** Where newer files keep both `rope_theta` and the scaling. */
  rope_parameters: ropeSchema.nullish(),
  rope_interleaved: z.boolean().default(false),
});

/** Families that compute what a Llama computes, where the shape is the same. */
const LLAMA_FAMILIES: readonly string[] = ["llama", "mistral", "phi3"];

/** A model as the machines run it, or why they cannot. */
export type LlamaView =
  | { readonly kind: "llama"; readonly shape: LlamaShape }
  | { readonly kind: "other"; readonly why: string };

/**
 * A config.json as a Llama's shape, if it is one in all that is computed.
 * @throws InputError if the file is damaged: as `readTransformerConfig`
 */
export function llamaView(config: unknown, origin: string): LlamaView {
  const { shape, family } = readTransformerConfig(config, origin);
  const other = (why: string): LlamaView => ({ kind: "other", why });
  const difference = differenceFromLlama(shape);
  if (difference !== undefined) return other(difference);
  if (!LLAMA_FAMILIES.includes(family))
    return other(`it is of the family "${brief(family)}", which computes more than a Llama's operators`);
  const constants = validated(constantsSchema, config, origin);
  if (constants.rope_interleaved) return other("its rotary embedding turns neighbours (rope_interleaved)");
  const rope = constants.rope_parameters ?? constants.rope_scaling ?? {};
  const kind = ropeType(rope);
  if (kind !== "default" && kind !== "llama3")
    return other(`its rotary embedding is scaled as "${brief(kind)}", and machines know "llama3" alone`);
  const { attention, feedForward, maxPositions } = shape;
  const llama: LlamaShape = {
    hiddenSize: shape.hiddenSize,
    intermediateSize: feedForward.intermediateSize,
    layers: shape.layers,
    heads: attention.heads,
    kvHeads: attention.kvHeads,
    headDim: attention.headDim,
    vocabSize: shape.vocabSize,
    // Within its window a model attends to all tokens, as a Llama does.
    maxPositions: Math.min(maxPositions, attention.window ?? maxPositions),
    rmsNormEps: constants.rms_norm_eps,
    ropeTheta: rope.rope_theta ?? constants.rope_theta ?? 10_000,
    ropeScaling: kind === "llama3" ? llama3Scaling(rope, origin) : null,
    tiedEmbeddings: shape.tiedEmbeddings,
  };
  return { kind: "llama", shape: validated(shapeSchema, llama, origin) };
}

/** @throws InputError saying why machines cannot run the model, if they cannot */
export function asLlamaShape(config: unknown, origin: string): LlamaShape {
  const view = llamaView(config, origin);
  if (view.kind === "other") throw new InputError(notALlama(origin, view.why));
  return view.shape;
}

export const notALlama = (name: string, why: string): string =>
  `No machine runs ${brief(name, 300)}, because machines run Llama's decoder: ${why}.`;

function differenceFromLlama(shape: TransformerShape): string | undefined {
  const { attention, feedForward, norm, positions, hiddenSize, embeddingSize } = shape;
  if (feedForward.kind === "experts") return "its feed-forward is made of experts";
  if (feedForward.kind === "plain") return "its feed-forward has no gate";
  if (feedForward.activation !== "silu") return `its activation is ${feedForward.activation}, not silu`;
  if (norm.kind !== "rms" || norm.perLayer !== 2) return "its norms are not two RMS norms a layer";
  const { qkv, output } = attention.biases;
  if (qkv || output || feedForward.bias || shape.headBias) return "its projections add biases";
  if (attention.qkNorm !== null) return "it has norms of queries and keys";
  if (positions.kind !== "rotary" || positions.rotatedDim !== attention.headDim)
    return "its positions are not rotary over whole heads";
  return embeddingSize === hiddenSize ? undefined : "its embedding has another size than its layers";
}
