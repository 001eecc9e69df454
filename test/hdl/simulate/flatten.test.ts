import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instance, InstanceOutput, Module, Node, Wire } from "../../../hdl/builder/graph.ts";
import {
  bit,
  clockDomain,
  driveClock,
  drivePad,
  fallingEdge,
  instance,
  module,
  primitive,
  readPad,
  register,
  SYNC,
  unsigned,
} from "../../../hdl/builder/index.ts";
import * as op from "../../../hdl/builder/operators.ts";
import { UNKNOWN_SOURCE } from "../../../hdl/builder/source.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { circuits, randomStimulus } from "../../support/random-circuit.ts";
import { edges, expectSame, faults, pathOf, runs } from "./behaviour.ts";
import { Hierarchy } from "./hierarchy.ts";
import { combinational, wireOf } from "./raw.ts";

const CYCLES = 12;

describe("flatten", () => {
  for (const twoDomains of [false, true])
    it(`computes what the modules compute one by one, with ${twoDomains ? "two clocks" : "one clock"}`, () => {
      fc.assert(
        fc.property(circuits({ twoDomains }), ({ module, seed }) => {
          const design = flatten(module);
          expect(faults(design)).toEqual([]);
          // What stands behind a scrambled read port is nothing that a module has.
          const names = design.signals.map(pathOf).filter((name) => !name.endsWith("_as_stored"));
          const steps = edges(design.domains, CYCLES, seed);
          const stimulus = randomStimulus(module, CYCLES, seed);
          expectSame(new Hierarchy(module), new Interpreter(design), names, stimulus, steps);
        }),
        runs(100),
      );
    });

  it("gives everything that has a name its path", () => {
    const inner = module("inner", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => {
      const state = register("state", bit, { reset: 0 });
      state.set(a);
      y.set(state);
    });
    const outer = module("outer", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => {
      y.set(instance("second", inner, { a: instance("first", inner, { a }).y }).y);
    });
    const top = module("top", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => {
      y.set(instance("child", outer, { a }).y);
    });
    const design = flatten(top);
    expect(design.signals.map((signal) => `${pathOf(signal)}${signal.register ? " *" : ""}`)).toEqual([
      "reset",
      "a",
      "y",
      "child.a",
      "child.y",
      "child.first.a",
      "child.first.y",
      "child.first.state *",
      "child.second.a",
      "child.second.y",
      "child.second.state *",
    ]);
    expect(design.inputs.map(pathOf)).toEqual(["a", "reset"]);
    expect(design.outputs.map(pathOf)).toEqual(["y"]);
    expect(design.registers.map(({ name }) => name)).toEqual(["child.first.state", "child.second.state"]);
  });

  it("instances of one module have states of their own, and two edges of a clock one reset", () => {
    const counter = module(
      "counter",
      { inputs: { step: unsigned(4) }, outputs: { count: unsigned(8) } },
      (io) => {
        const count = register("count_now", unsigned(8), { reset: 5 });
        count.set(count.addWrap(io.step.extend(8)));
        io.count.set(count);
      },
    );
    const outputs = { rising: unsigned(8), falling: unsigned(8) };
    const top = module("top", { inputs: { step: unsigned(4) }, outputs }, ({ step, rising, falling }) => {
      rising.set(instance("rise", counter, { step }).count);
      const domains = new Map([[SYNC, fallingEdge(SYNC)]]);
      falling.set(instance("fall", counter, { step: 1 }, { domains }).count);
    });
    const design = flatten(top);
    expect(design.inputs.map(pathOf)).toEqual(["step", "reset"]);
    const run = new Interpreter(design);
    run.set("reset", 1n);
    run.step();
    run.set("reset", 0n);
    run.set("step", 3n);
    run.step(new Set([SYNC]));
    run.step(new Set([SYNC]));
    run.step(new Set([fallingEdge(SYNC)]));
    expect([run.get("rising"), run.get("falling")]).toEqual([11n, 6n]);
  });

  it("each instance that makes a clock has its own, with the reset that it gives", () => {
    const fast = clockDomain("fast");
    const oscillator = module("oscillator", { inputs: {}, outputs: { clock: bit } }, ({ clock }) =>
      clock.set(0),
    );
    const cell = primitive("OSC", {}, oscillator, [
      { output: "clock", frequency: { kind: "fixed", megahertz: 48 } },
    ]);
    const ports = { inputs: { clear: bit }, outputs: { count: unsigned(4) }, inputDomains: { clear: fast } };
    const child = module("child", ports, ({ clear, count }) => {
      driveClock(fast, instance("osc", cell, {}).clock, clear);
      const value = register("value", unsigned(4), { reset: 9, initial: 0, domain: fast });
      value.set(value.addWrap(1));
      count.set(value);
    });
    const top = module(
      "top",
      { inputs: { clear: bit }, outputs: { a: unsigned(4), b: unsigned(4) } },
      (io) => {
        const domains = new Map([[fast, SYNC]]);
        io.a.set(instance("one", child, { clear: io.clear }, { domains }).count);
        io.b.set(instance("two", child, { clear: 0 }, { domains }).count);
      },
    );
    const design = flatten(top);
    expect(design.domains.map(({ name }) => name)).toEqual(["fast", "two.fast"]);
    const [one, two] = design.domains;
    const run = new Interpreter(design);
    run.step(new Set([one!]));
    run.step(new Set([two!]));
    run.step(new Set([one!]));
    expect([run.get("a"), run.get("b")]).toEqual([2n, 1n]);
    run.set("clear", 1n);
    run.step(new Set([one!, two!]));
    expect([run.get("a"), run.get("b")]).toEqual([9n, 2n]);
  });

  it("a pin shows what its primitive drives, and what stands outside where it does not", () => {
    const model = module(
      "model",
      { inputs: { OUT: bit, ENABLE: bit }, outputs: { IN: bit }, inouts: ["PIN"] },
      ({ OUT, ENABLE, IN, pads }) => {
        IN.set(readPad(pads.PIN!));
        drivePad(pads.PIN!, OUT, ENABLE);
      },
    );
    const ports = { inputs: { out: bit, enable: bit }, outputs: { seen: bit }, inouts: ["wrapped"] };
    const wrapper = module("wrapper", ports, ({ out, enable, seen, pads }) => {
      const pin = { pads: { PIN: pads.wrapped! } };
      seen.set(instance("io", primitive("IO", {}, model), { OUT: out, ENABLE: enable }, pin).IN);
    });
    const top = module("top", { ...ports, inouts: ["pad"] }, ({ out, enable, seen, pads }) => {
      seen.set(instance("inner", wrapper, { out, enable }, { pads: { wrapped: pads.pad! } }).seen);
    });
    const design = flatten(top);
    expect(design.inputs.map(pathOf)).toEqual(["out", "enable", "pad"]);
    expect(design.outputs.map(pathOf)).toEqual(["seen", "pad.out", "pad.enable"]);
    const run = new Interpreter(design);
    for (const [enable, out, pad] of [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i) => [i & 1, (i >> 1) & 1, i >> 2] as const,
    )) {
      run.set("enable", BigInt(enable));
      run.set("out", BigInt(out));
      run.set("pad", BigInt(pad));
      expect(run.get("seen")).toBe(BigInt(enable === 1 ? out : pad));
      expect([run.get("pad.out"), run.get("pad.enable")]).toEqual([BigInt(out), BigInt(enable)]);
    }
  });

  it("names the signals along a combinational loop across modules, in order", () => {
    const both = module(
      "both",
      { inputs: { a: bit, b: bit }, outputs: { x: bit, y: bit } },
      ({ a, b, x, y }) => {
        x.set(a.not());
        y.set(b.not());
      },
    );
    // Only x of b follows x of a, and only x of a follows x of b.
    const loop = rawTop((connect) => {
      const [one, two] = [connect("one", both), connect("two", both)];
      one.inputs.set("a", two.outputs.get("x")!);
      two.inputs.set("a", one.outputs.get("x")!);
      for (const { inputs } of [one, two]) inputs.set("b", op.constant(0n, op.BIT));
    });
    expect(() => flatten(loop)).toThrow(
      "combinational loop in top: one.a follows two.x follows two.a follows one.x follows one.a; a register on the way would end it",
    );
  });

  it("an instance whose output comes back to another of its inputs is no loop", () => {
    const both = module(
      "both",
      { inputs: { a: bit, b: bit }, outputs: { x: bit, y: bit } },
      ({ a, b, x, y }) => {
        x.set(a.not());
        y.set(b.not());
      },
    );
    const top = module("top", { inputs: { a: bit }, outputs: { y: bit } }, ({ a, y }) => y.set(a));
    const chained = rawTop((connect) => {
      const one = connect("one", both);
      one.inputs.set("a", top.inputs[0]!);
      one.inputs.set("b", one.outputs.get("x")!);
    }, top);
    const run = new Interpreter(flatten(chained));
    run.set("a", 1n);
    expect([run.get("one.x"), run.get("one.y")]).toEqual([0n, 1n]);
  });

  it("chains of logic may be as long as they like", () => {
    const wires: Wire[] = [];
    const top = combinational([op.BIT], (first) => {
      let end: Node = first!;
      for (let i = 0; i < 50_000; i++) {
        end = op.not(end);
        if (i % 10 > 0) continue;
        end = wireOf(`w${i}`, end);
        wires.push(end);
      }
      return [end];
    });
    const run = new Interpreter(flatten({ ...top, wires }));
    run.set("in0", 1n);
    expect([run.get("out0"), run.get("w40000")]).toEqual([1n, 0n]);
  });
});

interface Connectable {
  readonly inputs: Map<string, Node>;
  readonly outputs: ReadonlyMap<string, InstanceOutput>;
}

/** A module of instances whose inputs may be connected after their outputs are there, as the builder does not allow. */
function rawTop(
  build: (connect: (name: string, of: Module) => Connectable) => void,
  base: Module = combinational([], () => []),
): Module {
  const instances: Instance[] = [];
  build((name, of) => {
    const inputs = new Map<string, Node>();
    const outputs = new Map<string, InstanceOutput>();
    const made: Instance = {
      kind: "instance",
      name,
      source: UNKNOWN_SOURCE,
      of,
      inputs,
      outputs,
      inouts: new Map(),
      domains: new Map(),
    };
    for (const { name: port, type } of of.outputs)
      outputs.set(port, { kind: "instance-output", type, instance: made, port });
    instances.push(made);
    return { inputs, outputs };
  });
  return { ...base, instances };
}
