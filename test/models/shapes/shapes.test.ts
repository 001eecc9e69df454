import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { tensorShapes } from "../../../models/checkpoint/tensors.ts";
import type { LlamaShape } from "../../../models/decoder/shape.ts";
import { InputError } from "../../../models/errors.ts";
import { packageRoot } from "../../../models/package-root.ts";
import { parseTransformerConfig } from "../../../models/shapes/config.ts";
import {
  findShape,
  isShapeAlone,
  openShape,
  publicShapes,
  shapeNamed,
  shapeNames,
  shapesIn,
} from "../../../models/shapes/library.ts";
import { asLlamaShape } from "../../../models/shapes/llama.ts";
import { shapeSchema } from "../../../models/shapes/schema.ts";
import { parameterCount } from "../../../models/shapes/transformer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const DATA = join(packageRoot(), "models/shapes/data");
const named = (name: string) => findShape(name) ?? expect.unreachable(name);

/** The numbers of all tensors of a Llama's files, one by one. */
function tensorNumbers(shape: LlamaShape): number {
  let count = 0;
  for (const sizes of tensorShapes(shape).values()) count += sizes.reduce((a, b) => a * b, 1);
  return count;
}

describe("shapes that ship", () => {
  const shapes = publicShapes().map((shape) => [shape.name, shape] as const);

  it.each(shapes)("%s has the parameters that its weights' files have", (_, { shape, published }) => {
    const { total, ...parts } = parameterCount(shape);
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(total);
    if (published !== null) expect(total).toBe(published.parameters);
  });

  it.each(shapes)(
    "%s says where it is from, and is as machines run it",
    (_, { llama, source, shape, why }) => {
      expect(source).toMatch(/config\.json/);
      if (llama === null) {
        expect(why).not.toBe("");
        return;
      }
      expect(shapeSchema.parse(llama)).toEqual(llama);
      expect(tensorNumbers(llama)).toBe(parameterCount(shape).total);
    },
  );

  it("are told apart by all their names", () => {
    const names = publicShapes().flatMap(({ name, aliases }) => [
      ...new Set([name, ...aliases, ...aliases.map((alias) => alias.split("/").at(-1)!)].map(lower)),
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(publicShapes().length).toBeGreaterThan(30);
  });

  it("are found by every name, whatever its capitals", () => {
    for (const { name, aliases } of publicShapes())
      for (const one of [name, ...aliases, ...aliases.map((alias) => alias.split("/").at(-1)!)])
        for (const spelt of [one, one.toUpperCase(), one.toLowerCase()]) expect(named(spelt).name).toBe(name);
  });

  it("stay what they were", () => {
    expect(shapeNamed("llama-3.2-1b")).toEqual({
      hiddenSize: 2048,
      intermediateSize: 8192,
      layers: 16,
      heads: 32,
      kvHeads: 8,
      headDim: 64,
      vocabSize: 128_256,
      maxPositions: 131_072,
      rmsNormEps: 1e-5,
      ropeTheta: 500_000,
      ropeScaling: {
        kind: "llama3",
        factor: 32,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalMaxPositions: 8192,
      },
      tiedEmbeddings: true,
    });
  });
});

const lower = (text: string): string => text.toLowerCase();

// Sizes that the makers print in their papers and that no file's total could be found for: weights of one layer by hand.
test.each([
  ["opt-6.7b", 4096, 32],
  ["opt-13b", 5120, 40],
  ["opt-30b", 7168, 48],
  ["opt-66b", 9216, 64],
])("%s is counted matrix by matrix", (name, h, layers) => {
  const layer = 4 * (h * h + h) + (h * 4 * h + 4 * h) + (4 * h * h + h) + 2 * 2 * h;
  expect(parameterCount(named(name).shape).total).toBe(50_272 * h + 2050 * h + layers * layer + 2 * h);
});

test("llama-tiny is the model that ships", () => {
  const checkpoint = openModel("llama-tiny");
  expect(shapeNamed("llama-tiny")).toEqual(checkpoint.shape);
  checkpoint.close();
});

test("an unknown name is refused with those there are", () => {
  expect(() => shapeNamed("llama-9")).toThrow(InputError);
  expect(() => shapeNamed("llama-9")).toThrow(
    `There is no model shape "llama-9"; there are ${shapeNames().join(", ")}.`,
  );
});

test.each([
  ["mixtral-8x7b", "its feed-forward is made of experts"],
  ["qwen2.5-7b", "its projections add biases"],
  ["opt-6.7b", "its feed-forward has no gate"],
])("%s is refused where a machine shall run it", (name, why) => {
  expect(() => shapeNamed(name)).toThrow(
    new InputError(`No machine runs ${name}, because machines run Llama's decoder: ${why}.`),
  );
});

test("a window is room for as many tokens", () => {
  expect(named("mistral-7b").shape).toMatchObject({ maxPositions: 32_768, attention: { window: 4096 } });
  expect(shapeNamed("mistral-7b").maxPositions).toBe(4096);
  expect(shapeNamed("phi-3-mini").maxPositions).toBe(2047);
});

describe("a shape of one's own", () => {
  const folder = temporaryFolder();
  const config = {
    model_type: "llama",
    hidden_size: 128,
    intermediate_size: 256,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    vocab_size: 1000,
  };
  const inFolder = join(folder, "My-Model");
  mkdirSync(inFolder);
  writeFileSync(join(inFolder, "config.json"), JSON.stringify(config));

  it("is a config.json, by its path or its folder's, and means no weights", () => {
    for (const path of [inFolder, join(inFolder, "config.json")]) {
      const { name, shape, llama } = openShape(path);
      expect(name).toBe("My-Model");
      expect(shape).toEqual(parseTransformerConfig(config, "here"));
      expect(llama).toEqual(asLlamaShape(config, "here"));
      expect(isShapeAlone(path)).toBe(true);
    }
  });

  it("is no shape alone where there are weights beside it", () => {
    expect(isShapeAlone(join(packageRoot(), "models/llama-tiny"))).toBe(false);
    expect(openShape(join(packageRoot(), "models/llama-tiny")).llama).toEqual(shapeNamed("llama-tiny"));
    expect(isShapeAlone(join(folder, "nothing"))).toBe(false);
  });

  it("joins the library as a file", () => {
    const library = join(folder, "data");
    mkdirSync(library);
    copyFileSync(join(DATA, "phi-2.json"), join(library, "phi-2.json"));
    const mine = {
      schema: "accel/shape@1",
      name: "mine",
      aliases: ["me/Mine"],
      source: "me",
      published: null,
      config,
    };
    writeFileSync(join(library, "mine.json"), JSON.stringify(mine));
    expect(shapesIn(library).map(({ name }) => name)).toEqual(["mine", "phi-2"]);
    expect(openShape(join(library, "mine.json"))).toMatchObject({ name: "mine", aliases: ["me/Mine"] });
  });

  it.each<[string, Record<string, unknown>]>([
    ["a name with a path", { name: "../x" }],
    ["a name of two lines", { name: "x\ny" }],
    ["an alias that hides", { aliases: ["\u202ex"] }],
    ["another schema", { schema: "accel/shape@2" }],
    ["a field too many", { author: "me" }],
    ["no source", { source: undefined }],
    ["parameters without a source", { published: { parameters: 3 } }],
  ])("is refused with %s", (_, change) => {
    const path = join(folder, "bad.json");
    const file = { schema: "accel/shape@1", name: "m", aliases: [], source: "me", published: null, config };
    writeFileSync(path, JSON.stringify({ ...file, ...change }));
    expect(() => openShape(path)).toThrow(InputError);
  });
});

test.each<[string, Partial<LlamaShape>]>([
  ["no layers", { layers: 0 }],
  ["half a head", { heads: 1.5 }],
  ["an odd head", { headDim: 15 }],
  ["heads that cannot be shared out", { heads: 4, kvHeads: 3 }],
  ["more than any model", { vocabSize: 2 ** 40 }],
  ["no epsilon", { rmsNormEps: 0 }],
])("the schema refuses %s", (_, change) => {
  expect(shapeSchema.safeParse({ ...shapeNamed("llama-tiny"), ...change }).success).toBe(false);
});

test("parameters of any Llama are the numbers of its tensors", () => {
  const size = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(
      fc.record({
        heads: size,
        groups: size,
        half: size,
        hidden: size,
        inner: size,
        layers: size,
        tied: fc.boolean(),
      }),
      ({ heads, groups, half, hidden, inner, layers, tied }) => {
        const config = {
          model_type: "llama",
          hidden_size: hidden,
          intermediate_size: inner,
          num_hidden_layers: layers,
          num_attention_heads: heads * groups,
          num_key_value_heads: heads,
          head_dim: 2 * half,
          vocab_size: 77,
          tie_word_embeddings: tied,
        };
        const llama = asLlamaShape(config, "here");
        expect(parameterCount(parseTransformerConfig(config, "here")).total).toBe(tensorNumbers(llama));
      },
    ),
  );
});
