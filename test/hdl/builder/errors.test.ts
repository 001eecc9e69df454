import { describe, expect, test } from "vitest";
import {
  array,
  assign,
  assignAt,
  bit,
  clockDomain,
  concat,
  delayed,
  firstOne,
  indexWidth,
  instance,
  lookup,
  memory,
  module,
  mux,
  named,
  oneHot,
  primitive,
  register,
  type Signed,
  sampleAcross,
  select,
  signed,
  signedConstant,
  stateMachine,
  sum,
  synchronize,
  type Unsigned,
  unpack,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../../hdl/builder/index.ts";
import { mistake } from "./run.ts";

interface Inside {
  readonly a: Unsigned;
  readonly x: Unsigned;
  readonly w: Unsigned;
  readonly s: Signed;
  readonly y: Unsigned & { set(value: Unsigned | number | bigint): void };
}

/** The mistake that is made in the body of a module. */
const inside = (body: (io: Inside) => void): string =>
  mistake(() =>
    module(
      "m",
      { inputs: { a: bit, x: unsigned(8), w: unsigned(12), s: signed(8) }, outputs: { y: unsigned(8) } },
      body,
    ),
  );

/** As TypeScript would not let it pass. */
const wrong = (value: unknown): never => value as never;

describe("types", () => {
  test("signs do not mix", () => {
    expect(inside(({ x, s }) => x.add(wrong(s)))).toMatchInlineSnapshot(`
      "the sum of unsigned 8 and signed 8: make both signed by .toSigned(), which adds a bit, or reinterpret one by .asSigned() or .asUnsigned()
      > inside(({ x, s }) => x.add(wrong(s)))"
    `);
    expect(inside(({ x, s }) => s.lt(wrong(x)))).toMatchInlineSnapshot(`
      "a comparison of signed 8 and unsigned 8: make both signed by .toSigned(), which adds a bit, or reinterpret one by .asSigned() or .asUnsigned()
      > inside(({ x, s }) => s.lt(wrong(x)))"
    `);
    expect(inside(({ x, s }) => x.xor(wrong(s)))).toMatchInlineSnapshot(`
      ".xor() takes unsigned 8, and was given signed 8: say .asUnsigned() if that is meant
      > inside(({ x, s }) => x.xor(wrong(s)))"
    `);
  });

  test("nothing is cut off or extended by itself", () => {
    expect(inside(({ x, y }) => y.set(x.add(1)))).toMatchInlineSnapshot(`
      "output y takes unsigned 8, and was given unsigned 9: say .truncate(8) if that is meant
      > inside(({ x, y }) => y.set(x.add(1)))"
    `);
    expect(inside(({ a, y }) => y.set(a))).toMatchInlineSnapshot(`
      "output y takes unsigned 8, and was given unsigned 1: say .extend(8) if that is meant
      > inside(({ a, y }) => y.set(a))"
    `);
    expect(inside(({ s, y }) => y.set(wrong(s)))).toMatchInlineSnapshot(`
      "output y takes unsigned 8, and was given signed 8: say .asUnsigned() if that is meant
      > inside(({ s, y }) => y.set(wrong(s)))"
    `);
    expect(inside(({ x }) => register("r", signed(12), { next: wrong(x) }))).toMatchInlineSnapshot(`
      "register r takes signed 12, and was given unsigned 8: say .toSigned().extend(12) if that is meant
      > inside(({ x }) => register("r", signed(12), { next: wrong(x) }))"
    `);
    expect(inside(({ x }) => register("r", signed(9), { next: wrong(x) }))).toMatchInlineSnapshot(`
      "register r takes signed 9, and was given unsigned 8: say .toSigned() if that is meant
      > inside(({ x }) => register("r", signed(9), { next: wrong(x) }))"
    `);
    expect(inside(({ w }) => register("r", signed(8), { next: wrong(w) }))).toMatchInlineSnapshot(`
      "register r takes signed 8, and was given unsigned 12: say .truncate(8).asSigned() if that is meant
      > inside(({ w }) => register("r", signed(8), { next: wrong(w) }))"
    `);
    expect(inside(({ x, w }) => x.and(w))).toMatchInlineSnapshot(`
      ".and() takes unsigned 8, and was given unsigned 12: say .truncate(8) if that is meant
      > inside(({ x, w }) => x.and(w))"
    `);
    expect(inside(({ a, x, w }) => mux(a, x, w))).toMatchInlineSnapshot(`
      "mux takes unsigned 8, and was given unsigned 12: say .truncate(8) if that is meant
      > inside(({ a, x, w }) => mux(a, x, w))"
    `);
    expect(inside(({ x }) => x.truncate(9))).toMatchInlineSnapshot(`
      ".truncate(9) of unsigned 8: to make it wider say .extend(9)
      > inside(({ x }) => x.truncate(9))"
    `);
    expect(inside(({ x }) => x.extend(7))).toMatchInlineSnapshot(`
      ".extend(7) of unsigned 8: to make it narrower say .truncate(7)
      > inside(({ x }) => x.extend(7))"
    `);
    expect(inside(({ s }) => s.saturate(9))).toMatchInlineSnapshot(`
      ".saturate(9) of signed 8: to make it wider say .extend(9)
      > inside(({ s }) => s.saturate(9))"
    `);
    expect(inside(({ x, w }) => x.addWrap(w))).toMatchInlineSnapshot(`
      ".addWrap() takes unsigned 8, and was given unsigned 12: say .truncate(8) if that is meant
      > inside(({ x, w }) => x.addWrap(w))"
    `);
  });

  test("conditions are single bits", () => {
    expect(inside(({ x }) => when(x, () => {}))).toMatchInlineSnapshot(`
      "when takes a single unsigned bit, and was given unsigned 8: compare it, or say .any()
      > inside(({ x }) => when(x, () => {}))"
    `);
    expect(inside(({ x, y }) => mux(x, y, 0))).toMatchInlineSnapshot(`
      "a multiplexer's condition takes a single unsigned bit, and was given unsigned 8: compare it, or say .any()
      > inside(({ x, y }) => mux(x, y, 0))"
    `);
    expect(inside(({ x }) => register("r", bit, { enable: x, next: 0 }))).toMatchInlineSnapshot(`
      "the enable of r takes a single unsigned bit, and was given unsigned 8: compare it, or say .any()
      > inside(({ x }) => register("r", bit, { enable: x, next: 0 }))"
    `);
    expect(inside(({ x }) => oneHot([[x, 1]]))).toMatchInlineSnapshot(`
      "oneHot is given numbers alone, which have no width: say one by unsignedConstant or signedConstant
      > inside(({ x }) => oneHot([[x, 1]]))"
    `);
  });

  test("bits that are not there", () => {
    expect(inside(({ x }) => x.bit(8))).toMatchInlineSnapshot(`
      "bit 8 of unsigned 8: the highest is bit 7, the lowest bit 0
      > inside(({ x }) => x.bit(8))"
    `);
    expect(inside(({ x }) => x.bits(0, 7))).toMatchInlineSnapshot(`
      "bits 0 to 7 of unsigned 8: the first is the higher one, and both lie between 7 and 0
      > inside(({ x }) => x.bits(0, 7))"
    `);
    expect(inside(({ x }) => x.repeat(0))).toMatchInlineSnapshot(`
      ".repeat(0); a count is a whole number, at least 1
      > inside(({ x }) => x.repeat(0))"
    `);
    expect(inside(() => concat())).toMatchInlineSnapshot(`
      "nothing to put side by side; concat takes one part at least
      > inside(() => concat())"
    `);
  });

  test("widths that cannot be", () => {
    expect(mistake(() => unsigned(0))).toMatchInlineSnapshot(`
      "unsigned() has a width of 0; a width is a whole number from 1 to 65536
      > mistake(() => unsigned(0))"
    `);
    expect(mistake(() => signed(2.5))).toMatchInlineSnapshot(`
      "signed() has a width of 2.5; a width is a whole number from 1 to 65536
      > mistake(() => signed(2.5))"
    `);
    expect(mistake(() => unsigned(70_000))).toMatchInlineSnapshot(`
      "unsigned() has a width of 70000; a width is a whole number from 1 to 65536
      > mistake(() => unsigned(70_000))"
    `);
    expect(mistake(() => array(0, bit))).toMatchInlineSnapshot(`
      "an array of 0 elements; a length is a whole number, at least 1
      > mistake(() => array(0, bit))"
    `);
    expect(mistake(() => indexWidth(0))).toMatchInlineSnapshot(`
      "an index of 0 things; there is one at least, and a whole number of them
      > mistake(() => indexWidth(0))"
    `);
    expect(inside(({ w }) => w.shl(w.shl(10)))).toMatchInlineSnapshot(`
      "the result of the shift to the left would have 4194315 bits; at most 65536 are allowed
      > inside(({ w }) => w.shl(w.shl(10)))"
    `);
    expect(inside(({ x }) => x.shl(-1))).toMatchInlineSnapshot(`
      "a shift by -1: an amount is a whole number, and not negative
      > inside(({ x }) => x.shl(-1))"
    `);
    expect(inside(({ x }) => delayed("x", x, -1))).toMatchInlineSnapshot(`
      "x is delayed by -1 cycles; that is a whole number, and not negative
      > inside(({ x }) => delayed("x", x, -1))"
    `);
  });

  test("operators of TypeScript", () => {
    expect(inside(({ x, w }) => (x < w ? 1 : 2))).toMatchInlineSnapshot(`
      "a signal is not a number of TypeScript: compute with its methods, .add(), .lt(), .eq() ...
      > inside(({ x, w }) => (x < w ? 1 : 2))"
    `);
    expect(inside(({ x }) => String(x))).toMatchInlineSnapshot(`
      "a signal is not a number of TypeScript: compute with its methods, .add(), .lt(), .eq() ...
      > inside(({ x }) => String(x))"
    `);
  });
});

describe("literals", () => {
  test("have to fit where a type is asked for", () => {
    expect(inside(({ y }) => y.set(256))).toMatchInlineSnapshot(`
      "output y: 256 does not fit unsigned 8 (0 to 255)
      > inside(({ y }) => y.set(256))"
    `);
    expect(inside(({ y }) => y.set(-1))).toMatchInlineSnapshot(`
      "output y: -1 does not fit unsigned 8 (0 to 255)
      > inside(({ y }) => y.set(-1))"
    `);
    expect(inside(() => register("r", signed(4), { reset: 8 }))).toMatchInlineSnapshot(`
      "the reset of r: 8 does not fit signed 4 (-8 to 7)
      > inside(() => register("r", signed(4), { reset: 8 }))"
    `);
    expect(inside(({ x }) => x.eq(300))).toMatchInlineSnapshot(`
      "a comparison of unsigned 8 (0 to 255) with 300 is always the same
      > inside(({ x }) => x.eq(300))"
    `);
    expect(inside(({ x }) => x.lt(256))).toMatchInlineSnapshot(`
      "a comparison of unsigned 8 (0 to 255) with 256 is always the same
      > inside(({ x }) => x.lt(256))"
    `);
    expect(inside(({ x }) => x.add(-1))).toMatchInlineSnapshot(`
      "-1 is negative where unsigned numbers are computed with: say .toSigned() before
      > inside(({ x }) => x.add(-1))"
    `);
    expect(inside(({ x }) => x.add(0.5))).toMatchInlineSnapshot(`
      "0.5 is no whole number
      > inside(({ x }) => x.add(0.5))"
    `);
    expect(inside(({ x }) => x.add(2 ** 60))).toMatchInlineSnapshot(`
      "1152921504606847000 is too large for a number that is exact: write a bigint, such as 5n
      > inside(({ x }) => x.add(2 ** 60))"
    `);
    expect(mistake(() => unsignedConstant(16, 4))).toMatchInlineSnapshot(`
      "a constant: 16 does not fit unsigned 4 (0 to 15)
      > mistake(() => unsignedConstant(16, 4))"
    `);
    expect(mistake(() => signedConstant(1n << 70n, 70))).toMatchInlineSnapshot(`
      "a constant: 1180591620717411303424 does not fit signed 70 (-2^69 to 2^69 - 1)
      > mistake(() => signedConstant(1n << 70n, 70))"
    `);
    expect(inside(({ a, y }) => y.set(mux(a, 1, 2) as unknown as Unsigned))).toMatchInlineSnapshot(`
      "mux is given numbers alone, which have no width: say one by unsignedConstant or signedConstant
      > inside(({ a, y }) => y.set(mux(a, 1, 2) as unknown as Unsigned))"
    `);
  });
});

describe("drivers", () => {
  test("are missed", () => {
    expect(inside(() => {})).toMatchInlineSnapshot(`
      "output y of m is not driven: nothing assigns it
      > module("
    `);
    expect(
      inside(({ y }) => {
        y.set(0);
        wire("middle", unsigned(4));
      }),
    ).toMatchInlineSnapshot(`
      "wire middle of m is not driven: nothing assigns it
      > wire("middle", unsigned(4));"
    `);
    expect(
      inside(({ y }) => {
        y.set(0);
        register("total", unsigned(4), { reset: 0 });
      }),
    ).toMatchInlineSnapshot(`
      "register total of m is not driven: nothing assigns it
      > register("total", unsigned(4), { reset: 0 });"
    `);
    expect(inside(({ a, y }) => when(a, () => y.set(0)))).toMatchInlineSnapshot(`
      "output y of m is driven under some conditions only, such as this: assign a value for the others first
      > inside(({ a, y }) => when(a, () => y.set(0)))"
    `);
    expect(
      inside(({ x, y }) => {
        const words = memory("words", unsigned(8), { depth: 256 });
        y.set(words.read(x));
      }),
    ).toMatchInlineSnapshot(`
      "memory words of m is never written, and begins with nothing: write it or give it initial words
      > const words = memory("words", unsigned(8), { depth: 256 });"
    `);
  });

  test("have to be there under all conditions, as far as the builder can see", () => {
    expect(
      inside(({ a, y }) => {
        when(a, () => y.set(0));
        when(a.not(), () => y.set(1));
      }),
    ).toMatchInlineSnapshot(`
      "output y of m is driven under some conditions only, such as this: assign a value for the others first
      > when(a, () => y.set(0));"
    `);
    expect(
      inside(({ a, x, y }) => {
        when(a, () => when(x.any(), () => y.set(0))).otherwise(() => y.set(1));
      }),
    ).toMatchInlineSnapshot(`
      "output y of m is driven under some conditions only, such as this: assign a value for the others first
      > when(a, () => when(x.any(), () => y.set(0))).otherwise(() => y.set(1));"
    `);
  });

  test("are too many", () => {
    expect(
      inside(({ x, y }) => {
        y.set(0);
        y.set(x);
      }),
    ).toMatchInlineSnapshot(`
      "output y of m is driven twice: this hides what is assigned at [y.set(0);]; put the general case first and the special ones after it
      > y.set(x);"
    `);
    expect(
      inside(({ a, x, y }) => {
        when(a, () => y.set(0));
        y.set(x);
      }),
    ).toMatchInlineSnapshot(`
      "output y of m is driven twice: this hides what is assigned under the condition at [when(a, () => y.set(0));]; put the general case first and the special ones after it
      > y.set(x);"
    `);
    expect(
      inside(({ x, y }) => {
        y.set(0);
        const last = register("last", unsigned(8), { next: x });
        last.set(0);
      }),
    ).toMatchInlineSnapshot(`
      "register last of m is driven twice: this hides what is assigned at [const last = register("last", unsigned(8), { next: x });]; put the general case first and the special ones after it
      > last.set(0);"
    `);
  });

  test("cannot drive this", () => {
    expect(inside(({ x }) => (x as Inside["y"]).set(1))).toMatchInlineSnapshot(`
      "this signal cannot be assigned: registers, wires and outputs can; an element that a signal counts by assignAt
      > inside(({ x }) => (x as Inside["y"]).set(1))"
    `);
    expect(
      inside(({ a }) => {
        const pair = register("pair", array(2, bit));
        select(a, pair).set(1);
      }),
    ).toMatchInlineSnapshot(`
      "this signal cannot be assigned: registers, wires and outputs can; an element that a signal counts by assignAt
      > select(a, pair).set(1);"
    `);
    expect(inside(({ x }) => assign(wrong(x), wrong(1)))).toMatchInlineSnapshot(`
      "this signal cannot be assigned; registers, wires and outputs can
      > inside(({ x }) => assign(wrong(x), wrong(1)))"
    `);
  });
});

describe("names", () => {
  test("are taken once", () => {
    expect(
      inside(() => {
        register("last", bit, { next: 0 });
        wire("last", bit).set(0);
      }),
    ).toMatchInlineSnapshot(`
      "m already has something called last, from [register("last", bit, { next: 0 });]; give this wire another name
      > wire("last", bit).set(0);"
    `);
    expect(inside(({ x }) => named("x", x))).toMatchInlineSnapshot(`
      "m already has something called x, from [module(]; give this wire another name
      > inside(({ x }) => named("x", x))"
    `);
    expect(
      mistake(() => module("m", { inputs: { a_b: bit, a: { b: bit } }, outputs: {} }, () => {})),
    ).toMatchInlineSnapshot(`
      "m already has something called a_b, from [mistake(() => module("m", { inputs: { a_b: bit, a: { b: bit } }, outputs: {} }, () => {}))]; give this input another name
      > mistake(() => module("m", { inputs: { a_b: bit, a: { b: bit } }, outputs: {} }, () => {}))"
    `);
    expect(
      mistake(() => module("m", { inputs: { a: bit }, outputs: { a: bit } }, () => {})),
    ).toMatchInlineSnapshot(`
      "m already has something called a, from [mistake(() => module("m", { inputs: { a: bit }, outputs: { a: bit } }, () => {}))]; give this output another name
      > mistake(() => module("m", { inputs: { a: bit }, outputs: { a: bit } }, () => {}))"
    `);
    expect(
      inside(({ y }) => {
        y.set(0);
        register("clock", bit, { next: 0 });
      }),
    ).toMatchInlineSnapshot(`
      "m uses the name clock, which is the port of clock domain sync; give it another
      > register("clock", bit, { next: 0 });"
    `);
    expect(
      mistake(() => module("m", { inputs: { pads: bit }, outputs: {} }, () => {})),
    ).toMatchInlineSnapshot(`
      "a port of m is called pads, as the body's inouts are; give it another name
      > mistake(() => module("m", { inputs: { pads: bit }, outputs: {} }, () => {}))"
    `);
  });

  test("are identifiers", () => {
    expect(mistake(() => module("two words", { inputs: {}, outputs: {} }, () => {}))).toMatchInlineSnapshot(`
      ""two words" cannot be the name of a module: a letter, then letters, digits and underscores
      > mistake(() => module("two words", { inputs: {}, outputs: {} }, () => {}))"
    `);
    expect(inside(() => wire("1st", bit))).toMatchInlineSnapshot(`
      ""1st" cannot be the name of this wire: a letter, then letters, digits and underscores
      > inside(() => wire("1st", bit))"
    `);
    expect(mistake(() => clockDomain(""))).toMatchInlineSnapshot(`
      """ cannot be the name of a clock domain: a letter, then letters, digits and underscores
      > mistake(() => clockDomain(""))"
    `);
  });
});

describe("modules", () => {
  test("keep to themselves", () => {
    expect(
      inside(({ x }) => {
        module("inner", { inputs: {}, outputs: { y: unsigned(8) } }, ({ y }) => y.set(x.not()));
      }),
    ).toMatchInlineSnapshot(`
      "input x belongs to another module than inner, which uses it; bring it in by an input
      > module("inner", { inputs: {}, outputs: { y: unsigned(8) } }, ({ y }) => y.set(x.not()));"
    `);
    expect(
      inside(({ y }) => {
        module("inner", { inputs: {}, outputs: {} }, () => y.set(1));
      }),
    ).toMatchInlineSnapshot(`
      "wire y belongs to another module than inner; connect them by ports
      > module("inner", { inputs: {}, outputs: {} }, () => y.set(1));"
    `);
    expect(
      inside(({ x }) => {
        const words = memory("words", unsigned(8), { depth: 256 });
        module("inner", { inputs: {}, outputs: {} }, () => words.write(x, 0));
      }),
    ).toMatchInlineSnapshot(`
      "memory words belongs to another module than inner; connect them by ports
      > module("inner", { inputs: {}, outputs: {} }, () => words.write(x, 0));"
    `);
    expect(
      inside(({ a }) => {
        module("inner", { inputs: {}, outputs: { y: bit } }, ({ y }) => {
          y.set(0);
          when(a, () => y.set(1));
        });
      }),
    ).toMatchInlineSnapshot(`
      "input a belongs to another module than inner, which uses it; bring it in by an input
      > when(a, () => y.set(1));"
    `);
    expect(
      inside(({ x }) => {
        module("inner", { inputs: { b: bit }, outputs: { y: unsigned(8) } }, ({ b, y }) => {
          when(b, () => y.set(1)).otherwise(() => y.set(x));
        });
      }),
    ).toMatchInlineSnapshot(`
      "input x belongs to another module than inner, which uses it; bring it in by an input
      > when(b, () => y.set(1)).otherwise(() => y.set(x));"
    `);
    expect(
      inside(({ a }) => {
        const gate = { enable: a, next: 0 };
        module("inner", { inputs: {}, outputs: {} }, () => void register("r", bit, gate));
      }),
    ).toMatchInlineSnapshot(`
      "input a belongs to another module than inner, which uses it; bring it in by an input
      > module("inner", { inputs: {}, outputs: {} }, () => void register("r", bit, gate));"
    `);
  });

  test("are described in their bodies", () => {
    expect(mistake(() => register("r", bit))).toMatchInlineSnapshot(`
      "a register stands outside of a module's body
      > mistake(() => register("r", bit))"
    `);
    let kept: Inside["y"] | null = null;
    module("m", { inputs: {}, outputs: { y: unsigned(8) } }, ({ y }) => {
      y.set(0);
      kept = y;
    });
    expect(mistake(() => (kept as Inside["y"] | null)?.set(1))).toMatchInlineSnapshot(`
      "an assignment stands outside of a module's body
      > mistake(() => (kept as Inside["y"] | null)?.set(1))"
    `);
    expect(mistake(() => module("m", { inputs: {}, outputs: {} }, async () => {}))).toMatchInlineSnapshot(`
      "a body is an async function; hardware is described at once, without await
      > mistake(() => module("m", { inputs: {}, outputs: {} }, async () => {}))"
    `);
  });

  test("are instantiated with all that they take", () => {
    const inner = module("inner", { inputs: { a: bit, x: unsigned(8) }, outputs: {} }, () => {});
    expect(inside(({ a }) => instance("u", inner, wrong({ a })))).toMatchInlineSnapshot(`
      "inner u is given no x
      > inside(({ a }) => instance("u", inner, wrong({ a })))"
    `);
    expect(inside(({ a, x }) => instance("u", inner, wrong({ a, x, z: x })))).toMatchInlineSnapshot(`
      "inner u has no field z; it has a, x
      > inside(({ a, x }) => instance("u", inner, wrong({ a, x, z: x })))"
    `);
    expect(inside(({ a, w }) => instance("u", inner, { a, x: w }))).toMatchInlineSnapshot(`
      "inner u.x takes unsigned 8, and was given unsigned 12: say .truncate(8) if that is meant
      > inside(({ a, w }) => instance("u", inner, { a, x: w }))"
    `);
    expect(inside(({ a }) => instance("u", inner, { a, x: 999 }))).toMatchInlineSnapshot(`
      "inner u.x: 999 does not fit unsigned 8 (0 to 255)
      > inside(({ a }) => instance("u", inner, { a, x: 999 }))"
    `);
  });

  test("connect pins once", () => {
    const pad = module("pad", { inputs: {}, outputs: {}, inouts: ["pin"] }, () => {});
    const outer = (pin: string) =>
      mistake(() =>
        module("outer", { inputs: {}, outputs: {}, inouts: ["led"] }, ({ pads }) => {
          const given = wrong(pin === "" ? {} : { [pin]: pads.led });
          instance("first", pad, {}, { pads: given });
          instance("second", pad, {}, { pads: given });
        }),
      );
    expect(outer("pin")).toMatchInlineSnapshot(`
      "pin led is connected twice: to first and to pad second
      > instance("second", pad, {}, { pads: given });"
    `);
    expect(outer("")).toMatchInlineSnapshot(`
      "pad first: no pin is given for pin
      > instance("first", pad, {}, { pads: given });"
    `);
    expect(outer("pins")).toMatchInlineSnapshot(`
      "pad first has no inout called pins
      > instance("first", pad, {}, { pads: given });"
    `);
  });

  test("cells take literals of Verilog", () => {
    const model = module("CELL", { inputs: {}, outputs: {} }, () => {});
    expect(mistake(() => primitive("CELL", { MODE: "2'b1; evil" }, model))).toMatchInlineSnapshot(`
      "parameter MODE of CELL is 2'b1; evil; that is no Verilog literal
      > mistake(() => primitive("CELL", { MODE: "2'b1; evil" }, model))"
    `);
  });
});

describe("structs and arrays", () => {
  const point = { x: unsigned(8), y: unsigned(8) };

  test("have one shape", () => {
    expect(inside(({ x }) => register("p", point, { next: wrong({ x }) }))).toMatchInlineSnapshot(`
      "register p is given no y
      > inside(({ x }) => register("p", point, { next: wrong({ x }) }))"
    `);
    expect(
      inside(({ x }) => register("p", point, { next: wrong({ x, y: x, z: x }) })),
    ).toMatchInlineSnapshot(`
      "register p has no field z; it has x, y
      > inside(({ x }) => register("p", point, { next: wrong({ x, y: x, z: x }) }))"
    `);
    expect(inside(({ x }) => register("p", point, { next: wrong(x) }))).toMatchInlineSnapshot(`
      "register p takes a struct of x, y
      > inside(({ x }) => register("p", point, { next: wrong(x) }))"
    `);
    expect(inside(({ x }) => register("p", array(2, point), { next: wrong([x]) }))).toMatchInlineSnapshot(`
      "register p takes an array of 2
      > inside(({ x }) => register("p", array(2, point), { next: wrong([x]) }))"
    `);
    expect(
      inside(({ x, w }) =>
        assign(register("p", array(2, point)), [
          { x, y: x },
          { x: w, y: 0 },
        ]),
      ),
    ).toMatchInlineSnapshot(`
      "assign[1].x takes unsigned 8, and was given unsigned 12: say .truncate(8) if that is meant
      > assign(register("p", array(2, point)), ["
    `);
    expect(inside(({ x, s, a }) => mux(a, { p: x }, wrong({ p: s })))).toMatchInlineSnapshot(`
      "mux.p takes unsigned 8, and was given signed 8: say .asUnsigned() if that is meant
      > inside(({ x, s, a }) => mux(a, { p: x }, wrong({ p: s })))"
    `);
    expect(inside(({ x }) => register("p", point, { reset: wrong({ x, y: 0 }) }))).toMatchInlineSnapshot(`
      "the reset of p takes numbers, not signals
      > inside(({ x }) => register("p", point, { reset: wrong({ x, y: 0 }) }))"
    `);
    expect(inside(({ x }) => unpack(point, x))).toMatchInlineSnapshot(`
      "unpack takes unsigned 16, and was given unsigned 8: say .extend(16) if that is meant
      > inside(({ x }) => unpack(point, x))"
    `);
  });

  test("are counted by an index that is wide enough", () => {
    expect(inside(({ a, x }) => select(a, [x, x, x]))).toMatchInlineSnapshot(`
      "an index of 1 bits cannot count 3 cases: say .extend(2) if only the first 2 are meant
      > inside(({ a, x }) => select(a, [x, x, x]))"
    `);
    expect(inside(({ a, x }) => assignAt(register("r", array(3, unsigned(8))), a, x))).toMatchInlineSnapshot(`
      "an index of 1 bits cannot count 3 cases: say .extend(2) if only the first 2 are meant
      > inside(({ a, x }) => assignAt(register("r", array(3, unsigned(8))), a, x))"
    `);
    expect(inside(({ s, x }) => select(wrong(s), [x, x]))).toMatchInlineSnapshot(`
      "an index is unsigned, and was given signed 8: say .asUnsigned() if that is meant
      > inside(({ s, x }) => select(wrong(s), [x, x]))"
    `);
  });

  test("are not empty", () => {
    expect(inside(({ x }) => select(x, []))).toMatchInlineSnapshot(`
      "select is given no cases; it needs one at least
      > inside(({ x }) => select(x, []))"
    `);
    expect(inside(({ x }) => lookup(x, bit, []))).toMatchInlineSnapshot(`
      "lookup is given no entries; it needs one at least
      > inside(({ x }) => lookup(x, bit, []))"
    `);
    expect(inside(() => oneHot([]))).toMatchInlineSnapshot(`
      "oneHot is given no cases; it needs one at least
      > inside(() => oneHot([]))"
    `);
    expect(inside(() => sum([]))).toMatchInlineSnapshot(`
      "sum is given no terms; it needs one at least
      > inside(() => sum([]))"
    `);
    expect(inside(() => memory("words", {}, { depth: 4 }))).toMatchInlineSnapshot(`
      "a word of memory words has no field
      > inside(() => memory("words", {}, { depth: 4 }))"
    `);
    expect(inside(({ x, y }) => y.set(firstOne(x)))).toMatchInlineSnapshot(`
      "output y takes unsigned 8, and was given unsigned 3: say .extend(8) if that is meant
      > inside(({ x, y }) => y.set(firstOne(x)))"
    `);
  });
});

describe("memories", () => {
  test("have sizes", () => {
    expect(inside(() => memory("words", bit, { depth: 0 }))).toMatchInlineSnapshot(`
      "memory words of 0 words of 1 bits; it has 1 word at least and 8589934592 bits at most
      > inside(() => memory("words", bit, { depth: 0 }))"
    `);
    expect(inside(() => memory("words", unsigned(1024), { depth: 2 ** 30 }))).toMatchInlineSnapshot(`
      "memory words of 1073741824 words of 1024 bits; it has 1 word at least and 8589934592 bits at most
      > inside(() => memory("words", unsigned(1024), { depth: 2 ** 30 }))"
    `);
    expect(inside(() => memory("words", bit, { depth: 2, initial: [0, 1, 0] }))).toMatchInlineSnapshot(`
      "memory words has 2 words, and 3 are given to begin with
      > inside(() => memory("words", bit, { depth: 2, initial: [0, 1, 0] }))"
    `);
    expect(inside(() => memory("words", bit, { depth: 2, initial: [0, 2] }))).toMatchInlineSnapshot(`
      "words[1]: 2 does not fit unsigned 1 (0 to 1)
      > inside(() => memory("words", bit, { depth: 2, initial: [0, 2] }))"
    `);
  });

  test("have addresses that reach every word, and no others", () => {
    const words = () => memory("words", unsigned(8), { depth: 100, initial: [] });
    expect(inside(({ x }) => words().read(x))).toMatchInlineSnapshot(`
      "an address of words takes unsigned 7, and was given unsigned 8: say .truncate(7) if that is meant
      > inside(({ x }) => words().read(x))"
    `);
    expect(inside(({ a, x }) => words().write(a, x))).toMatchInlineSnapshot(`
      "an address of words takes unsigned 7, and was given unsigned 1: say .extend(7) if that is meant
      > inside(({ a, x }) => words().write(a, x))"
    `);
    expect(inside(() => words().read(128))).toMatchInlineSnapshot(`
      "an address of words: 128 does not fit unsigned 7 (0 to 127)
      > inside(() => words().read(128))"
    `);
  });

  test("are written in lanes", () => {
    const words = () => memory("words", unsigned(8), { depth: 2 });
    expect(inside(({ a, x }) => words().write(a, x, { mask: concat(a, a, a) }))).toMatchInlineSnapshot(`
      "a mask of 3 bits does not divide the 8 bits of a word of words
      > inside(({ a, x }) => words().write(a, x, { mask: concat(a, a, a) }))"
    `);
    expect(inside(({ a, x }) => words().read(a, { enable: x }))).toMatchInlineSnapshot(`
      "the enable of words takes a single unsigned bit, and was given unsigned 8: compare it, or say .any()
      > inside(({ a, x }) => words().read(a, { enable: x }))"
    `);
  });
});

describe("state machines", () => {
  test("have the states that they were given", () => {
    expect(inside(() => stateMachine("m", ["idle", "run", "idle"]))).toMatchInlineSnapshot(`
      "state machine m has two states of one name
      > inside(() => stateMachine("m", ["idle", "run", "idle"]))"
    `);
    expect(inside(() => stateMachine("phase", ["idle", "run"]).go(wrong("stop")))).toMatchInlineSnapshot(`
      "phase has no state stop; it has idle, run
      > inside(() => stateMachine("phase", ["idle", "run"]).go(wrong("stop")))"
    `);
    expect(
      inside(() => stateMachine("phase", ["idle", "run"]).on(wrong({ walk: () => {} }))),
    ).toMatchInlineSnapshot(`
      "phase has no state walk; it has idle, run
      > inside(() => stateMachine("phase", ["idle", "run"]).on(wrong({ walk: () => {} })))"
    `);
    expect(
      inside(({ y }) => {
        y.set(0);
        stateMachine("phase", ["idle", "run"]);
      }),
    ).toMatchInlineSnapshot(`
      "register phase of m is not driven: nothing assigns it
      > stateMachine("phase", ["idle", "run"]);"
    `);
  });
});

describe("loops", () => {
  test("are told by the signals along them", () => {
    expect(
      inside(({ x, y }) => {
        const a = wire("first", unsigned(8));
        const b = wire("second", unsigned(8));
        a.set(b.xor(x));
        b.set(a.addWrap(1));
        y.set(b);
      }),
    ).toMatchInlineSnapshot(`
      "combinational loop in m: second follows first follows second; a register on the way would end it
      > const b = wire("second", unsigned(8));"
    `);
    expect(inside(({ a, y }) => y.set(mux(a, y, 0)))).toMatchInlineSnapshot(`
      "combinational loop in m: y follows y; a register on the way would end it
      > module("
    `);
  });

  test("go through instances", () => {
    const through = module(
      "through",
      { inputs: { a: bit, b: bit }, outputs: { same: bit, later: bit } },
      ({ a, b, same, later }) => {
        same.set(a.not());
        later.set(register("kept", bit, { next: b }));
      },
    );
    expect(
      inside(({ y, x }) => {
        const back = wire("back", bit);
        const { same, later } = instance("u", through, { a: back, b: back });
        back.set(same.and(later));
        y.set(x);
      }),
    ).toMatchInlineSnapshot(`
      "combinational loop in m: back follows u.same follows back; a register on the way would end it
      > const back = wire("back", bit);"
    `);
    // Through a register there is none.
    module("fine", { inputs: {}, outputs: { y: bit } }, ({ y }) => {
      const back = wire("back", bit);
      const { same, later } = instance("u", through, { a: later2(back), b: back });
      back.set(later.or(same));
      y.set(back);
    });
  });
});

/** A bit that follows this one a cycle later. */
const later2 = (value: Unsigned): Unsigned => register("later", bit, { next: value });

describe("clock domains", () => {
  const fast = clockDomain("fast");

  test("are crossed on purpose", () => {
    expect(
      inside(({ x, y }) => {
        y.set(0);
        register("taken", unsigned(8), { domain: fast, next: x.not() });
      }),
    ).toMatchInlineSnapshot(`
      "register taken of m belongs to clock domain fast and follows input x of domain sync: bring it over by synchronize or sampleAcross
      > register("taken", unsigned(8), { domain: fast, next: x.not() });"
    `);
    expect(
      mistake(() =>
        module(
          "m",
          { inputs: { button: bit }, outputs: { y: bit }, inputDomains: { button: null } },
          ({ button, y }) => y.set(register("pressed", bit, { next: button })),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "register pressed of m belongs to clock domain sync and follows input button of no clock: bring it over by synchronize or sampleAcross
      > ({ button, y }) => y.set(register("pressed", bit, { next: button }))"
    `);
    expect(inside(({ x }) => synchronize("x", x))).toMatchInlineSnapshot(`
      "synchronize takes a single unsigned bit, and was given unsigned 8: compare it, or say .any()
      > inside(({ x }) => synchronize("x", x))"
    `);
    expect(inside(({ a }) => synchronize("a", a, { stages: 0 }))).toMatchInlineSnapshot(`
      "a synchronised by 0 registers; it takes 1 at least, 2 as a rule
      > inside(({ a }) => synchronize("a", a, { stages: 0 }))"
    `);
    expect(
      inside(({ a, x, y }) => {
        y.set(sampleAcross("x_here", x, { domain: fast, enable: a }));
      }),
    ).toMatchInlineSnapshot(`
      "the enable of register x_here of m belongs to clock domain fast and follows input a of domain sync: bring it over by synchronize or sampleAcross
      > y.set(sampleAcross("x_here", x, { domain: fast, enable: a }));"
    `);
  });
});
