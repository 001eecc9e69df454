import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStrictJson } from "../../../models/checkpoint/strict-json.ts";
import { InputError } from "../../../models/errors.ts";

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text), "x.json");

/** Texts with what a careless scanner stumbles over: quotes, backslashes, brackets and commas within strings. */
const text = fc.string({ unit: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "a", "é", "\n") });
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("any"), { maxLength: 4 }),
  object: fc.dictionary(text, tie("any"), { maxKeys: 4 }),
})).any;

test("JSON without repeated keys is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (json, indent) => {
      const written = JSON.stringify(json, null, indent);
      expect(parse(written)).toEqual(JSON.parse(written));
    }),
  );
});

describe("a key that stands twice is found", () => {
  test("wherever the object is, and whatever stands between", () => {
    fc.assert(
      fc.property(text, value, value, value, (key, first, second, around) => {
        const pair = (json: unknown) => `${JSON.stringify(key)}: ${JSON.stringify(json)}`;
        const object = `{${pair(first)}, "between": ${JSON.stringify(around)}, ${pair(second)}}`;
        for (const written of [
          object,
          `[1, ${object}]`,
          `{"outer": ${object}}`,
          `[[], {}, {"a": [${object}]}]`,
        ]) {
          expect(() => parse(written)).toThrow(InputError);
          expect(() => parse(written)).toThrow("stands twice");
        }
      }),
    );
  });

  test("however it is spelled", () => {
    expect(() => parse('{"ab": 1, "\\u0061b": 2}')).toThrow('x.json: the key "ab" stands twice.');
  });

  test("but not across objects", () => {
    expect(parse('{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": "a"}')).toBeDefined();
  });
});

test("what is not JSON, or not UTF-8, is refused", () => {
  for (const written of ["", "{", '{"a":1,}', "NaN", "{'a':1}", "// x", "1 2"]) {
    expect(() => parse(written)).toThrow(InputError);
  }
  expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22), "x.json")).toThrow(
    "x.json is not valid JSON",
  );
});

test("nesting of any depth and strings of any length take time in proportion", () => {
  const depth = 200_000;
  expect(parse(`${"[".repeat(depth)}${"]".repeat(depth)}`)).toBeInstanceOf(Array);
  expect(parse(JSON.stringify('\\"'.repeat(500_000)))).toHaveLength(1_000_000);
});
