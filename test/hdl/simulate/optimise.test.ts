import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bit,
  concat,
  type Module,
  memory,
  module,
  mux,
  register,
  signed,
  Unsigned,
  unsigned,
  when,
} from "../../../hdl/builder/index.ts";
import { BIT } from "../../../hdl/builder/operators.ts";
import type { FlatDesign, FlatSignal } from "../../../hdl/simulate/flat.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { optimise } from "../../../hdl/simulate/optimise.ts";
import { EVERYTHING, liveNodes } from "../../../hdl/simulate/rewrite.ts";
import { circuits, randomStimulus } from "../../support/random-circuit.ts";
import { expectSameDesign, faults, pathOf, runs } from "./behaviour.ts";
import { combinational } from "./raw.ts";

const nothing = (): boolean => false;

/** Live nodes of the optimised design by kind, without inputs. */
function kinds(top: Module, keep: (signal: FlatSignal) => boolean = nothing): string[] {
  const live = liveNodes(optimise(flatten(top), keep), { signals: nothing, memories: nothing });
  return live.flatMap(({ kind, type }) => (kind === "input" ? [] : [`${kind} ${type.width}`])).sort();
}

/** The same for a function of two numbers of 8 bits and a bit. */
const kindsOf = (f: (a: Unsigned, b: Unsigned, c: Unsigned) => Unsigned): string[] => {
  const byte = { width: 8, signed: false };
  return kinds(
    combinational([byte, byte, BIT], (...inputs) => {
      const [a, b, c] = inputs.map((input) => new Unsigned(input));
      return [f(a!, b!, c!).node];
    }),
  );
};

