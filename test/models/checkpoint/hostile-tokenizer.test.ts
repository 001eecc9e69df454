import { truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { type Damage, editJson, refuses } from "./damage.ts";

describe("tokenizer.json", () => {
  const edit = (path: string, value: unknown): Damage => editJson("tokenizer.json", path, value);

  test("no JSON, or not this kind", () => {
    refuses(["tokenizer.json", "not valid JSON"], ({ folder }) =>
      truncateSync(join(folder, "tokenizer.json"), 99),
    );
    refuses(["tokenizer.json", "model.type"], edit("model.type", "Unigram"));
    refuses(["tokenizer.json", "model"], edit("model", undefined));
  });

  test("a vocabulary that does not fit the model", () => {
    refuses(["tokenizer.json", 'token "zz" has id 530', "530 tokens"], edit("model.vocab.zz", 530));
    refuses(["tokenizer.json", '"zz"', "-1"], edit("model.vocab.zz", -1));
    refuses(["tokenizer.json", '"zz" has the id 7 of another'], edit("model.vocab.zz", 7));
    refuses(["tokenizer.json", "4294967296"], edit("model.vocab.zz", 2 ** 32));
    refuses(["added token", "beyond"], edit("added_tokens.2", { id: 530, content: "<x>" }));
    refuses(["added token", 'that of "!"'], edit("added_tokens.2", { id: 35, content: "<x>" }));
  });

  test("merges of what is no token", () => {
    refuses(["tokenizer.json", "model.merges[0]"], edit("model.merges.0", ["Q", "Q"]));
    refuses(["model.merges[0] is not a pair"], edit("model.merges.0", "a b c"));
    refuses(["model.merges"], edit("model.merges", {}));
  });

  test("regular expressions that could run for ever, wherever they stand", () => {
    const Regex = "(a+)+$";
    const split = { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false };
    const replace = { type: "Replace", pattern: { Regex }, content: "" };
    refuses(["pre_tokenizer", "not known to be safe", "Llama 3"], edit("pre_tokenizer", split));
    refuses(["pretokenizers.2", "not known to be safe"], edit("pre_tokenizer.pretokenizers.2", split));
    refuses(["normalizer.pattern"], edit("normalizer", replace));
    refuses(["decoder.pattern"], edit("decoder", replace));
    refuses(["pattern", "String or Regex"], edit("pre_tokenizer", { ...split, pattern: {} }));
  });

  test("steps of a kind that is not known", () => {
    refuses(["normalizer", "not supported"], edit("normalizer", { type: "Precompiled" }));
    refuses(["decoder", "not supported"], edit("decoder", { type: "CTC" }));
    refuses(
      ["pretokenizers.0", "not supported"],
      edit("pre_tokenizer.pretokenizers.0", { type: "Sequence", pretokenizers: [] }),
    );
  });
});
