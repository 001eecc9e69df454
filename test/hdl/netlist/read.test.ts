import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import { HardwareError } from "../../../hdl/builder/index.ts";
import {
  type CellLibrary,
  NetlistError,
  type NetlistOptions,
  readNetlist,
} from "../../../hdl/netlist/index.ts";
import { hfosc } from "../../../hdl/primitives/ice40/index.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";

type Bits = readonly (number | string)[];

interface CellText {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly inputs?: Readonly<Record<string, Bits>>;
  readonly outputs?: Readonly<Record<string, Bits>>;
}

interface ModuleText {
  readonly inputs?: Readonly<Record<string, Bits>>;
  readonly outputs?: Readonly<Record<string, Bits>>;
  readonly cells?: Readonly<Record<string, CellText>>;
  readonly names?: Readonly<Record<string, { bits: Bits; hidden?: boolean; init?: string }>>;
}

const directed = (names: object | undefined, direction: string): (readonly [string, string])[] =>
  Object.keys(names ?? {}).map((name) => [name, direction] as const);

function moduleOf({ inputs, outputs, cells = {}, names = {} }: ModuleText) {
  const ports = (list: Readonly<Record<string, Bits>> | undefined, direction: string) =>
    Object.entries(list ?? {}).map(([name, bits]) => [name, { direction, bits }] as const);
  return {
    ports: Object.fromEntries([...ports(inputs, "input"), ...ports(outputs, "output")]),
    cells: Object.fromEntries(
      Object.entries(cells).map(([name, cell]) => [
        name,
        {
          type: cell.type,
          parameters: cell.parameters ?? {},
          port_directions: Object.fromEntries([
            ...directed(cell.inputs, "input"),
            ...directed(cell.outputs, "output"),
          ]),
          connections: { ...cell.inputs, ...cell.outputs },
        },
      ]),
    ),
    netnames: Object.fromEntries(
      Object.entries(names).map(([name, { bits, hidden, init }]) => [
        name,
        { bits, hide_name: hidden ? 1 : 0, attributes: init === undefined ? {} : { init } },
      ]),
    ),
  };
}

const netlistOf = (text: ModuleText) => ({ modules: { top: moduleOf(text) } });
const read = (text: ModuleText, options: NetlistOptions = {}): Module =>
  readNetlist(netlistOf(text), options);

const flipFlop = (clock: number, data: number | string, output: number, type = "$_DFF_P_"): CellText => ({
  type,
  inputs: { C: [clock], D: [data] },
  outputs: { Q: [output] },
});

describe("names", () => {
  const module = read({
    inputs: { clk: [2], a: [3, 4] },
    outputs: { y: [10, 11], z: [12], w: [3] },
    cells: {
      $procdff$1: {
        type: "$dff",
        parameters: { CLK_POLARITY: "1" },
        inputs: { CLK: [2], D: [3, 4] },
        outputs: { Q: [5, 6] },
      },
      $2: flipFlop(2, 6, 7),
      $3: flipFlop(2, 7, 8),
      $4: flipFlop(2, 8, 12),
      sum: {
        type: "$add",
        parameters: { A_SIGNED: 0, B_SIGNED: 0 },
        inputs: { A: [5, 6], B: [7, 8] },
        outputs: { Y: [10, 11] },
      },
    },
    names: {
      clk: { bits: [2] },
      a: { bits: [3, 4] },
      y: { bits: [10, 11] },
      z: { bits: [12] },
      first: { bits: [5, 6] },
      "unit.pair": { bits: [7, 8] },
      $hidden: { bits: [10, 11], hidden: true },
      first_SB_LUT4_I0_O: { bits: [10] },
      twice: { bits: [5, 6, 5] },
      nowhere: { bits: [99] },
    },
  });

  it("ports keep theirs, in order, with their widths; the clock is one of a domain", () => {
    expect(module.inputs.map(({ name, type }) => [name, type])).toEqual([["a", { width: 2, signed: false }]]);
    expect(module.outputs.map(({ name, type }) => [name, type.width])).toEqual([
      ["y", 2],
      ["z", 1],
      ["w", 1],
    ]);
    expect(module.domains).toEqual([{ name: "clk", clock: "clk", reset: "clk_reset", edge: "rising" }]);
  });

  it("registers are called after the nets that they drive", () => {
    expect(module.registers.map(({ name }) => name)).toEqual([
      "first",
      "unit.pair[0]",
      "unit.pair[1]",
      "z_register",
    ]);
  });

  it("nets that a person has named become wires, others do not", () => {
    expect(module.wires.map(({ name, type }) => [name, type.width])).toEqual([
      ["unit.pair", 2],
      ["twice", 3],
    ]);
    const simulation = new Interpreter(flatten(module));
    simulation.set("a", 2n);
    simulation.step();
    expect([simulation.get("first"), simulation.get("twice"), simulation.get("y")]).toEqual([2n, 2n, 2n]);
  });
});

