import { expect, test } from "vitest";
import { openModel } from "../../../models/checkpoint/open-model.ts";
import { tensorShapes } from "../../../models/checkpoint/tensors.ts";
import type { LlamaShape } from "../../../models/decoder/shape.ts";
import { InputError } from "../../../models/errors.ts";
import { publicShapes, shapeNamed, shapeNames } from "../../../models/shapes/library.ts";
import { shapeSchema } from "../../../models/shapes/schema.ts";

function parameters(shape: LlamaShape): number {
  let count = 0;
  for (const sizes of tensorShapes(shape).values()) count += sizes.reduce((a, b) => a * b, 1);
  return count;
}

test("every shape keeps to the schema and says where it is from", () => {
  for (const { llama, source } of publicShapes()) {
    if (llama !== null) expect(shapeSchema.parse(llama)).toEqual(llama);
    expect(source).toMatch(/config\.json/);
  }
  expect(new Set(shapeNames()).size).toBe(publicShapes().length);
});

test.each([
  ["llama-2-7b", 6_738_415_616],
  ["llama-2-13b", 13_015_864_320],
  ["llama-2-70b", 68_976_648_192],
  ["llama-3-8b", 8_030_261_248],
  ["llama-3.1-8b", 8_030_261_248],
  ["llama-3.2-1b", 1_235_814_400],
  ["tinyllama-1.1b", 1_100_048_384],
  ["smollm2-135m", 134_515_008],
])("%s has the %i parameters that its model card says", (name, published) => {
  expect(parameters(shapeNamed(name))).toBe(published);
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
