import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  assign,
  assignAt,
  bit,
  instance,
  lookup,
  module,
  mux,
  named,
  pack,
  register,
  select,
  signed,
  unpack,
  unsigned,
  when,
  wire,
} from "../../../hdl/builder/index.ts";
import { Run } from "./run.ts";

const complex = { re: signed(6), im: signed(6) };

describe("structs and arrays", () => {
  test("of ports take the names of the path to a number", () => {
    const design = module(
      "swap",
      {
        inputs: { pair: array(2, complex), go: bit },
        outputs: { sums: array(2, { both: signed(7) }), first: complex },
      },
      ({ pair, go, sums, first }) => {
        for (const [i, { both }] of sums.entries()) both.set(pair[i]!.re.add(pair[i]!.im));
        assign(first, mux(go, pair[1]!, pair[0]!));
      },
    );
    const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
    expect(names(design.inputs)).toEqual(["pair_0_re", "pair_0_im", "pair_1_re", "pair_1_im", "go"]);
    expect(names(design.outputs)).toEqual(["sums_0_both", "sums_1_both", "first_re", "first_im"]);
    const run = new Run(design).set({ pair_0_re: 3, pair_0_im: -5, pair_1_re: 31, pair_1_im: 31, go: 1 });
    expect(["sums_0_both", "sums_1_both", "first_re"].map((name) => run.get(name))).toEqual([-2, 62, 31]);
  });

  test("go through instances, registers and wires", () => {
    const conjugate = module("conjugate", { inputs: { z: complex }, outputs: { w: complex } }, ({ z, w }) =>
      assign(w, { re: z.re, im: z.im.negate().saturate(6) }),
    );
    const design = module(
      "outer",
      { inputs: { z: array(3, complex) }, outputs: { w: array(3, complex) } },
      ({ z, w }) => {
        const held = register("held", array(3, complex), { reset: 0, next: z });
        const middle = wire("middle", array(3, complex));
        for (const [i, one] of held.entries()) assign(middle[i]!, instance(`u${i}`, conjugate, { z: one }).w);
        assign(w, named("shown", middle));
      },
    );
    const run = new Run(design).set({ z_0_im: 5, z_1_im: -32, z_2_re: 7 }).step();
    expect(["w_0_im", "w_1_im", "w_2_re"].map((name) => run.get(name))).toEqual([-5, 31, 7]);
  });

  test("one element is chosen and assigned by an index, and the others hold", () => {
    const length = 5;
    const inputs = { index: unsigned(3), value: unsigned(8), write: bit };
    const outputs = { read: unsigned(8), all: array(length, unsigned(8)) };
    const design = module("file", { inputs, outputs }, ({ index, value, write, read, all }) => {
      const file = register("file", array(length, { word: unsigned(8) }), { initial: 1 });
      when(write, () => assignAt(file, index, { word: value }));
      read.set(select(index, file).word);
      assign(
        all,
        file.map(({ word }) => word),
      );
    });
    const step = fc.record({ index: fc.nat(7), value: fc.nat(255), write: fc.nat(1) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const run = new Run(design);
        const file = Array.from({ length }, () => 1);
        for (const { index, value, write } of steps) {
          run.set({ index, value, write });
          expect(run.get("read")).toBe(file[Math.min(index, length - 1)]);
          run.step();
          if (write === 1 && index < length) file[index] = value;
          expect(file.map((_, i) => run.get(`all_${i}`))).toEqual(file);
        }
      }),
    );
  });

  test("become bits and come back", () => {
    const shape = { low: unsigned(3), middle: array(2, signed(4)), high: bit };
    const design = module(
      "packing",
      { inputs: { value: shape }, outputs: { bits: unsigned(12), back: shape, number: signed(4) } },
      ({ value, bits, back, number }) => {
        bits.set(pack(value));
        assign(back, unpack(shape, pack(value)));
        number.set(unpack(signed(4), pack(value.middle[0]!)));
      },
    );
    const run = new Run(design).set({ value_low: 5, value_middle_0: -3, value_middle_1: 2, value_high: 1 });
    expect(run.get("bits").toString(2)).toBe("1" + "0010" + "1101" + "101");
    expect(
      ["back_low", "back_middle_0", "back_middle_1", "back_high", "number"].map((name) => run.get(name)),
    ).toEqual([5, -3, 2, 1, -3]);
  });

  test("of constants are looked up", () => {
    const squares = Array.from({ length: 10 }, (_, i) => ({ value: i * i, odd: i % 2 }));
    const design = module(
      "squares",
      { inputs: { x: unsigned(4) }, outputs: { value: unsigned(7), odd: bit } },
      ({ x, value, odd }) => {
        const found = lookup(x, { value: unsigned(7), odd: bit }, squares);
        value.set(found.value);
        odd.set(found.odd);
      },
    );
    const run = new Run(design);
    expect([0, 1, 7, 9, 15].map((x) => run.set({ x }).get("value"))).toEqual([0, 1, 49, 81, 81]);
  });

  test("may have fields called as the builder's own", () => {
    const shape = { node: bit, shape: bit, set: bit, width: bit };
    const design = module("names", { inputs: { v: shape }, outputs: { w: shape } }, ({ v, w }) =>
      assign(w, v),
    );
    expect(new Run(design).set({ v_shape: 1 }).get("w_shape")).toBe(1);
  });
});
