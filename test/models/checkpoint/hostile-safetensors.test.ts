import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MAX_HEADER_BYTES, parseSafetensorsHeader } from "../../../models/checkpoint/safetensors-header.ts";
import { writeRandomCheckpoint } from "../../support/checkpoint-writer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import {
  editConfig,
  editTensor,
  editTensors,
  load,
  NORM,
  refuses,
  WEIGHTS,
  withHeaderJson,
  writeWeights,
} from "./damage.ts";

describe("safetensors", () => {
  test("truncated anywhere", () => {
    const folder = temporaryFolder();
    writeRandomCheckpoint(folder);
    const whole = readFileSync(join(folder, WEIGHTS));
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    for (const length of [0, 1, 7, 8, 9, 100, headerEnd - 1, headerEnd, headerEnd + 1, whole.length - 1]) {
      refuses([WEIGHTS], ({ folder }) => truncateSync(join(folder, WEIGHTS), length));
    }
    refuses([WEIGHTS, 'tensor "lm_head.weight"', "cut off"], ({ folder }) =>
      truncateSync(join(folder, WEIGHTS), whole.length - 1),
    );
  });

  test("with bytes after the last tensor", () => {
    refuses([WEIGHTS, "1 bytes after the last tensor"], ({ folder }) =>
      writeFileSync(join(folder, WEIGHTS), Buffer.from([0]), { flag: "a" }),
    );
  });

  test("with a header that is too long", () => {
    for (const length of [BigInt(MAX_HEADER_BYTES) + 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      const bytes = Buffer.alloc(100);
      bytes.writeBigUInt64LE(length);
      refuses([WEIGHTS, `${length}`, "too long"], writeWeights(bytes));
    }
    const bytes = Buffer.alloc(100);
    bytes.writeBigUInt64LE(93n);
    refuses([WEIGHTS, "cut off"], writeWeights(bytes));
  });

  test("with a header that is no JSON object", () => {
    refuses(['does not begin with "{"'], withHeaderJson("[]"));
    refuses(['does not begin with "{"'], withHeaderJson(" {}"));
    refuses(['does not begin with "{"'], writeWeights(Buffer.alloc(8)));
    refuses(["not valid JSON"], withHeaderJson("{"));
    refuses(["not valid JSON"], withHeaderJson('{"a":1}{'));
    refuses(["not valid JSON"], writeWeights(Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22])));
    refuses(["expected object"], withHeaderJson({ a: null }));
    refuses(["expected object"], withHeaderJson(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`));
  });

  const f32 = (shape: readonly unknown[], from: unknown, to: unknown) => ({
    dtype: "F32",
    shape,
    data_offsets: [from, to],
  });

  test.each([
    ["an unknown field", { a: { ...f32([16], 0, 64), extra: 1 } }, "extra"],
    ["a missing field", { a: { dtype: "F32", shape: [16] } }, "data_offsets"],
    ["a number type that is none", { a: { ...f32([16], 0, 64), dtype: "F33" } }, "F33"],
    ["integers", { a: { ...f32([16], 0, 64), dtype: "I32" } }, "only F32, F16, BF16 can be read"],
    ["a type that is the prototype's", { a: { ...f32([16], 0, 64), dtype: "__proto__" } }, "__proto__"],
    ["a type that is no text", { a: { ...f32([16], 0, 64), dtype: 32 } }, "dtype"],
    ["a negative size", { a: f32([-16], 0, 64) }, "shape.0"],
    ["a broken size", { a: f32([1.5], 0, 64) }, "shape.0"],
    ["a size beyond exact numbers", { a: f32([2 ** 53], 0, 64) }, "shape.0"],
    ["too many dimensions", { a: f32([1, 1, 1, 1, 16], 0, 64) }, "shape"],
    ["a product beyond exact numbers", { a: f32([2 ** 40, 2 ** 40, 0], 0, 0) }, "impossible shape"],
    [
      "a product that would wrap to the right one",
      { a: f32([2 ** 32, 2 ** 32, 16], 0, 64) },
      "impossible shape",
    ],
    ["a size that is not the shape's", { a: f32([15], 0, 64) }, "F32 of shape 15 takes 60"],
    ["offsets backwards", { a: f32([16], 64, 0) }, "-64 bytes"],
    ["offsets beyond exact numbers", { a: f32([16], 2 ** 60, 2 ** 60 + 64) }, "data_offsets.0"],
    ["three offsets", { a: { ...f32([16], 0, 64), data_offsets: [0, 64, 64] } }, "data_offsets"],
    ["data beyond the end", { a: f32([1024], 0, 4096) }, "beyond the file's end"],
    ["a terabyte", { a: f32([2 ** 38], 0, 2 ** 40) }, "beyond the file's end"],
    ["overlap", { a: f32([16], 0, 64), b: f32([1], 60, 64) }, 'tensor "b" begins at byte'],
    ["two tensors in one place", { a: f32([16], 0, 64), b: f32([16], 0, 64) }, "inside the tensor before it"],
    ["a hole at the start", { a: f32([15], 4, 64) }, "hole"],
    ["a hole in the middle", { a: f32([1], 0, 4), b: f32([14], 8, 64) }, 'tensor "b"'],
    ["a hole at the end", { a: f32([15], 0, 60) }, "4 bytes after the last tensor"],
    ["no tensors", {}, "64 bytes after the last tensor"],
    ["metadata that is no text", { __metadata__: { format: 1 } }, "__metadata__"],
  ])("%s", (_, header, reason) => {
    refuses([WEIGHTS, reason], withHeaderJson(header));
  });

  test("a name that stands twice, even spelled differently", () => {
    const entry = JSON.stringify(f32([16], 0, 64));
    refuses([WEIGHTS, 'the key "a" stands twice'], withHeaderJson(`{"a":${entry},"a":${entry}}`));
    refuses([WEIGHTS, 'the key "a" stands twice'], withHeaderJson(`{"a":${entry},"\\u0061":${entry}}`));
    refuses(['the key "dtype" stands twice'], withHeaderJson('{"a":{"dtype":"F32","dtype":"F16"}}'));
  });

  test("a tensor named like the prototype is a tensor like any other", () => {
    const entry = JSON.stringify(f32([16], 0, 64));
    refuses(["tensor"], withHeaderJson(`{"__proto__":${entry}}`));
    const header = Buffer.from(`{"__proto__":${entry}}`);
    const tensors = parseSafetensorsHeader(header, 8 + header.length + 64, "x");
    expect([...tensors.keys()]).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  test("a name that would upset a terminal or fill it", () => {
    const name = `\u001b[2J\n${"x".repeat(10_000)}`;
    refuses([WEIGHTS, "?[2J?xxx", "…"], withHeaderJson({ [name]: f32([1], 0, 3) }));
  });

  test("a hundred thousand tiny entries are refused, and quickly", () => {
    const entries = Array.from({ length: 100_001 }, (_, i) => [i, f32([0], 0, 0)] as const);
    refuses(["100001 tensors are too many"], withHeaderJson(Object.fromEntries(entries)));
  });

  test("numbers that are not finite", () => {
    for (const [value, said] of [
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      [Number.NEGATIVE_INFINITY, "-Infinity"],
    ] as const) {
      const damage = editTensor("model.layers.1.mlp.up_proj.weight", (tensor) => {
        const floats = new Float32Array(tensor.data.slice().buffer);
        floats[2 * 40 + 17] = value;
        return { ...tensor, data: new Uint8Array(floats.buffer) };
      });
      refuses([WEIGHTS, 'tensor "model.layers.1.mlp.up_proj.weight"', said, "[2, 17]", "finite"], damage);
    }
    const infiniteHalf = editTensor(NORM, (tensor) => ({
      ...tensor,
      dtype: "F16",
      data: new Uint8Array(new Uint16Array(40).fill(0xfc00).buffer),
    }));
    refuses([`"${NORM}" is -Infinity at [0]`], infiniteHalf);
  });
});

describe("weights against the configuration", () => {
  test("a missing tensor", () => {
    for (const name of [NORM, "lm_head.weight", "model.layers.1.self_attn.k_proj.weight"]) {
      const damage = editTensors((tensors) => tensors.filter((tensor) => tensor.name !== name));
      refuses([`tensor "${name}" is missing`], damage);
    }
  });

  test("a wrong shape", () => {
    refuses(
      [WEIGHTS, `tensor "${NORM}" is 20 × 2, but the model needs 40`],
      editTensor(NORM, (tensor) => ({ ...tensor, shape: [20, 2] })),
    );
    refuses(
      ['"model.layers.0.mlp.down_proj.weight" is 72 × 40, but the model needs 40 × 72'],
      editTensor("model.layers.0.mlp.down_proj.weight", (tensor) => ({ ...tensor, shape: [72, 40] })),
    );
    refuses(['tensor "model.embed_tokens.weight"'], editConfig({ vocab_size: 531 }));
    refuses(['"model.layers.2.self_attn.q_proj.weight" is missing'], editConfig({ num_hidden_layers: 3 }));
  });

  test("tensors that the model has no use for", () => {
    const extra = (name: string) =>
      editTensors((tensors) => [...tensors, { name, dtype: "F32", shape: [1], data: new Uint8Array(4) }]);
    refuses(
      ['"model.layers.0.self_attn.q_proj.bias" belongs to no'],
      extra("model.layers.0.self_attn.q_proj.bias"),
    );
    refuses(['"model.layers.2.'], extra("model.layers.2.input_layernorm.weight"));
    refuses(['"model.layers.1.'], editConfig({ num_hidden_layers: 1 }));
    load(extra("model.layers.0.self_attn.rotary_emb.inv_freq"));
    load(editConfig({ tie_word_embeddings: true }));
  });
});
