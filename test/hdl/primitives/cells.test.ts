import { describe, expect, it } from "vitest";
import {
  bit,
  clockDomain,
  type Domain,
  drivePad,
  fallingEdge,
  inDomain,
  instance,
  module,
  readPad,
  register,
  SYNC,
  synchronize,
  unsigned,
} from "../../../hdl/builder/index.ts";
import {
  cellClocks,
  IO_IDLE,
  MAC16_IDLE,
  mac16,
  pinType,
  ram40,
  ram40Domains,
  sbIo,
  sbMac16,
} from "../../../hdl/primitives/ice40/index.ts";
import { simulate } from "../../../hdl/simulate/index.ts";

const RAM_IDLE = { RCLKE: 1, RE: 1, RADDR: 0, WCLKE: 1, WE: 1, WADDR: 0, MASK: 0, WDATA: 0 } as const;
const other = clockDomain("other");

/** A module with a block RAM; its clock ports. */
function clocksOfRam(options: Parameters<typeof ram40>[0], domains?: readonly [Domain, Domain]): string[] {
  const cell = ram40(options);
  const top = module("top", { inputs: {}, outputs: { data: unsigned(16) } }, ({ data }) => {
    const given = domains === undefined ? {} : { domains: ram40Domains(cell, ...domains) };
    data.set(instance("ram", cell, RAM_IDLE, given).RDATA);
  });
  return top.domains.map(({ clock, edge }) => `${edge} ${clock}`).sort();
}

describe("the clock ports of a cell", () => {
  it("get the clock at hand", () => {
    expect(clocksOfRam({})).toEqual(["rising clock"]);
    expect(clocksOfRam({ negReadClock: true })).toEqual(["falling clock", "rising clock"]);
  });

  it("get the clocks that they are given", () => {
    expect(clocksOfRam({}, [other, SYNC])).toEqual(["rising clock", "rising other_clock"]);
    expect(clocksOfRam({ negReadClock: true }, [other, SYNC])).toEqual([
      "falling other_clock",
      "rising clock",
    ]);
  });

  it("keep the cell's own edge", () => {
    const top = module("top", { inputs: { A: unsigned(16) }, outputs: { O: unsigned(32) } }, ({ A, O }) =>
      inDomain(fallingEdge(SYNC), () => {
        const cell = mac16({ a: { registered: true }, top: { upper: "input" }, bottom: { upper: "input" } });
        O.set(instance("mac", cell, { ...MAC16_IDLE, A }).O);
      }),
    );
    expect(top.domains).toEqual([SYNC]);
  });

  it("do not take values of other clocks unawares", () => {
    const make = (clock: Domain) => () =>
      module("top", { inputs: { on: bit }, outputs: {}, inouts: ["pin"] }, ({ on, pads }) => {
        const cell = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_REGISTERED") });
        const options = { pads: { PACKAGE_PIN: pads.pin }, domains: cellClocks(cell, { OUTPUT_CLK: clock }) };
        instance("led", cell, { ...IO_IDLE, D_OUT_0: on }, options);
      });
    expect(make(SYNC)).not.toThrow();
    expect(make(other)).toThrow("input D_OUT_0 of instance led of top belongs to clock domain other");
  });
});