describe("clocks", () => {
  const through = (type: string, input: string, output: string): CellText => ({
    type,
    inputs: { [input]: [2] },
    outputs: { [output]: [3] },
  });

  it.each([
    ["an input", { type: "$_BUF_", inputs: { A: [2] }, outputs: { Y: [3] } }, "$_DFF_P_", "rising"],
    [
      "a global buffer",
      through("SB_GB", "USER_SIGNAL_TO_GLOBAL_BUFFER", "GLOBAL_BUFFER_OUTPUT"),
      "$_DFF_N_",
      "falling",
    ],
    ["an inverter", through("$_NOT_", "A", "Y"), "$_DFF_P_", "falling"],
    ["an inverter before a falling edge", through("$not", "A", "Y"), "SB_DFFN", "rising"],
  ])("are followed through %s", (_, cell, type, edge) => {
    const { domains, registers } = read({
      inputs: { clk: [2], d: [4] },
      outputs: { q: [5] },
      cells: { buffer: cell, register: flipFlop(3, 4, 5, type) },
    });
    const name = edge === "falling" ? "clk_falling" : "clk";
    expect(domains).toEqual([{ name, clock: "clk", reset: "clk_reset", edge }]);
    expect(registers.map(({ domain }) => domain)).toEqual(domains);
  });

  it("that nobody uses any more are inputs, unless they are named", () => {
    const text = { inputs: { clk: [2], d: [3] }, outputs: { q: [3] } };
    expect(read(text).inputs.map(({ name }) => name)).toEqual(["clk", "d"]);
    const { inputs, domains } = read(text, { clocks: ["clk", "other"] });
    expect([inputs.map(({ name }) => name), domains.map(({ name }) => name)]).toEqual([["d"], ["clk"]]);
  });

  it("come out of cells of the part", () => {
    const library: CellLibrary = new Map([["SB_HFOSC", () => hfosc({ megahertz: 48 })]]);
    const module = read(
      {
        outputs: { q: [3] },
        cells: {
          oscillator: {
            type: "SB_HFOSC",
            inputs: { CLKHFPU: ["1"], CLKHFEN: ["1"] },
            outputs: { CLKHF: [2] },
          },
          toggle: { type: "$_NOT_", inputs: { A: [3] }, outputs: { Y: [4] } },
          state: flipFlop(2, 4, 3, "SB_DFF"),
        },
      },
      { library },
    );
    expect(module.domains).toEqual([]);
    expect(module.derivedDomains.map(({ domain, clock }) => [domain.name, clock.kind])).toEqual([
      ["oscillator.CLKHF", "instance-output"],
    ]);
    const simulation = new Interpreter(flatten(module));
    const seen = Array.from({ length: 4 }, () => {
      simulation.step();
      return simulation.get("q");
    });
    expect(seen).toEqual([1n, 0n, 1n, 0n]);
  });
});

describe("values", () => {
  it("an unknown bit is 0, or anything by its seed", () => {
    const text: ModuleText = {
      outputs: { y: ["x", "1", "z", ...Array.from({ length: 60 }, () => "x")], u: [7] },
    };
    const value = (options: NetlistOptions): bigint => {
      const simulation = new Interpreter(flatten(read(text, options)));
      return simulation.get("y");
    };
    const random = (seed: number): NetlistOptions => ({ unknown: { kind: "random", seed } });
    expect(value({})).toBe(2n);
    expect(value(random(1))).toBe(value(random(1)));
    expect(value(random(1))).not.toBe(value(random(2)));
    expect(value(random(1)) & 2n).toBe(2n);
  });

  it("a flip-flop begins with what its wire says, an iCE40's with 0", () => {
    const begins = (type: string, init?: string): bigint | null | undefined =>
      read({
        inputs: { clk: [2], d: [3] },
        outputs: { q: [4] },
        cells: { register: flipFlop(2, 3, 4, type) },
        names: { q: { bits: [4], ...(init === undefined ? {} : { init }) } },
      }).registers[0]?.initial;
    expect([begins("$_DFF_P_"), begins("$_DFF_P_", "1"), begins("$_DFF_P_", "x")]).toEqual([null, 1n, null]);
    expect([begins("SB_DFF"), begins("SB_DFF", "0")]).toEqual([0n, 0n]);
    expect(() => begins("SB_DFF", "1")).toThrow(/begins with 0, and its wire says 1/);
  });

  it("a chain of 20,000 gates is read and computed", () => {
    const cells = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [
        `g${i}`,
        { type: "$_XOR_", inputs: { A: [i + 2], B: ["1"] }, outputs: { Y: [i + 3] } },
      ]),
    );
    const module = read({ inputs: { a: [2] }, outputs: { y: [20_002] }, cells });
    const simulation = new Interpreter(flatten(module));
    simulation.set("a", 1n);
    expect(simulation.get("y")).toBe(1n);
  });
});

