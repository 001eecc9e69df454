import { brief } from "../validate.ts";
import { ConfigFields } from "./config-fields.ts";
import type { Reader } from "./families/decoder.ts";
import { llamaLike } from "./families/gated.ts";
import { FAMILIES } from "./families.ts";
import { parameterCount, type TransformerShape } from "./transformer.ts";

/** A config.json as a shape, and what a person should know about how it was read. */
export interface ReadShape {
  readonly shape: TransformerShape;
  /** The model's `model_type`; "" where it says none. */
  readonly family: string;
  readonly notes: readonly string[];
}

/**
 * Reads the dimensions of a Hugging Face config.json of any decoder-only family. Fields that change neither operations
 * nor bytes are passed over. A family that is not known is read as Llama's, with a note, if it has Llama's fields.
 * @param origin the file, as messages shall name it
 * @throws InputError naming the field that is missing or wrong, or what the model has that no shape can say
 */
export function readTransformerConfig(json: unknown, origin: string): ReadShape {
  const outer = new ConfigFields(json, origin);
  // Models that also see or hear keep the decoder's fields within.
  const fields = outer.inner("text_config") ?? outer;
  const family = fields.text("model_type") ?? "";
  const notes = fields === outer ? [] : ["the text decoder alone is counted (text_config)"];
  const structure = structureRefused(fields);
  if (structure !== undefined) fields.refuse(structure);
  const reader = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (reader === undefined) {
    const named = family === "" ? "a model without model_type" : `model_type "${brief(family)}"`;
    notes.push(`${named} is not a family that is known here: it was read as a Llama`);
  }
  const shape = (reader ?? unknownFamily)(fields, (note) => notes.push(note));
  check(shape, fields);
  return { shape, family, notes };
}

/** The shape alone: as `readTransformerConfig`. */
export function parseTransformerConfig(json: unknown, origin: string): TransformerShape {
  return readTransformerConfig(json, origin).shape;
}

/** What an unknown family must not have: its numbers would be those of another model. */
const unknownFamily: Reader = (fields, note) => {
  const foreign = FOREIGN_FIELDS.find((name) => fields.says(name));
  if (foreign !== undefined) fields.refuse(`a Llama has no ${foreign}, and the family is not known`);
  return llamaLike(fields, note);
};

const FOREIGN_FIELDS = [
  "num_experts",
  "num_local_experts",
  "n_routed_experts",
  "moe_num_experts",
  "type_vocab_size",
  "ssm_cfg",
  "state_size",
  "mamba_d_state",
  "linear_attention_config",
];

/** Why no `TransformerShape` can say what the model is. */
function structureRefused(fields: ConfigFields): string | undefined {
  if (fields.flag("is_encoder_decoder", false)) return "it is an encoder and a decoder, not a decoder alone";
  if (fields.says("kv_lora_rank"))
    return "it keeps compressed keys and values (kv_lora_rank), which no shape can say";
  if (fields.says("first_k_dense_replace") || fields.says("mlp_only_layers"))
    return "some layers have experts and some have none (first_k_dense_replace, mlp_only_layers), but layers of a shape are all alike";
  const step = ["decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq"].find(
    (name) => fields.says(name) && !fields.isOne(name),
  );
  if (step !== undefined) return `not every layer has experts (${step}), but layers of a shape are all alike`;
  return undefined;
}

/** What no single field shows. */
function check(shape: TransformerShape, fields: ConfigFields): void {
  const { heads, kvHeads, headDim } = shape.attention;
  if (heads % kvHeads !== 0)
    fields.refuse(`${heads} query heads cannot be shared out evenly among ${kvHeads} key and value heads`);
  const { positions, feedForward } = shape;
  if (positions.kind === "rotary" && (positions.rotatedDim % 2 !== 0 || positions.rotatedDim > headDim))
    fields.refuse(`${positions.rotatedDim} of a head's ${headDim} numbers cannot be turned in pairs`);
  if (feedForward.kind === "experts" && feedForward.expertsPerToken > feedForward.experts)
    fields.refuse(`a token cannot pass ${feedForward.expertsPerToken} of ${feedForward.experts} experts`);
  if (!Number.isSafeInteger(parameterCount(shape).total))
    fields.refuse("it has more parameters than can be counted");
}