describe("a pin", () => {
  const cell = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_TRISTATE"), pullup: true });

  it("is driven or read by a cell", () => {
    const top = module(
      "top",
      { inputs: { out: bit, enable: bit }, outputs: { seen: bit }, inouts: ["pin"] },
      ({ out, enable, seen, pads }) => {
        const ports = { ...IO_IDLE, D_OUT_0: out, OUTPUT_ENABLE: enable };
        const { D_IN_0 } = instance("io", cell, ports, { pads: { PACKAGE_PIN: pads.pin } });
        seen.set(synchronize("seen_by_clock", D_IN_0, { stages: 1 }));
      },
    );
    const simulation = simulate(top);
    for (const [pin, out, enable] of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
    ] as const) {
      simulation.drive({ pin, out, enable });
      simulation.step();
      simulation.expect({ seen: enable === 1 ? out : pin, "pin.enable": enable, "pin.out": out });
    }
  });

  it("follows no clock where it is read without a register", () => {
    const make = () =>
      module("top", { inputs: {}, outputs: { seen: bit }, inouts: ["pin"] }, ({ seen, pads }) => {
        const { D_IN_0 } = instance("io", cell, IO_IDLE, { pads: { PACKAGE_PIN: pads.pin } });
        seen.set(register("seen_at_once", bit, { next: D_IN_0 }));
      });
    expect(make).toThrow("bring it over by synchronize or sampleAcross");
  });

  it("shows both halves of a DDR output, the first one after the rising edge", () => {
    const ddr = sbIo({ pinType: pinType("PIN_INPUT", "PIN_OUTPUT_DDR") });
    const top = module(
      "top",
      { inputs: { a: bit, b: bit }, outputs: {}, inouts: ["pin"] },
      ({ a, b, pads }) => {
        instance("io", ddr, { ...IO_IDLE, D_OUT_0: a, D_OUT_1: b }, { pads: { PACKAGE_PIN: pads.pin } });
      },
    );
    const simulation = simulate(top);
    for (const [a, b] of [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ] as const) {
      simulation.drive({ a, b });
      simulation.step();
      simulation.expect({ "pin.out": a });
    }
  });

  it("is left to cells", () => {
    const inner = module("inner", { inputs: { on: bit }, outputs: {}, inouts: ["pin"] }, ({ on, pads }) =>
      drivePad(pads.pin, on, readPad(pads.pin)),
    );
    const make = () =>
      module("top", { inputs: { on: bit }, outputs: {}, inouts: ["pin"] }, ({ on, pads }) => {
        instance("a", inner, { on }, { pads });
      });
    expect(make).toThrow("inner a reads or drives a pin itself; only the model of a cell of the part can");
  });
});

describe("mac16", () => {
  it("has the vendor's parameters for its options", () => {
    const half = { output: "accumulator", lower: "product8x8", upper: "input" } as const;
    const { parameters } = mac16({
      mode: "8x8",
      a: { signed: true, registered: true },
      b: { signed: true, registered: true },
      c: { registered: true },
      pipeline: { top8x8: true, bottom8x8: true },
      top: { ...half, carry: 1 },
      bottom: { ...half, carry: "adder" },
    });
    const set = [...parameters].filter(([, value]) => /1$|1[01]$/.test(value));
    expect(Object.fromEntries(set)).toEqual({
      C_REG: "1'b1",
      A_REG: "1'b1",
      B_REG: "1'b1",
      TOP_8x8_MULT_REG: "1'b1",
      BOT_8x8_MULT_REG: "1'b1",
      TOPOUTPUT_SELECT: "2'b01",
      TOPADDSUB_LOWERINPUT: "2'b01",
      TOPADDSUB_UPPERINPUT: "1'b1",
      TOPADDSUB_CARRYSELECT: "2'b01",
      BOTOUTPUT_SELECT: "2'b01",
      BOTADDSUB_LOWERINPUT: "2'b01",
      BOTADDSUB_UPPERINPUT: "1'b1",
      BOTADDSUB_CARRYSELECT: "2'b11",
      MODE_8x8: "1'b1",
      A_SIGNED: "1'b1",
      B_SIGNED: "1'b1",
    });
    expect(parameters.size).toBe(20);
  });

  it("refuses a 16x16 product in 8x8 mode, and what the cell has not", () => {
    expect(() => mac16({ mode: "8x8", top: { output: "product16x16" } })).toThrow(
      'an SB_MAC16 in mode "8x8" has no 16x16 product',
    );
    expect(() => sbMac16(JSON.parse('{ "A_REGISTER": 1 }'))).toThrow("SB_MAC16 has no parameter A_REGISTER");
    expect(() => sbMac16(JSON.parse('{ "TOPOUTPUT_SELECT": 4 }'))).toThrow(
      "parameter TOPOUTPUT_SELECT of SB_MAC16 is 4; it is a whole number from 0 to 3",
    );
  });
});
