import { z } from "zod";
import { InputError } from "../errors.ts";
import { brief, validated } from "../validate.ts";
import { BOUNDS } from "./schema.ts";

/** What a size is called: Hugging Face's usual name first, then names that other families use. */
const NAMES = {
  hiddenSize: ["hidden_size", "n_embd", "n_embed", "d_model"],
  layers: ["num_hidden_layers", "n_layer", "n_layers", "num_layers"],
  heads: ["num_attention_heads", "n_head", "n_heads", "num_heads"],
  kvHeads: ["num_key_value_heads", "num_kv_heads", "n_head_kv", "kv_n_heads"],
  headDim: ["head_dim", "kv_channels"],
  intermediateSize: ["intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"],
  vocabSize: ["padded_vocab_size", "vocab_size"],
  maxPositions: [
    "max_position_embeddings",
    "n_positions",
    "seq_length",
    "max_seq_len",
    "max_sequence_length",
    "n_ctx",
  ],
} as const;
export type Size = keyof typeof NAMES;

const objectSchema = z.record(z.string(), z.unknown());

/** The fields of a config.json, each checked when it is asked for. A field that is null counts as missing. */
export class ConfigFields {
  private readonly json: Readonly<Record<string, unknown>>;
  readonly origin: string;

  /**
   * @param origin the file, as messages shall name it
   * @throws InputError if it is no object
   */
  constructor(json: unknown, origin: string) {
    this.origin = origin;
    this.json = validated(objectSchema, json, origin);
  }

  /** @throws InputError if the field is there and wrong */
  read<T>(schema: z.ZodType<T>, name: string): T | undefined {
    const value = Object.hasOwn(this.json, name) ? (this.json[name] ?? undefined) : undefined;
    return value === undefined ? undefined : validated(schema, value, `${this.origin}: ${name}`);
  }

  /** A size under any of its names. */
  optional(size: Size): number | undefined {
    for (const name of NAMES[size]) {
      const value = this.read<number>(BOUNDS[size], name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** @throws InputError naming the field, if it is missing */
  size(size: Size): number {
    return this.optional(size) ?? this.missing(NAMES[size].find((name) => name !== "padded_vocab_size")!);
  }

  count(name: string, most: z.ZodType<number>): number {
    return this.read(most, name) ?? this.missing(name);
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.read(z.boolean(), name) ?? otherwise;
  }

  /** A share, from 0 to 1. */
  share(name: string): number | undefined {
    return this.read(z.number().min(0).max(1), name);
  }

  text(name: string): string | undefined {
    return this.read(z.string(), name);
  }

  /** Whether the field says anything: it is there, and neither null, false, 0 nor an empty list or object. */
  says(name: string): boolean {
    const value = Object.hasOwn(this.json, name) ? this.json[name] : undefined;
    if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
    return Boolean(value);
  }

  isOne(name: string): boolean {
    return this.json[name] === 1;
  }

  /** The fields of an object within. */
  inner(name: string): ConfigFields | undefined {
    const value = this.read(objectSchema, name);
    return value === undefined ? undefined : new ConfigFields(value, `${this.origin}: ${name}`);
  }

  /** @throws InputError always: what is wrong with the file */
  refuse(why: string): never {
    throw new InputError(`${this.origin}: ${brief(why, 300)}.`);
  }

  private missing(name: string): never {
    return this.refuse(`there is no ${name}, without which the model's shape is not known`);
  }
}
