import { expect, it } from "vitest";
import { openModel } from "../../models/checkpoint/open-model.ts";
import { compressModel } from "../../src/compress/compress.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import {
  COMPRESSIONS,
  compressionTable,
  layerBitsPerWeight,
  markdownTable,
  settingsNote,
  TABLE_SETTINGS,
} from "../../src/compress/table.ts";

const checkpoint = openModel("llama-tiny");
const model = {
  shape: checkpoint.shape,
  weights: checkpoint.loadWeights(),
  tokenizer: checkpoint.tokenizer(),
  special: checkpoint,
};

it("the table has the uncompressed model first, then each compression by both methods", () => {
  const rows = compressionTable(model, {
    ...TABLE_SETTINGS,
    stories: 1,
    questions: 1,
    calibrationTokens: 200,
  });
  const [dense, ...others] = [rows.next(), rows.next(), rows.next()].map(({ value }) => value!);
  expect(dense).toMatchObject({ name: "dense float", method: null, bitsPerWeight: 32, answers: 1 });
  expect(others.map((row) => [row.name, row.method])).toEqual([
    [COMPRESSIONS[0]!.name, "baseline"],
    [COMPRESSIONS[0]!.name, "second-order"],
  ]);
});

it("bits a weight count codes, indices and scales as the stream has them", () => {
  const bits = (sparsity: string) => {
    const spec = parseCompression({ weights: "w4", sparsity, method: "baseline" });
    return layerBitsPerWeight(compressModel(model.shape, model.weights, [[0, 5]], spec).model);
  };
  const header = 0.005; // four bytes a matrix
  expect(bits("dense") - header).toBeCloseTo(4 + 8 / 32, 2);
  expect(bits("2:4") - header).toBeCloseTo((4 + 2) / 2 + 8 / 32, 2);
  expect(bits("8:16") - header).toBeCloseTo((4 + 4) / 2 + 8 / 32, 2);
  expect(bits("n:16@0.5") - header).toBeCloseTo((4 + 4) / 2 + 8 / 32 + 8 / 256, 2);
});

it("the Markdown table has a line for each compression", () => {
  const row = { name: "W4", bitsPerWeight: 4.25, perplexity: 1.5, answers: 0.9 };
  const lines = markdownTable([
    { ...row, name: "dense float", bitsPerWeight: 32, method: null },
    { ...row, method: "baseline" },
    { ...row, perplexity: 1.25, answers: 1, method: "second-order" },
  ]).split("\n");
  expect(lines.slice(2)).toEqual([
    "| dense float | 32.00 | 1.500 | 90.0 % |  |  |",
    "| W4 | 4.25 | 1.500 | 90.0 % | 1.250 | 100.0 % |",
  ]);
});

it("the note says how much text was used, and from where", () => {
  expect(settingsNote({ ...TABLE_SETTINGS, stories: 7, heldOutSeed: 1_000_000_005 })).toBe(
    "7 held-out stories and 200 questions from seed 1000000005 on; calibrated on 2048 tokens or a few more, whole training stories from seed 0 on.",
  );
});
