import { describe, expect, test } from "vitest";
import {
  bit,
  findUnused,
  instance,
  memory,
  module,
  named,
  primitive,
  register,
  unsigned,
} from "../../../hdl/builder/index.ts";

const found = (design: Parameters<typeof findUnused>[0]): string[] =>
  findUnused(design).map(({ kind, module: where, name }) => `${kind} ${name} of ${where}`);

describe("unused", () => {
  test("is what no output follows, and only that", () => {
    const design = module(
      "m",
      { inputs: { a: bit, b: bit, at: unsigned(1), data: unsigned(4) }, outputs: { y: unsigned(4) } },
      ({ a, b, at, data, y }) => {
        named("shown", a.and(b));
        const idle = register("idle", unsigned(4), { initial: 0 });
        idle.set(idle.addWrap(1));
        const written = memory("written", unsigned(4), { depth: 2 });
        written.write(at, data);
        written.read(at);
        const words = memory("words", unsigned(4), { depth: 2 });
        words.write(at, data);
        words.read(at, { name: "second" });
        y.set(words.read(at, { name: "first" }));
      },
    );
    expect(found(design)).toEqual([
      "input a of m",
      "input b of m",
      "wire shown of m",
      "register idle of m",
      "memory written of m",
      "read second of m",
    ]);
  });

  test("goes through instances, each module once", () => {
    const inner = module("inner", { inputs: { a: bit, b: bit }, outputs: { y: bit } }, ({ a, y }) =>
      y.set(a),
    );
    const outer = module("outer", { inputs: { a: bit, c: bit }, outputs: { y: bit } }, ({ a, c, y }) => {
      instance("loose", inner, { a: c, b: c });
      y.set(instance("used", inner, { a, b: a }).y);
    });
    expect(found(outer)).toEqual(["input c of outer", "instance loose of outer", "input b of inner"]);
    expect(findUnused(outer)[1]!.source.line).toBeGreaterThan(0);
  });

  test("is nothing that acts on a pin", () => {
    const pin = { inputs: { D: bit }, outputs: { Q: bit }, inouts: ["PIN"] } as const;
    const cell = primitive(
      "IO",
      {},
      module("IO", pin, ({ D, Q }) => Q.set(D)),
    );
    const driver = primitive(
      "LED",
      {},
      module("LED", { inputs: { D: bit }, outputs: {} }, () => {}),
    );
    const sum = primitive(
      "ADD",
      {},
      module("ADD", { inputs: { D: bit }, outputs: { Q: bit } }, ({ D, Q }) => Q.set(D)),
    );
    const wrapped = module("wrapped", pin, ({ D, Q, pads }) =>
      Q.set(instance("io", cell, { D }, { pads: { PIN: pads.PIN } }).Q),
    );
    const board = module(
      "board",
      { inputs: { a: bit, b: bit, c: bit }, outputs: {}, inouts: ["p", "q"] },
      ({ a, b, c, pads }) => {
        instance("w", wrapped, { D: a }, { pads: { PIN: pads.p } });
        instance("led", driver, { D: b });
        instance("sum", sum, { D: c });
      },
    );
    expect(found(board)).toEqual(["input c of board", "inout q of board", "instance sum of board"]);
  });
});
