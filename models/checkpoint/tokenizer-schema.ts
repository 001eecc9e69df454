import { z } from "zod";

/**
 * Regular expressions that a tokenizer.json may ask for. A pattern from a file could take exponential time
 * ("(a+)+$" hangs the process on 40 letters), so only patterns that are known to be linear are run.
 */
export const KNOWN_PATTERNS: ReadonlyMap<string, string> = new Map([
  ["llama-tiny", String.raw`'s| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+`],
  ["GPT-2", String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`],
  [
    "Llama 3",
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ],
  [
    "Qwen 2",
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ],
]);

const MAX_STEPS = 16;
const shortText = z.string().max(64);
const literalPattern = z.object({ String: shortText.min(1) });
const knownPattern = z
  .object({
    String: shortText.min(1).optional(),
    Regex: z
      .literal(
        [...KNOWN_PATTERNS.values()],
        `this regular expression is not known to be safe to run; those of ${[...KNOWN_PATTERNS.keys()].join(", ")} are`,
      )
      .optional(),
  })
  .refine((pattern) => (pattern.String === undefined) !== (pattern.Regex === undefined), {
    error: "expected either String or Regex",
  });

/** One of several kinds, told apart by `type`. */
const kindOf = <Kinds extends readonly [Kind, ...Kind[]]>(kinds: Kinds) =>
  z.discriminatedUnion("type", kinds, { error: "a kind of step that is not supported" });
type Kind = z.ZodObject<{ type: z.ZodLiteral<string> }>;

const normalizers = [
  z.object({ type: z.literal("NFC") }),
  z.object({ type: z.literal("NFD") }),
  z.object({ type: z.literal("NFKC") }),
  z.object({ type: z.literal("NFKD") }),
  z.object({ type: z.literal("Lowercase") }),
  z.object({ type: z.literal("Prepend"), prepend: shortText }),
  z.object({ type: z.literal("Replace"), pattern: literalPattern, content: shortText }),
] as const;
const normalizerSequence = z.object({
  type: z.literal("Sequence"),
  normalizers: z.array(kindOf(normalizers)).max(MAX_STEPS),
});

const preTokenizers = [
  z.object({
    type: z.literal("ByteLevel"),
    add_prefix_space: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  z.object({
    type: z.literal("Split"),
    pattern: knownPattern,
    behavior: z.enum(["Isolated", "Removed"]),
    invert: z.boolean().default(false),
  }),
  z.object({ type: z.literal("Digits"), individual_digits: z.boolean().default(false) }),
  z.object({
    type: z.literal("Metaspace"),
    replacement: shortText,
    prepend_scheme: z.enum(["always", "first", "never"]).default("always"),
    split: z.literal(false),
  }),
] as const;
const preTokenizerSequence = z.object({
  type: z.literal("Sequence"),
  pretokenizers: z.array(kindOf(preTokenizers)).max(MAX_STEPS),
});

const decoders = [
  z.object({ type: z.literal("ByteLevel") }),
  z.object({ type: z.literal("Metaspace"), replacement: shortText }),
  z.object({ type: z.literal("Replace"), pattern: literalPattern, content: shortText }),
  z.object({ type: z.literal("ByteFallback") }),
  z.object({ type: z.literal("Fuse") }),
  z.object({
    type: z.literal("Strip"),
    content: shortText,
    start: z.int().min(0).max(64),
    stop: z.int().min(0).max(64),
  }),
] as const;
const decoderSequence = z.object({
  type: z.literal("Sequence"),
  decoders: z.array(kindOf(decoders)).max(MAX_STEPS),
});

const nothing = z.literal(["", null]).optional();

/**
 * The parts of a tokenizer.json that byte-pair encoders of the Llama family use; everything else is refused. What a
 * post-processor would add (special tokens) is not wanted here, so it is passed over.
 */
export const tokenizerSchema = z.object({
  added_tokens: z
    .array(
      z.object({
        id: z.int().min(0),
        content: z.string().min(1),
        single_word: z.literal(false).default(false),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
        normalized: z.boolean().default(false),
        special: z.boolean().default(false),
      }),
    )
    .default([]),
  normalizer: kindOf([...normalizers, normalizerSequence])
    .nullable()
    .default(null),
  pre_tokenizer: kindOf([...preTokenizers, preTokenizerSequence])
    .nullable()
    .default(null),
  decoder: kindOf([...decoders, decoderSequence])
    .nullable()
    .default(null),
  model: z.object({
    type: z.literal("BPE"),
    dropout: z.literal([0, null]).optional(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: nothing,
    end_of_word_suffix: nothing,
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
    /** Checked apart: large, and full of names that an object should not be asked for. */
    vocab: z.unknown(),
    merges: z.unknown(),
  }),
});
