import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { parseTokenizer, type Tokenizer } from "../../../models/checkpoint/tokenizer.ts";
import { KNOWN_PATTERNS } from "../../../models/checkpoint/tokenizer-schema.ts";
import { InputError } from "../../../models/errors.ts";
import { heldOutStories } from "../../../models/llama-tiny/held-out.ts";
import { goldenLogits } from "../../support/golden.ts";

function llamaTinyTokenizer(): Tokenizer {
  const checkpoint = openModel("llama-tiny");
  const tokenizer = checkpoint.tokenizer();
  checkpoint.close();
  return tokenizer;
}

/** A tokenizer of single bytes (in GPT-2's stand-ins for them) with some merges. */
function byteTokenizer(parts: { pre_tokenizer: unknown; merges?: readonly string[] }): Tokenizer {
  const printable = [...Array(256).keys()].filter(
    (b) => (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173,
  );
  const letters = printable.map((byte) => String.fromCodePoint(byte));
  for (let i = 0; letters.length < 256; i++) letters.push(String.fromCodePoint(256 + i));
  const merges = parts.merges ?? [];
  const tokens = [...letters, ...merges.map((merge) => merge.replace(" ", ""))];
  const model = { type: "BPE", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges };
  const json = { model, pre_tokenizer: parts.pre_tokenizer, decoder: { type: "ByteLevel" } };
  return parseTokenizer(json, 1000, "tokenizer.json");
}

const BYTES = { type: "ByteLevel", add_prefix_space: false, use_regex: false };

describe("llama-tiny's", () => {
  const tokenizer = llamaTinyTokenizer();

  test.each(goldenLogits().cases.map(({ text, ids }) => [text, ids] as const))("ids of %j", (text, ids) => {
    expect([0, ...tokenizer.encode(text)]).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  test("stories and any text come back", () => {
    for (const { text } of heldOutStories(20)) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("<s>") && !text.includes("</s>"));
        const ids = tokenizer.encode(text);
        expect(ids.every((id) => id >= 2 && id < 512)).toBe(true);
        expect(tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  test("nothing is nothing", () => {
    expect(tokenizer.encode("")).toEqual([]);
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.decode([0, 1])).toBe("");
  });
});

describe("patterns that are known", () => {
  const cut = (name: string, text: string): string[] => {
    const split = { type: "Split", pattern: { Regex: KNOWN_PATTERNS.get(name) }, behavior: "Isolated" };
    const pieces: string[] = [];
    const tokenizer = byteTokenizer({
      pre_tokenizer: { type: "Sequence", pretokenizers: [split, BYTES] },
      merges: ["1 2", "12 3", "123 4", "Ġ a", "a b"],
    });
    for (const id of tokenizer.encode(text)) pieces.push(tokenizer.decode([id]));
    return pieces;
  };

  test("cut numbers as their models do", () => {
    expect(cut("GPT-2", "1234")).toEqual(["1234"]);
    expect(cut("Llama 3", "1234")).toEqual(["123", "4"]);
    expect(cut("Qwen 2", "1234")).toEqual(["1", "2", "3", "4"]);
    expect(cut("llama-tiny", "1234ab")).toEqual(["1234", "ab"]);
  });

  test("keep a word's leading space", () => {
    for (const name of KNOWN_PATTERNS.keys()) expect(cut(name, "b ab")).toEqual(["b", " a", "b"]);
  });

  test("take time in proportion to the text, whatever the text", () => {
    for (const name of KNOWN_PATTERNS.keys()) {
      for (const part of [" ", "a", "1", "'", "\n", " \n", "\t \r", "'s", "é", "😀!", "a1 "]) {
        const text = `${part.repeat(10_000 / part.length)}\u0001`;
        expect(cut(name, text).length).toBeGreaterThan(0);
      }
    }
  }, 20_000);
});

test("the older form of merges, and digits one by one", () => {
  const digits = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, BYTES] };
  const tokenizer = byteTokenizer({ pre_tokenizer: digits, merges: ["1 2", "a b"] });
  expect(tokenizer.encode("ab12").map((id) => tokenizer.decode([id]))).toEqual(["ab", "1", "2"]);
});

test("Llama 2's kind: spaces as ▁, and bytes for letters that it does not know", () => {
  const vocab = [
    "<unk>",
    "<s>",
    "</s>",
    ...Array.from({ length: 256 }, (_, b) => `<0x${hex(b)}>`),
    "▁",
    "a",
    "▁a",
  ];
  const json = {
    added_tokens: [
      { id: 0, content: "<unk>", special: true },
      { id: 1, content: "<s>", special: true },
      { id: 2, content: "</s>", special: true },
    ],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: { type: "TemplateProcessing", single: [], pair: [], special_tokens: {} },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
      merges: ["▁ a"],
    },
  };
  const tokenizer = parseTokenizer(json, 262, "tokenizer.json");
  expect(tokenizer.encode("a aé")).toEqual([261, 261, 3 + 0xc3, 3 + 0xa9]);
  expect(tokenizer.decode([1, 261, 261, 3 + 0xc3, 3 + 0xa9, 2])).toBe("a aé");
  expect(tokenizer.decode([261, 262, 5000, 261])).toBe("a a");
  expect(tokenizer.decode([262])).toBe("");
});

test("a text with a letter that is no token is refused", () => {
  const model = { type: "BPE", vocab: { a: 0 }, merges: [], unk_token: "<none>" };
  const tokenizer = parseTokenizer({ model }, 1, "tokenizer.json");
  expect(tokenizer.encode("aa")).toEqual([0, 0]);
  expect(() => tokenizer.encode("ab")).toThrow(InputError);
});

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