describe("optimise", () => {
  for (const twoDomains of [false, true])
    it(`changes nothing that can be seen, with ${twoDomains ? "two clocks" : "one clock"}`, () => {
      fc.assert(
        fc.property(
          circuits({ twoDomains, initialised: !twoDomains }),
          fc.nat(9),
          ({ module, seed }, digit) => {
            const design = flatten(module);
            const keep = (signal: FlatSignal): boolean => pathOf(signal).endsWith(String(digit));
            const optimised = optimise(design, keep);
            expect(faults(optimised)).toEqual([]);
            const kept = optimised.signals
              .filter((signal) => keep(signal))
              .concat(optimised.outputs, optimised.inputs);
            expect(kept.filter(({ parts }) => parts === null)).toEqual([]);
            expectSameDesign(design, optimised, randomStimulus(module, 12, seed), seed);
          },
        ),
        runs(100),
      );
    });

  it("leaves less to compute", () => {
    fc.assert(
      fc.property(circuits(), ({ module }) => {
        const design = flatten(module);
        const size = (one: FlatDesign): number => liveNodes(one, { ...EVERYTHING, signals: nothing }).length;
        // Taking bits out of the parts of a concatenation may make a few nodes more, which live nodes of few pay for.
        expect(size(optimise(design, nothing))).toBeLessThanOrEqual(1.2 * size(design) + 5);
      }),
      runs(50),
    );
  });

  it("computes with constants", () => {
    expect(kindsOf((a) => a.and(0))).toEqual(["constant 8"]);
    expect(kindsOf((a) => a.mul(0).add(3))).toEqual(["constant 10"]);
    expect(kindsOf((a) => a.lt(255).or(a.ge(255)))).toEqual(["constant 1"]);
    expect(kindsOf((a) => a.extend(9).lt(256))).toEqual(["constant 1"]);
    expect(kindsOf((a) => a.xor(a))).toEqual(["constant 8"]);
    expect(kindsOf((a) => a.eq(a))).toEqual(["constant 1"]);
    expect(kindsOf((a) => a.and(a.not()))).toEqual(["constant 8"]);
  });

  it("knows that some operations do nothing", () => {
    expect(kindsOf((a) => a.or(0))).toEqual([]);
    expect(kindsOf((a) => a.not().not())).toEqual([]);
    expect(kindsOf((a) => a.extend(20).truncate(8))).toEqual([]);
    expect(kindsOf((a, b, c) => mux(c, a, mux(c, b, a)))).toEqual([]);
    expect(kindsOf((a, b, c) => mux(c, mux(c, a, b), b))).toEqual(["mux 8"]);
    expect(kindsOf((a, b, c) => mux(c.not(), a, b))).toEqual(["mux 8"]);
    expect(kindsOf((a) => a.eq(0).eq(1))).toEqual(["constant 1", "equal 1"]);
  });

  it("takes bits from where they come from", () => {
    expect(kindsOf((a, b) => concat(a, b).bits(11, 10))).toEqual(["slice 2"]);
    expect(kindsOf((a, b) => concat(a, b).bits(15, 8))).toEqual([]);
    expect(kindsOf((a) => concat(a.bits(7, 4), a.bits(3, 0)))).toEqual([]);
    expect(kindsOf((a) => a.extend(32).bits(31, 9))).toEqual(["constant 23"]);
  });

  it("equal operations are one", () => {
    expect(kindsOf((a, b) => a.add(b).xor(b.add(a)))).toEqual(["constant 9"]);
    expect(kindsOf((a, b, c) => mux(c, a.mul(b), a.mul(b)))).toEqual(["multiply 16"]);
  });

  it("arithmetic whose high bits nobody wants gets narrower where that saves a machine word", () => {
    const inputs = { a: unsigned(64), b: unsigned(64) };
    const low = module("low", { inputs, outputs: { y: unsigned(16) } }, ({ a, b, y }) =>
      y.set(a.mul(b).truncate(16)),
    );
    expect(kinds(low)).toEqual(["convert 16", "convert 16", "convert 16", "multiply 32"]);
    const sum = module("sum", { inputs, outputs: { y: unsigned(30) } }, ({ a, b, y }) =>
      y.set(a.add(b).xor(a.extend(65)).truncate(30)),
    );
    expect(kinds(sum)).toEqual(["add 31", "convert 30", "convert 30", "convert 30", "xor 30"]);
    const whole = module("whole", { inputs, outputs: { y: unsigned(30), z: bit } }, ({ a, b, y, z }) => {
      y.set(a.add(b).truncate(30));
      z.set(a.add(b).bit(64));
    });
    expect(kinds(whole)).toContain("add 65");
  });

  it("registers that never change are constants, equal ones are one, and unseen ones are gone", () => {
    const stuck = module("stuck", { inputs: { a: bit }, outputs: { y: unsigned(8) } }, ({ a, y }) => {
      const idle = register("idle", unsigned(8), { reset: 7, initial: 7 });
      when(a, () => idle.set(idle));
      const follows = register("follows", unsigned(8), {
        initial: 9,
        reset: 9,
        next: idle.add(2).truncate(8),
      });
      y.set(follows);
    });
    expect(kinds(stuck)).toEqual(["constant 8"]);
    const twins = module("twins", { inputs: { a: unsigned(8) }, outputs: { y: unsigned(8) } }, ({ a, y }) => {
      const [one, two] = ["one", "two"].map((name) => register(name, unsigned(8), { initial: 1, next: a }));
      const unseen = register("unseen", unsigned(8), { initial: 1 });
      unseen.set(unseen.addWrap(a));
      y.set(one!.or(two!));
    });
    expect(kinds(twins)).toEqual(["register 8"]);
    const different = module(
      "different",
      { inputs: { a: unsigned(8) }, outputs: { y: unsigned(8) } },
      ({ a, y }) => {
        const starts = [{ initial: 1 }, { initial: 2 }, {}, {}];
        const all = starts.map((start, i) => register(`r${i}`, unsigned(8), { ...start, next: a }));
        y.set(all.map((one): Unsigned => one).reduce((x, z) => x.xor(z)));
      },
    );
    expect(kinds(different).filter((kind) => kind === "register 8")).toHaveLength(4);
  });

  it("a register that begins with anything is no constant, though it never changes", () => {
    const top = module("top", { inputs: {}, outputs: { y: signed(8) } }, ({ y }) => {
      const kept = register("kept", signed(8), { reset: 3 });
      kept.set(kept);
      y.set(kept);
    });
    expect(kinds(top)).toContain("register 8");
  });

  it("memories and ports that nobody sees are gone, and so are writes that never happen", () => {
    const inputs = { address: unsigned(3), data: unsigned(8) };
    const top = module("top", { inputs, outputs: { y: unsigned(8) } }, ({ address, data, y }) => {
      const used = memory("used", unsigned(8), { depth: 8 });
      used.write(address, data);
      when(data.lt(0), () => used.write(address, 1));
      const unused = memory("unused", unsigned(8), { depth: 8 });
      unused.write(address, used.read(address));
      unused.read(address);
      y.set(used.read(address, { enable: 1 }));
    });
    const design = optimise(flatten(top), nothing);
    expect(design.memories.map(({ path, parts }) => [path.join("."), parts?.length ?? null])).toEqual([
      ["used", 1],
      ["unused", null],
    ]);
    const [used] = design.memories[0]!.parts!;
    expect(used!.reads.map(({ name, enable }) => [name, enable])).toEqual([["used_data_2", null]]);
    expect(used!.writes).toHaveLength(1);
    expect(design.signals.filter(({ parts }) => parts === null).map(pathOf)).toEqual([
      "used_data",
      "unused_data",
    ]);
  });
});