describe("hierarchy", () => {
  const child = moduleOf({
    inputs: { c: [2], unused: [3], d: [4, 5] },
    outputs: { q: [6, 7] },
    cells: { low: flipFlop(2, 5, 6), high: flipFlop(2, 4, 7) },
  });
  const instance: CellText = {
    type: "child",
    // The clock goes to an input that nothing inside uses, too.
    inputs: { c: [2], unused: [2], d: [3, 4] },
    outputs: { q: [5, 6] },
  };
  const top = moduleOf({ inputs: { clk: [2], a: [3, 4] }, outputs: { y: [5, 6] }, cells: { one: instance } });

  it("modules become instances, with their clocks", () => {
    const module = readNetlist({ modules: { child, top: { ...top, attributes: { top: "00000001" } } } });
    const simulation = new Interpreter(flatten(module));
    simulation.set("a", 1n);
    simulation.step();
    expect([simulation.get("y"), module.instances.map(({ name, of }) => [name, of.name])]).toEqual([
      2n,
      [["one", "child"]],
    ]);
  });

  it("the top has to be known", () => {
    expect(() => readNetlist({ modules: { child, top } })).toThrow(
      /2 modules that could be the top.*child, top/,
    );
    expect(readNetlist({ modules: { child, top } }, { top: "child" }).name).toBe("child");
    expect(() => readNetlist({ modules: { child } }, { top: "other" })).toThrow(/no module other/);
    const loop = moduleOf({ cells: { again: { type: "loop" } } });
    expect(() => readNetlist({ modules: { loop } })).toThrow("module loop contains itself");
  });
});

/** Four words of two bits, with a port to read and one to write. */
function memoryCell(nets: {
  readonly clock: number;
  readonly address: Bits;
  readonly write: number;
  readonly data: Bits;
  readonly read: Bits;
}): CellText {
  return {
    type: "$mem_v2",
    parameters: {
      ...{
        MEMID: "\\words",
        SIZE: 4,
        WIDTH: 2,
        ABITS: 2,
        OFFSET: 0,
        INIT: "00011011",
        RD_PORTS: 1,
        WR_PORTS: 1,
      },
      ...{ RD_CLK_ENABLE: "1", RD_CLK_POLARITY: "1", RD_TRANSPARENCY_MASK: "0", RD_INIT_VALUE: "xx" },
      ...{ WR_CLK_ENABLE: "1", WR_CLK_POLARITY: "1", RD_CE_OVER_SRST: "0" },
    },
    inputs: {
      ...{ RD_CLK: [nets.clock], RD_EN: ["1"], RD_ARST: ["0"], RD_SRST: ["0"], RD_ADDR: nets.address },
      ...{ WR_CLK: [nets.clock], WR_EN: [nets.write, nets.write], WR_ADDR: nets.address, WR_DATA: nets.data },
    },
    outputs: { RD_DATA: nets.read },
  };
}

