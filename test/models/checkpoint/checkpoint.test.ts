import { createHash } from "node:crypto";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Checkpoint, openCheckpoint } from "../../../models/checkpoint/checkpoint.ts";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { tensorShapes } from "../../../models/checkpoint/tensors.ts";
import { LINEAR_NAMES, type LlamaWeights } from "../../../models/decoder/weights.ts";
import { InputError } from "../../../models/errors.ts";
import {
  configJson,
  type RandomCheckpoint,
  randomTensors,
  withHeader,
  writeRandomCheckpoint,
} from "../../support/checkpoint-writer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function withCheckpoint<T>(folder: string, use: (checkpoint: Checkpoint) => T): T {
  const checkpoint = openCheckpoint(folder);
  try {
    return use(checkpoint);
  } finally {
    checkpoint.close();
  }
}

function randomWeights(options: RandomCheckpoint): LlamaWeights {
  const folder = temporaryFolder();
  writeRandomCheckpoint(folder, options);
  return withCheckpoint(folder, (checkpoint) => checkpoint.loadWeights());
}

/** Equal for weights that are equal to the bit. */
function digest({ embedding, layers, finalNorm, head }: LlamaWeights): string {
  const hash = createHash("sha256");
  const layerNumbers = layers.flatMap((layer) => [
    layer.attentionNorm,
    layer.feedForwardNorm,
    ...LINEAR_NAMES.map((name) => layer[name].data),
  ]);
  for (const numbers of [embedding.data, finalNorm, head.data, ...layerNumbers]) hash.update(numbers);
  return hash.digest("hex");
}

describe("a random model", () => {
  test("comes back as it was written", () => {
    const folder = temporaryFolder();
    const shape = writeRandomCheckpoint(folder, { seed: 7 });
    const written = new Map(randomTensors(shape, 7, "F32").map((tensor) => [tensor.name, tensor]));
    withCheckpoint(folder, (checkpoint) => {
      expect(checkpoint.shape).toEqual(shape);
      expect(checkpoint).toMatchObject({ bosTokenId: 0, eosTokenIds: [1], folder });
      const { layers, head, embedding } = checkpoint.loadWeights();
      const numbers = (name: string) => new Float32Array(written.get(name)!.data.slice().buffer);
      expect(head).toEqual({ rows: 530, cols: 40, data: numbers("lm_head.weight") });
      expect(embedding.data).toEqual(numbers("model.embed_tokens.weight"));
      expect(layers[1]!.k).toEqual({
        rows: 24,
        cols: 40,
        data: numbers("model.layers.1.self_attn.k_proj.weight"),
      });
      expect(layers[1]!.down).toMatchObject({ rows: 40, cols: 72 });
      expect(layers[0]!.attentionNorm).toEqual(numbers("model.layers.0.input_layernorm.weight"));
      expect(layers[0]!.feedForwardNorm).toEqual(numbers("model.layers.0.post_attention_layernorm.weight"));
      expect(checkpoint.tensor("model.norm.weight", [40])).toEqual(numbers("model.norm.weight"));
    });
  });

  test("is the same in every number type, in one file or in several", () => {
    const expected = digest(randomWeights({ dtype: "F32" }));
    expect(digest(randomWeights({ dtype: "F32", seed: 2 }))).not.toBe(expected);
    for (const dtype of ["F32", "F16", "BF16"] as const) {
      for (const shards of [1, 2, 5]) expect(digest(randomWeights({ dtype, shards }))).toBe(expected);
    }
  });

  test("with tied embeddings has one matrix for both", () => {
    const { head, embedding } = randomWeights({ shapeOverrides: { tiedEmbeddings: true } });
    expect(head).toBe(embedding);
  });

  test("is read across the pieces in which a file is read", () => {
    // An embedding of 9 MiB, in pieces of 4.
    const shapeOverrides = { layers: 1, vocabSize: 59_000, hiddenSize: 40 };
    expect(digest(randomWeights({ shapeOverrides, dtype: "F16" }))).toBe(
      digest(randomWeights({ shapeOverrides, dtype: "F32" })),
    );
  });
});

test("a tensor asked for in the wrong shape, or that is none, is refused", () => {
  const checkpoint = openModel("llama-tiny");
  expect(() => checkpoint.tensor("model.norm.weight", [65])).toThrow(InputError);
  expect(() => checkpoint.tensor("model.norm.weight", [65])).toThrow("is 64, but the model needs 65");
  expect(() => checkpoint.tensor("model.norm.weight", [64, 1])).toThrow("is 64, but the model needs 64 × 1");
  expect(() => checkpoint.tensor("no.such", [1])).toThrow('tensor "no.such" is missing');
  checkpoint.close();
});

test("a model larger than this machine's memory is refused before it is read", () => {
  const folder = temporaryFolder();
  const shape = writeRandomCheckpoint(folder, { shapeOverrides: { layers: 1, tiedEmbeddings: true } });
  const huge = { ...shape, vocabSize: 2 ** 21, hiddenSize: 2 ** 16 };
  writeFileSync(join(folder, "config.json"), JSON.stringify(configJson(huge)));
  let end = 0;
  const entries = [...tensorShapes(huge)].map(([name, tensorShape]) => {
    const start = end;
    end += tensorShape.reduce((a, b) => a * b, 2);
    return [name, { dtype: "F16", shape: tensorShape, data_offsets: [start, end] }];
  });
  const header = withHeader(JSON.stringify(Object.fromEntries(entries)));
  writeFileSync(join(folder, "model.safetensors"), header);
  // A quarter of a terabyte, of which the file system stores nothing.
  truncateSync(join(folder, "model.safetensors"), header.length + end);
  withCheckpoint(folder, (checkpoint) => {
    expect(() => checkpoint.loadWeights()).toThrow(InputError);
    expect(() => checkpoint.loadWeights()).toThrow(/the weights take 5\d\d\.\d GiB as 32-bit floats/);
  });
});

describe("the hash", () => {
  const hashOf = (folder: string): string => withCheckpoint(folder, (checkpoint) => checkpoint.hash());
  const written = (options: RandomCheckpoint): string => {
    const folder = temporaryFolder();
    writeRandomCheckpoint(folder, options);
    return folder;
  };

  test("is the same for the same model", () => {
    expect(hashOf(written({ seed: 1 }))).toBe(hashOf(written({ seed: 1 })));
    expect(hashOf(written({ seed: 1 }))).toMatch(/^[0-9a-f]{64}$/);
  });

  test("changes with the weights and with the configuration", () => {
    const folder = written({ seed: 1, shards: 2 });
    const before = hashOf(folder);
    expect(hashOf(written({ seed: 2, shards: 2 }))).not.toBe(before);
    appendFileSync(join(folder, "config.json"), " ");
    expect(hashOf(folder)).not.toBe(before);
  });
});

test("llama-tiny ships", () => {
  const checkpoint = openModel("llama-tiny");
  expect(checkpoint.name).toBe("llama-tiny");
  expect(checkpoint.shape).toMatchObject({ hiddenSize: 64, layers: 5, heads: 4, kvHeads: 2, vocabSize: 512 });
  checkpoint.close();
});

test("a model is opened by its path too", () => {
  const folder = temporaryFolder();
  writeRandomCheckpoint(folder);
  openModel(folder).close();
});
