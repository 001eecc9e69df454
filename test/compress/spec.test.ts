import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { parseCompression, parsePattern, parseWeights, patternName } from "../../src/compress/spec.ts";

describe("parseCompression", () => {
  it("fills in what is not said", () => {
    expect(parseCompression({})).toEqual({
      weights: { kind: "quantized", bits: 4, groupSize: 32 },
      pattern: { kind: "dense" },
      head: { bits: 4, groupSize: 32, pattern: { kind: "dense" } },
      kv: 8,
      method: "second-order",
    });
  });

  it("never prunes the head", () => {
    const { head, pattern } = parseCompression({ weights: "w3g64", sparsity: "2:4" });
    expect(pattern).toEqual({ kind: "n:m", n: 2, m: 4 });
    expect(head).toEqual({ bits: 3, groupSize: 64, pattern: { kind: "dense" } });
  });

  it.each([
    ["w4g32", 4, 32],
    ["w8", 8, 32],
    ["W3G64", 3, 64],
    ["w2g4080", 2, 4080],
  ])("reads weights %s", (word, bits, groupSize) => {
    expect(parseWeights(word)).toEqual({ bits, groupSize });
  });

  it.each(["dense", "2:4", "4:8", "8:16", "4:16", "2:16", "n:16@0.5", "n:16@1"])(
    "reads sparsity %s",
    (word) => {
      expect(patternName(parsePattern(word))).toBe(word);
    },
  );

  it("takes none for dense", () => {
    expect(parsePattern("none")).toEqual({ kind: "dense" });
  });

  it.each([
    [{ weights: "w6" }, "6 bits: choose 2, 3, 4, 5, 8"],
    [{ weights: "int4" }, "w<bits>g<group>"],
    [{ weights: "w4g24" }, "multiple of 16"],
    [{ weights: "w4g0" }, "multiple of 16"],
    [{ weights: "w4g4096" }, "up to 4080"],
    [{ sparsity: "5:4" }, "1 or 2 of 4"],
    [{ sparsity: "0:4" }, "1 or 2 of 4"],
    [{ sparsity: "3:4" }, "1 or 2 of 4"],
    [{ sparsity: "4:4" }, "or dense"],
    [{ sparsity: "2:5" }, "choose 2, 4, 8 or 16"],
    [{ sparsity: "2:32" }, "choose 2, 4, 8 or 16"],
    [{ sparsity: "half" }, "not understood"],
    [{ sparsity: "n:16" }, "not understood"],
    [{ sparsity: "n:16@0" }, "above 0 and up to 1"],
    [{ sparsity: "n:16@1.5" }, "above 0 and up to 1"],
    [{ kv: "16" }, "choose 8 or 4"],
    [{ method: "magic" }, "second-order or baseline"],
  ])("refuses %j in one sentence", (words, hint) => {
    const parse = () => parseCompression(words);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(hint);
    expect(parse).toThrow(/^[^.]*(\.\d[^.]*)*\.$/);
  });
});