describe("refused with a sentence", () => {
  const and = (a: Bits[number], b: Bits[number], y: number): CellText => ({
    type: "$_AND_",
    inputs: { A: [a], B: [b] },
    outputs: { Y: [y] },
  });

  it.each<[string, ModuleText, RegExp]>([
    ["a cell that nobody knows", { cells: { u: { type: "$div" } } }, /top: cell u \(\$div\): .* not known/],
    ["a latch", { cells: { u: { type: "$_DLATCH_P_" } } }, /not known/],
    [
      "two drivers",
      { inputs: { a: [2] }, outputs: { y: [3] }, cells: { u: and(2, 2, 3), v: and(2, "1", 3) } },
      /net 3 is driven by .*cell v.* and by .*cell u/,
    ],
    [
      "a cell that drives an input",
      { inputs: { a: [2, 3] }, cells: { u: and(2, "1", 3) } },
      /net 3 is driven by port a and by .*cell u/,
    ],
    [
      "logic in a circle",
      { outputs: { y: [2] }, cells: { u: and(3, "1", 2), v: and(2, "1", 3) } },
      /cell u .* follows .*cell v .* follows .*cell u .*, without a register/,
    ],
    [
      "a clock that is logic",
      { inputs: { a: [2, 3] }, outputs: { q: [5] }, cells: { g: and(2, 3, 4), r: flipFlop(4, 2, 5) } },
      /cell r .*: its clock is made by .*cell g/,
    ],
    [
      "a clock that is constant",
      { outputs: { q: [5] }, cells: { r: { ...flipFlop(4, 5, 5), inputs: { C: ["0"], D: [5] } } } },
      /its clock is a constant/,
    ],
    [
      "a clock that nothing drives",
      { outputs: { q: [5] }, cells: { r: flipFlop(4, 5, 5) } },
      /its clock is driven by nothing/,
    ],
    [
      "a clock that is a value as well",
      { inputs: { clk: [2] }, outputs: { q: [5], copy: [2] }, cells: { r: flipFlop(2, 5, 5) } },
      /the clock from port clk is also used as a value/,
    ],
    [
      "one bit of a port as a clock",
      { inputs: { clk: [2, 3] }, outputs: { q: [5] }, cells: { r: flipFlop(2, 5, 5) } },
      /a bit of port clk is a clock/,
    ],
    [
      "a clock in a circle",
      {
        outputs: { q: [5] },
        cells: { r: flipFlop(4, 5, 5), n: { type: "$_BUF_", inputs: { A: [4] }, outputs: { Y: [4] } } },
      },
      /round in a circle/,
    ],
    ["a port that is not connected", { cells: { u: { type: "$add" } } }, /no connection for its port A/],
    [
      "operands of two kinds",
      {
        inputs: { a: [2] },
        outputs: { y: [3] },
        cells: {
          u: {
            type: "$lt",
            parameters: { A_SIGNED: 1, B_SIGNED: 0 },
            inputs: { A: [2], B: [2] },
            outputs: { Y: [3] },
          },
        },
      },
      /one operand is signed/,
    ],
    [
      "a result of another width",
      {
        inputs: { a: [2, 3] },
        outputs: { y: [4] },
        cells: { u: { type: "$mux", inputs: { A: [2, 3], B: [2, 3, 2], S: [2] }, outputs: { Y: [4] } } },
      },
      /cell u \(\$mux\)/,
    ],
  ])("%s", (_, text, message) => {
    expect(() => read(text)).toThrow(NetlistError);
    expect(() => read(text)).toThrow(message);
  });

  it.each([
    ["nothing", null],
    ["a text", "module top"],
    ["no modules", { creator: "Yosys" }],
    ["a net that is no net", { modules: { top: { ports: { a: { direction: "input", bits: [1] } } } } }],
    ["a direction that is none", { modules: { top: { ports: { a: { direction: "up", bits: [2] } } } } }],
    ["modules without contents", { modules: {} }],
  ])("%s", (_, json) => {
    expect(() => readNetlist(json)).toThrow(NetlistError);
  });

  const sound = {
    modules: {
      top: moduleOf({
        inputs: { clk: [2], a: [3, 4, 5] },
        outputs: { y: [10, 11], z: [12] },
        cells: {
          sum: {
            type: "$add",
            parameters: { A_SIGNED: 0, B_SIGNED: 0 },
            inputs: { A: [3, 4], B: [5] },
            outputs: { Y: [6, 7] },
          },
          state: {
            type: "$dffe",
            parameters: { CLK_POLARITY: "1", EN_POLARITY: "1" },
            inputs: { CLK: [2], EN: [5], D: [6, 7] },
            outputs: { Q: [10, 11] },
          },
          table: {
            type: "SB_LUT4",
            parameters: { LUT_INIT: "0110100110010110" },
            inputs: { I0: [3], I1: [4], I2: [5], I3: [10] },
            outputs: { O: [8] },
          },
          last: flipFlop(2, 8, 12, "SB_DFF"),
          words: memoryCell({ clock: 2, address: [3, 4], write: 5, data: [6, 7], read: [20, 21] }),
        },
        names: { state: { bits: [10, 11], init: "01" } },
      }),
    },
  };

  it("any damage is a circuit or an error that says so, nothing else", () => {
    expect(readNetlist(sound, { top: "top" }).registers.map(({ name }) => name)).toEqual(["state", "last"]);
    const paths = pathsOf(sound);
    const damage = fc.record({
      at: fc.nat(paths.length - 1),
      value: fc.oneof(
        fc.constantFrom(undefined, null, "x", "", [], {}, [[2]], -1, 0, 2, 3, 12, 1e9, "$mul", "output"),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const json = structuredClone(sound);
        for (const { at, value } of damages) setAt(json, paths[at]!, value);
        try {
          readNetlist(json, { top: "top" });
        } catch (error) {
          if (!(error instanceof NetlistError)) throw error;
          expect(error).not.toBeInstanceOf(HardwareError);
        }
      }),
      { numRuns: process.env.ACCEL_DEEP === "1" ? 50_000 : 3000 },
    );
  });
});

/** Of everything inside. */
function pathsOf(json: unknown, path: readonly string[] = []): string[][] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [[...path, key], ...pathsOf(value, [...path, key])]);
}

function setAt(json: unknown, [key, ...rest]: readonly string[], value: unknown): void {
  if (typeof json !== "object" || json === null || key === undefined) return;
  if (rest.length === 0) Object.assign(json, { [key]: value });
  else setAt(Object.entries(json).find(([name]) => name === key)?.[1], rest, value);
}
