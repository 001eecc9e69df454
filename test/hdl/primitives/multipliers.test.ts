import { describe, expect, it } from "vitest";
import { array, bit, type Module, module, signed, unsigned } from "../../../hdl/builder/index.ts";
import {
  dualAccumulator8,
  dualMultiplier8,
  dualMultiplyAdd8,
  multiplier16,
} from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { column, randomNumber, trace, type Values } from "./run.ts";

const CYCLES = 400;
const random = new Random(7);

const wrap16 = (value: number): number => (value << 16) >> 16;

/** Without a negative zero. */
const times = (a = 0, b = 0): number => a * b + 0;

const pair = <T>([high, low]: readonly T[]): readonly [T, T] => [high!, low!];

const cycles = (make: () => Values): Values[] => Array.from({ length: CYCLES }, make);

const multipliers: Record<string, readonly [boolean, boolean, (a: number, b: number) => Module]> = {
  "signed and signed": [
    true,
    true,
    (a, b) =>
      module("top", { inputs: { a: signed(a), b: signed(b) }, outputs: { product: signed(a + b) } }, (io) =>
        io.product.set(multiplier16("mul", io.a, io.b)),
      ),
  ],
  "signed and unsigned": [
    true,
    false,
    (a, b) =>
      module("top", { inputs: { a: signed(a), b: unsigned(b) }, outputs: { product: signed(a + b) } }, (io) =>
        io.product.set(multiplier16("mul", io.a, io.b)),
      ),
  ],
  "unsigned and signed": [
    false,
    true,
    (a, b) =>
      module("top", { inputs: { a: unsigned(a), b: signed(b) }, outputs: { product: signed(a + b) } }, (io) =>
        io.product.set(multiplier16("mul", io.a, io.b)),
      ),
  ],
  "unsigned and unsigned": [
    false,
    false,
    (a, b) =>
      module(
        "top",
        { inputs: { a: unsigned(a), b: unsigned(b) }, outputs: { product: unsigned(a + b) } },
        (io) => io.product.set(multiplier16("mul", io.a, io.b)),
      ),
  ],
};

describe("multiplier16", () => {
  it.each(Object.keys(multipliers))("gives exact products after 3 cycles: %s", (name) => {
    const [aSigned, bSigned, make] = multipliers[name]!;
    for (const [a, b] of pair([
      [16, 16],
      [11, 7],
    ])) {
      const inputs = cycles(() => ({
        a: randomNumber(random, a!, aSigned),
        b: randomNumber(random, b!, bSigned),
      }));
      const products = column(trace(make(a!, b!), inputs), "product");
      expect(products.slice(3)).toEqual(inputs.slice(0, -3).map((row) => times(row.a, row.b)));
    }
  });

  it("stands still without enable", () => {
    const top = module(
      "top",
      { inputs: { a: signed(16), b: signed(16), enable: bit }, outputs: { product: signed(32) } },
      ({ a, b, enable, product }) => product.set(multiplier16("mul", a, b, { enable })),
    );
    const inputs = cycles(() => ({
      a: randomNumber(random, 16, true),
      b: randomNumber(random, 16, true),
      enable: random.below(2),
    }));
    const products = column(trace(top, inputs), "product");
    const taken: number[] = [];
    for (const [i, { a, b, enable }] of inputs.entries()) {
      if (taken.length >= 3) expect(products[i]).toBe(taken.at(-3));
      if (enable === 1) taken.push(times(a, b));
    }
  });

  it("refuses numbers that are too wide", () => {
    const make = () =>
      module("top", { inputs: { a: signed(17) }, outputs: { product: signed(33) } }, ({ a, product }) =>
        product.set(multiplier16("mul", a, a)),
      );
    expect(make).toThrow("multiplier mul takes numbers of at most 16 bits, and was given 17");
  });
});

const byte = array(2, signed(8));
const sum = array(2, signed(16));

const bytes = (names: readonly string[], width = 8): Values =>
  Object.fromEntries(names.map((name) => [name, randomNumber(random, width, true)]));

describe("two 8-bit products in one cell", () => {
  it("come out exactly after 2 cycles", () => {
    const top = module(
      "top",
      { inputs: { a: byte, b: byte }, outputs: { product: sum } },
      ({ a, b, product }) => {
        const products = dualMultiplier8("mul", pair(a), pair(b));
        for (const [i, output] of product.entries()) output.set(products[i]!);
      },
    );
    expect(top.instances).toHaveLength(1);
    const inputs = cycles(() => bytes(["a_0", "a_1", "b_0", "b_1"]));
    const outputs = trace(top, inputs);
    for (const i of [0, 1])
      expect(column(outputs, `product_${i}`).slice(2)).toEqual(
        inputs.slice(0, -2).map((row) => times(row[`a_${i}`], row[`b_${i}`])),
      );
  });

  it.each([true, false])("are added to sums, modulo 2^16 (registerSums: %s)", (registerSums) => {
    const top = module(
      "top",
      { inputs: { a: byte, b: byte, before: sum }, outputs: { after: sum } },
      ({ a, b, before, after }) => {
        const sums = dualMultiplyAdd8("mul", pair(a), pair(b), pair(before), { registerSums });
        for (const [i, output] of after.entries()) output.set(sums[i]!);
      },
    );
    const inputs = cycles(() => ({
      ...bytes(["a_0", "a_1", "b_0", "b_1"]),
      ...bytes(["before_0", "before_1"], 16),
    }));
    const outputs = trace(top, inputs);
    const later = registerSums ? 1 : 2;
    for (const i of [0, 1])
      expect(column(outputs, `after_${i}`).slice(3)).toEqual(
        inputs
          .slice(0, -3)
          .map((row, at) =>
            wrap16(times(row[`a_${i}`], row[`b_${i}`]) + inputs[at + later]![`before_${i}`]!),
          ),
      );
  });

  it("are accumulated modulo 2^16 until they are cleared", () => {
    const top = module("top", { inputs: { a: byte, b: byte, clear: bit }, outputs: { sum } }, (io) => {
      const sums = dualAccumulator8("mul", pair(io.a), pair(io.b), { clear: io.clear });
      for (const [i, output] of io.sum.entries()) output.set(sums[i]!);
    });
    const inputs = cycles(() => ({
      ...bytes(["a_0", "a_1", "b_0", "b_1"]),
      clear: random.chance(0.1) ? 1 : 0,
    }));
    inputs[4] = { ...inputs[4]!, clear: 1 };
    const outputs = trace(top, inputs);
    for (const i of [0, 1]) {
      let expected = 0;
      for (let at = 4; at + 1 < CYCLES; at++) {
        const { [`a_${i}`]: a, [`b_${i}`]: b } = inputs[at - 2]!;
        expected = inputs[at]!.clear === 1 ? 0 : wrap16(expected + times(a, b));
        expect(outputs[at + 1]![`sum_${i}`]).toBe(expected);
      }
    }
  });
});
