import type { ConfigFields } from "../config-fields.ts";
import { BOUNDS } from "../schema.ts";
import type {
  Activation,
  Attention,
  FeedForward,
  Norms,
  Positions,
  TransformerShape,
} from "../transformer.ts";

/** Reads one family's config.json. */
export type Reader = (fields: ConfigFields, note: (text: string) => void) => TransformerShape;

/** How a family's decoder differs from Llama's. */
interface Traits {
  readonly feedForward: FeedForward;
  readonly attention?: Partial<Attention>;
  readonly norm?: Partial<Norms>;
  readonly positions?: Positions;
  readonly embeddingSize?: number;
  readonly maxPositions?: number;
  /** Where the file does not say it. */
  readonly tied?: boolean;
  readonly headBias?: boolean;
}

/** A decoder with Llama's structure but for the traits. */
export function decoder(fields: ConfigFields, traits: Traits): TransformerShape {
  const hiddenSize = fields.size("hiddenSize");
  const heads = fields.size("heads");
  const headDim = headDimOf(fields, hiddenSize, heads);
  const positions = traits.positions ?? rotary(fields, headDim);
  return {
    hiddenSize,
    embeddingSize: traits.embeddingSize ?? hiddenSize,
    layers: fields.size("layers"),
    vocabSize: fields.size("vocabSize"),
    maxPositions: traits.maxPositions ?? fields.optional("maxPositions") ?? DEFAULT_POSITIONS,
    attention: {
      heads,
      kvHeads: fields.optional("kvHeads") ?? heads,
      headDim,
      biases: biases(false),
      window: null,
      qkNorm: null,
      ...traits.attention,
    },
    feedForward: traits.feedForward,
    norm: { kind: "rms", perLayer: 2, outside: 1, weights: 1, ...traits.norm },
    positions,
    tiedEmbeddings: fields.flag("tie_word_embeddings", traits.tied ?? false),
    headBias: traits.headBias ?? false,
  };
}

/** Hugging Face's default for Llama. */
const DEFAULT_POSITIONS = 2048;

export function headDimOf(fields: ConfigFields, hiddenSize: number, heads: number): number {
  const said = fields.optional("headDim");
  if (said !== undefined) return said;
  if (hiddenSize % heads !== 0)
    fields.refuse(
      `a hidden size of ${hiddenSize} is not a multiple of ${heads} heads, and there is no head_dim`,
    );
  return hiddenSize / heads;
}

/** The share of a head that is turned has a name in each family. */
function rotary(fields: ConfigFields, headDim: number): Positions {
  const exact = fields.read(BOUNDS.headDim, "rotary_dim");
  const share =
    fields.share("partial_rotary_factor") ??
    fields.inner("rope_parameters")?.share("partial_rotary_factor") ??
    fields.share("rotary_pct") ??
    fields.share("rope_pct") ??
    1;
  return { kind: "rotary", rotatedDim: exact ?? Math.trunc(headDim * share) };
}

export const biases = (qkv: boolean, output = qkv) => ({ qkv, output });

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu",
  gelu_fast: "gelu",
  gelu_python: "gelu",
  gelu_pytorch_tanh: "gelu",
  quick_gelu: "gelu",
  relu: "relu",
  relu2: "relu2",
};

function activation(fields: ConfigFields, otherwise: Activation): Activation {
  const names = ["hidden_act", "hidden_activation", "activation_function", "activation"];
  const said = names.map((name) => fields.text(name)).find((text) => text !== undefined);
  if (said === undefined) return otherwise;
  return Object.hasOwn(ACTIVATIONS, said)
    ? ACTIVATIONS[said]!
    : fields.refuse(`activation "${said}" is not one of ${Object.keys(ACTIVATIONS).join(", ")}`);
}

export const gated = (fields: ConfigFields, otherwise: Activation = "silu", bias = false): FeedForward => ({
  kind: "gated",
  intermediateSize: fields.size("intermediateSize"),
  bias,
  activation: activation(fields, otherwise),
});

/** Where the file does not say it, the inner size is four times the outer. */
export const plain = (fields: ConfigFields, otherwise: Activation, bias: boolean): FeedForward => ({
  kind: "plain",
  intermediateSize: fields.optional("intermediateSize") ?? 4 * fields.size("hiddenSize"),
  bias,
  activation: activation(fields, otherwise),
});

interface ExpertNames {
  readonly experts: string;
  readonly size: string;
  readonly shared?: number;
  readonly sharedGate?: boolean;
}

export const experts = (fields: ConfigFields, names: ExpertNames): FeedForward => ({
  kind: "experts",
  experts: fields.count(names.experts, BOUNDS.experts),
  expertsPerToken: fields.count("num_experts_per_tok", BOUNDS.experts),
  intermediateSize: fields.count(names.size, BOUNDS.intermediateSize),
  sharedIntermediateSize: names.shared ?? 0,
  sharedGate: names.sharedGate ?? false,
  activation: activation(fields, "silu"),
});

export const slidingWindow = (fields: ConfigFields): { window: number | null } => ({
  window: fields.read(BOUNDS.maxPositions, "sliding_window") ?? null,
});

/** A window that only some layers have is no part of a shape: all tokens are counted. */
export function noteMixedWindow(fields: ConfigFields, note: (text: string) => void): void {
  if (fields.says("sliding_window"))
    note("a sliding window in some of the layers is left out: every layer attends to all tokens");
}

export const layerNorm = { kind: "layer", weights: 2 } as const;
