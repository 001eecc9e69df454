import { describe, expect, test } from "vitest";
import {
  array,
  assign,
  assignAt,
  bit,
  type Design,
  instance,
  memory,
  module,
  mux,
  register,
  type Shape,
  type Signed,
  select,
  signed,
  stateMachine,
  switchOn,
  type Unsigned,
  type UnsignedShape,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { Run } from "./run.ts";

const shapes = {
  inputs: { a: bit, x: unsigned(8), s: signed(8), p: { u: unsigned(4), list: array(2, signed(3)) } },
  outputs: { y: unsigned(8), q: { u: unsigned(4), list: array(2, signed(3)) } },
};
type Io = Parameters<Parameters<typeof module<typeof shapes.inputs, typeof shapes.outputs>>[2]>[0];

/** Only compiled: each line under `@ts-expect-error` is one that TypeScript has to refuse. */
function refused({ a, x, s, p, y, q }: Io): void {
  // @ts-expect-error unsigned and signed
  x.add(s);
  // @ts-expect-error signed and unsigned
  s.sub(x);
  // @ts-expect-error
  x.eq(s);
  // @ts-expect-error
  s.lt(x);
  // @ts-expect-error
  x.and(s);
  // @ts-expect-error
  mux(a, x, s);
  // @ts-expect-error a difference is signed
  y.set(x.sub(1));
  // @ts-expect-error
  y.set(s);
  // @ts-expect-error an input
  x.set(1);
  // @ts-expect-error an input's field
  p.u.set(1);
  // @ts-expect-error an input
  assign(p, { u: 1, list: [0, 0] });
  // @ts-expect-error a field is missing
  assign(q, { u: 1 });
  // @ts-expect-error a field too many
  assign(q, { u: 1, list: [0, 0], w: 1 });
  // @ts-expect-error a sign
  assign(q, { u: s, list: [0, 0] });
  // @ts-expect-error an element's sign
  assignAt(q.list, a, x);
  // @ts-expect-error a comparison of TypeScript is no signal
  when(x < y, () => {});
  // @ts-expect-error a sign
  when(s, () => {});
  // @ts-expect-error a sign
  register("r", signed(8), { next: x });
  // @ts-expect-error no number
  register("r", unsigned(8), { reset: "0" });
  // @ts-expect-error an address is unsigned
  memory("m", unsigned(8), { depth: 256 }).read(s);
  // @ts-expect-error a word's sign
  memory("m", unsigned(8), { depth: 256 }).write(x, s);
  // @ts-expect-error no such state
  stateMachine("phase", ["idle", "run"]).go("stop");
  // @ts-expect-error no such state
  stateMachine("phase", ["idle", "run"]).on({ stop: () => {} });
  // @ts-expect-error a string
  switchOn(x, { zero: () => {} });
  const inner = module("inner", { inputs: { x: unsigned(8) }, outputs: { y: signed(8) } }, () => {});
  // @ts-expect-error an input is missing
  instance("u", inner, {});
  // @ts-expect-error a sign
  instance("u", inner, { x: s });
  // @ts-expect-error no such output
  instance("u", inner, { x }).z;
  // @ts-expect-error a sign
  y.set(instance("u", inner, { x }).y);
  // @ts-expect-error no such port
  module("m", { inputs: { x: bit }, outputs: {} }, ({ z }) => z);
  // @ts-expect-error no such input
  module("m", { inputs: { x: bit }, outputs: {}, inputDomains: { z: null } }, () => {});
}

/** Only compiled: what has to pass. */
function accepted({ a, x, s, y, q, p }: Io): void {
  const r = register("r", unsigned(8), { reset: 0, next: 0 });
  const sum: Unsigned = r.add(x).add(1).add(2n);
  const difference: Signed = x.sub(r);
  const equal: Unsigned = r.eq(x).and(x.eq(r)).and(r.eq(r));
  const chosen: Unsigned = mux(a, r, x)
    .or(mux(a, 0, x))
    .or(mux(a, x, 255));
  const element: Signed = select(a, p.list).add(s);
  const field: Unsigned = mux(a, p, q).u;
  y.set(chosen);
  assign(q, p);
  assign(q, { u: 1, list: [element.truncate(3), 0] });
  assign(q.list, p.list);
  void [sum, difference, equal, field];
}

/** A function that is generic over what it carries. */
function stage<const S extends Shape>(shape: S): Design<{ take: UnsignedShape; value: S }, { last: S }> {
  return module("stage", { inputs: { take: bit, value: shape }, outputs: { last: shape } }, (io) => {
    const kept = register("kept", shape, { enable: io.take, next: io.value });
    const words = memory("words", shape, { depth: 2 });
    words.write(io.take, kept);
    words.write(io.take, io.value);
    const again = register("again", shape, { next: mux(io.take, io.value, words.read(io.take)) });
    assign<S>(io.last, again);
  });
}

describe("types", () => {
  test("are checked by TypeScript before anything runs", () => {
    // The functions above are the test; they are compiled by `npm run check`.
    expect([refused, accepted]).toHaveLength(2);
  });

  test("let a module be generic over a shape", () => {
    const design = stage({ x: unsigned(4), y: array(2, signed(3)) });
    expect(design.inputs.map(({ name }) => name)).toEqual(["take", "value_x", "value_y_0", "value_y_1"]);
    const run = new Run(design).set({ take: 1, value_x: 9, value_y_0: -4, value_y_1: 3 }).step();
    expect(["last_x", "last_y_0", "last_y_1"].map((name) => run.get(name))).toEqual([9, -4, 3]);
  });
});
