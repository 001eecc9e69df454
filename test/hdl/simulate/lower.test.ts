import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import {
  bit,
  concat,
  indexWidth,
  instance,
  memory,
  module,
  mux,
  register,
  select,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../../hdl/builder/index.ts";
import * as op from "../../../hdl/builder/operators.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Program } from "../../../hdl/simulate/lower/program.ts";
import { logicOfTable } from "../../../hdl/simulate/lower/truth-table.ts";
import { prepare } from "../../../hdl/simulate/prepare.ts";
import { split } from "../../../hdl/simulate/split.ts";
import { type CircuitOptions, circuits, randomCircuit } from "../../support/random-circuit.ts";
import { runs } from "./behaviour.ts";
import { expectCompiled } from "./compiled.ts";
import { combinational } from "./raw.ts";

/** Thousands of runs take their time. */
const LONG = { timeout: 3_600_000 };

describe("compiled code equals the interpreter", LONG, () => {
  const cases: readonly (readonly [string, CircuitOptions, number])[] = [
    ["one clock", {}, 60],
    ["two clocks", { twoDomains: true }, 60],
    ["many nodes", { nodes: 400, twoDomains: true }, 8],
  ];
  for (const [name, options, quick] of cases) {
    it(`outputs, ${name}`, () => {
      fc.assert(
        fc.property(circuits(options), ({ module, seed }) =>
          expectCompiled(
            module,
            prepare(module, () => false),
            seed,
          ),
        ),
        runs(quick),
      );
    });

    it(`all signals, ${name}`, () => {
      fc.assert(
        fc.property(circuits(options), ({ module, seed }) =>
          expectCompiled(
            module,
            prepare(module, () => true),
            seed,
          ),
        ),
        runs(quick),
      );
    });

    it(`designs that are not optimised, ${name}`, () => {
      fc.assert(
        fc.property(circuits(options), ({ module, seed }) =>
          expectCompiled(module, split(flatten(module)), seed),
        ),
        runs(quick),
      );
    });
  }

  it("a design that is divided into many functions", () => {
    const module = randomCircuit(7, { nodes: 9000, maxWidth: 64, hierarchy: false });
    const design = prepare(module, () => true);
    const text = new Program(design).edgeText("edge", new Set(design.domains));
    expect(text.match(/\(func /g)?.length).toBeGreaterThan(2);
    expectCompiled(module, design, 7, 8);
  });
});

/** Steps a module on random inputs, compiled and interpreted. */
const expectRight = (module: Module): void => {
  for (const seed of [1, 2, 3])
    expectCompiled(
      module,
      prepare(module, () => true),
      seed,
      60,
    );
};

/** The code of a clock edge. */
function edgeText(module: Module): string {
  const design = prepare(module, () => false);
  return new Program(design).edgeText("edge", new Set(design.domains));
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe("state", () => {
  it("registers exchange their values", () => {
    const swap = module(
      "swap",
      { inputs: { go: bit }, outputs: { x: unsigned(8), y: unsigned(8) } },
      ({ go, x, y }) => {
        const a = register("a", unsigned(8), { initial: 1 });
        const b = register("b", unsigned(8), { initial: 2 });
        when(go, () => {
          a.set(b);
          b.set(a);
        });
        x.set(a);
        y.set(b);
      },
    );
    expectRight(swap);
    expect(count(edgeText(swap), /\(if /g)).toBe(1);
  });

  it("registers in a ring, each behind another condition", () => {
    const ring = module(
      "ring",
      { inputs: { go: unsigned(4) }, outputs: { y: unsigned(32) } },
      ({ go, y }) => {
        const ring = Array.from({ length: 4 }, (_, i) => register(`r${i}`, unsigned(8), { initial: i }));
        for (const [i, one] of ring.entries())
          when(go.bit(i), () => one.set(ring[(i + 1) % 4]!.xor(ring[(i + 2) % 4]!)));
        y.set(concat(...ring));
      },
    );
    expectRight(ring);
  });

  it("registers with one enable share a branch, and hold without a step", () => {
    const bank = module(
      "bank",
      { inputs: { enable: bit, x: unsigned(8) }, outputs: { y: unsigned(80) } },
      ({ enable, x, y }) => {
        const bank = Array.from({ length: 10 }, (_, i) =>
          register(`r${i}`, unsigned(8), { initial: 0, enable }),
        );
        for (const [i, one] of bank.entries()) one.set(i === 0 ? x : bank[i - 1]!);
        y.set(concat(...bank));
      },
    );
    expectRight(bank);
    const text = edgeText(bank);
    expect([count(text, /\(if /g), count(text, /store8/g), count(text, /select/g)]).toEqual([1, 10, 0]);
  });

  it("an index into registers is one load", () => {
    const pick = module(
      "pick",
      { inputs: { index: unsigned(4), x: signed(12), at: unsigned(4) }, outputs: { y: signed(12) } },
      ({ index, x, at, y }) => {
        const bank = Array.from({ length: 11 }, (_, i) => register(`r${i}`, signed(12), { initial: -i }));
        for (const [i, one] of bank.entries()) when(at.eq(i), () => one.set(x));
        const chosen = register("chosen", signed(12), { initial: 0 });
        chosen.set(select(index, bank));
        y.set(chosen);
      },
    );
    expectRight(pick);
    expect(count(edgeText(pick), /br_table/g)).toBe(0);
  });

  for (const states of [6, 40, 300])
    it(`a state machine of ${states} states becomes a switch`, () => {
      const width = indexWidth(states);
      const machine = module(
        "machine",
        { inputs: { go: bit, x: unsigned(16) }, outputs: { y: unsigned(16), z: unsigned(16) } },
        ({ go, x, y, z }) => {
          const state = register("state", unsigned(width), { initial: 0 });
          const a = register("a", unsigned(16), { initial: 0 });
          const b = register("b", unsigned(16), { initial: 0 });
          for (let i = 0; i < states; i++)
            when(state.eq(i), () => {
              when(go, () => state.set((i * 7 + 1) % states));
              a.set(i % 2 === 0 ? a.addWrap(x) : a.xor(b));
              if (i % 3 > 0) b.set(x.mul(a.xor(i)).truncate(16));
            });
          y.set(a);
          z.set(b);
        },
      );
      expectRight(machine);
      expect(count(edgeText(machine), /br_table/g)).toBeGreaterThan(0);
      expect(count(edgeText(machine), /\(if /g)).toBeLessThan(states);
    });
});

describe("memories", () => {
  it("reads see what stood there before writes of the same edge; the later port wins", () => {
    const ports = module(
      "ports",
      { inputs: { at: unsigned(2), x: unsigned(8), both: bit }, outputs: { y: unsigned(8), z: unsigned(8) } },
      ({ at, x, both, y, z }) => {
        const words = memory("words", unsigned(8), { depth: 3, initial: [1, 2, 3] });
        const back = words.read(at);
        when(both, () => words.write(at, x));
        words.write(unsignedConstant(1, 2), back.xor(x));
        when(both.not(), () => words.write(at, back));
        y.set(back);
        z.set(words.read(unsignedConstant(1, 2), { enable: both }));
      },
    );
    expectRight(ports);
  });

  it("two memories that are read and written under exchanged conditions", () => {
    const crossed = module(
      "crossed",
      { inputs: { a: bit, b: bit, at: unsigned(3), x: unsigned(4) }, outputs: { y: unsigned(8) } },
      ({ a, b, at, x, y }) => {
        const first = memory("first", unsigned(4), { depth: 8, initial: [] });
        const second = memory("second", unsigned(4), { depth: 5, initial: [] });
        const one = first.read(at, { enable: a });
        const two = second.read(at, { enable: b });
        when(a, () => second.write(at, two.xor(x)));
        when(b, () => first.write(at, one.addWrap(x)));
        y.set(concat(one, two));
      },
    );
    expectRight(crossed);
  });

  for (const lanes of [1, 3, 12])
    it(`words in ${lanes} lanes`, () => {
      const masked = module(
        "masked",
        {
          inputs: { mask: unsigned(lanes), at: unsigned(3), x: signed(12) },
          outputs: { y: signed(12) },
        },
        ({ mask, at, x, y }) => {
          const words = memory("words", signed(12), { depth: 6, initial: [-1, 5] });
          words.write(at, x, { mask });
          y.set(words.read(at));
        },
      );
      expectRight(masked);
    });
});

describe("control flow", () => {
  it("expensive cases are computed only where they are needed", () => {
    const costly = module(
      "costly",
      { inputs: { go: bit, x: unsigned(16) }, outputs: { y: unsigned(16) } },
      ({ go, x, y }) => {
        let value: Unsigned = x;
        for (let i = 0; i < 10; i++) value = value.mul(value.xor(i)).truncate(16);
        const state = register("state", unsigned(16), { initial: 0 });
        state.set(mux(go, value, x));
        y.set(state);
      },
    );
    expectRight(costly);
    const text = edgeText(costly);
    expect(count(text, /\(if /g)).toBe(1);
    expect(text.indexOf("(if ")).toBeLessThan(text.indexOf("i32.mul"));
  });

  it("a thousand conditions in a row", () => {
    const chain = module(
      "chain",
      { inputs: { x: unsigned(10), y: unsigned(8) }, outputs: { z: unsigned(8) } },
      ({ x, y, z }) => {
        const state = register("state", unsigned(8), { initial: 0 });
        let chain = when(x.lt(y.extend(10)), () => state.set(0));
        for (let i = 0; i < 1000; i++)
          chain = chain.elseWhen(x.mul(i + 3).bit(7 + (i % 4)), () => state.set(y.addWrap(i % 256)));
        z.set(state);
      },
    );
    expectRight(chain);
  });

  it("a chain of logic that is deeper than the language's stack", () => {
    const deep = module("deep", { inputs: { x: unsigned(8) }, outputs: { y: unsigned(8) } }, ({ x, y }) => {
      const state = register("state", unsigned(8), { initial: 0 });
      let value: Unsigned = state;
      for (let i = 0; i < 20_000; i++) value = i % 2 === 0 ? value.addWrap(x) : value.xor(state);
      state.set(value);
      y.set(state);
    });
    expectCompiled(
      deep,
      prepare(deep, () => false),
      1,
      5,
    );
  });
});

describe("truth tables", LONG, () => {
  it("are what their logic computes", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 6 })
          .chain((width) =>
            fc.tuple(
              fc.constant(width),
              fc.array(fc.constantFrom("0", "1"), { minLength: 2 ** width, maxLength: 2 ** width }),
            ),
          ),
        ([width, bits]) => {
          const types = new Array(width).fill(op.BIT);
          const table = combinational(types, (...inputs) => {
            const logic = logicOfTable(bits.join(""), op.concat(inputs.toReversed()));
            return [logic ?? op.constant(0n, op.BIT), op.constant(logic === null ? 0n : 1n, op.BIT)];
          });
          const interpreter = new Interpreter(flatten(table));
          if (interpreter.get("out1") === 0n) return;
          for (let index = 0; index < 2 ** width; index++) {
            for (let i = 0; i < width; i++) interpreter.set(`in${i}`, BigInt((index >> i) & 1));
            expect(interpreter.get("out0")).toBe(BigInt(bits[index]!));
          }
        },
      ),
      runs(100),
    );
  });

  it("become two operations where that is all they are", () => {
    const [a, b, c] = [0, 1, 2].map((i) => op.slice(op.constant(5n, op.unsignedType(3)), i, i));
    const logic = logicOfTable("01101010", op.concat([c!, b!, a!]));
    expect(logic?.kind).toBe("xor");
  });

  it("of a netlist's cells", () => {
    const cells = module("cells", { inputs: { x: unsigned(8) }, outputs: { y: unsigned(6) } }, ({ x, y }) => {
      const cell = (table: number, ...inputs: readonly number[]): Unsigned =>
        select(
          concat(...inputs.map((i) => x.bit(i))),
          Array.from({ length: 2 ** inputs.length }, (_, i) => unsignedConstant((table >> i) & 1, 1)),
        );
      const bits = [
        cell(0x8000, 1, 2, 3, 4),
        cell(0xcaca, 0, 1, 2, 5),
        cell(0x6996, 7, 6, 1, 0),
        cell(0x1234, 3, 2, 1, 0),
        cell(0x7fe1, 4, 5, 6, 7),
        cell(0x96, 5, 4, 3),
      ];
      const state = register("state", unsigned(6), { initial: 0 });
      state.set(concat(...bits));
      y.set(state);
    });
    expectRight(cells);
  });
});

describe("lanes", () => {
  it("share branches across instances", () => {
    const lane = module(
      "lane",
      { inputs: { enable: bit, x: signed(8) }, outputs: { sum: signed(24) } },
      ({ enable, x, sum }) => {
        const state = register("state", signed(24), { reset: 0, initial: 0 });
        when(enable, () => state.set(state.add(x.mul(x).extend(24)).truncate(24)));
        sum.set(state);
      },
    );
    const lanes = module(
      "lanes",
      { inputs: { enable: bit, x: signed(8), at: unsigned(3) }, outputs: { y: signed(24) } },
      ({ enable, x, at, y }) => {
        const sums = Array.from(
          { length: 8 },
          (_, i) => instance(`lane${i}`, lane, { enable, x: x.xor(i) }).sum,
        );
        y.set(select(at, sums));
      },
    );
    expectRight(lanes);
    // One for the reset, one for the enable.
    expect(count(edgeText(lanes), /\(if /g)).toBe(2);
  });
});
