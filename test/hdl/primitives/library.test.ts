import { describe, expect, it } from "vitest";
import type { Primitive } from "../../../hdl/builder/index.ts";
import { CellParameters } from "../../../hdl/netlist/index.ts";
import {
  hfosc,
  ICE40_LIBRARY,
  mac16,
  pll40Core,
  pll40Pad,
  ram40,
  rgbaDrv,
  sbGb,
  sbIo,
  sbSpram256ka,
} from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";

const random = new Random(5);
const rows = Array.from({ length: 256 }, () => random.below(65_536));

const CELLS: readonly Primitive[] = [
  mac16({ a: { signed: true, registered: true }, top: { output: "product8x8", lower: "sign" }, mode: "8x8" }),
  sbSpram256ka,
  ram40({ readMode: 1, writeMode: 3, rows }),
  ram40({ negReadClock: true }),
  ram40({ negWriteClock: true, readMode: 2 }),
  ram40({ negReadClock: true, negWriteClock: true }),
  sbIo({ pinType: 0b101001, pullup: true, negTrigger: true }),
  sbIo({ pinType: 0b000001, standard: "SB_LVDS_INPUT" }),
  pll40Core({ divr: 3, divf: 40, divq: 2, filterRange: 3, feedback: "DELAY", feedbackDelay: 5 }),
  pll40Pad({
    divr: 0,
    divf: 2,
    divq: 6,
    filterRange: 1,
    feedback: "PHASE_AND_DELAY",
    output: "SHIFTREG_90deg",
    shiftDivider: 7,
    relativeDelay: 9,
  }),
  hfosc({ megahertz: 6 }),
  rgbaDrv({ steps: [0, 3, 6], halfCurrent: true }),
  sbGb,
];

/** A Verilog literal as Yosys writes it. */
function netlistValue(literal: string): string {
  const [, width, base, digits] = /^(\d+)'([bh])([0-9a-f]+)$/.exec(literal) ?? [];
  if (literal.startsWith('"')) return literal.slice(1, -1);
  if (digits === undefined) return Number(literal).toString(2).padStart(32, "0");
  const value = BigInt(`${base === "h" ? "0x" : "0b"}${digits}`);
  return value.toString(2).padStart(Number(width), "0");
}

describe("the library of cells in netlists", () => {
  it.each(CELLS.map((cell) => [cell.name, cell] as const))("knows %s by its parameters", (name, cell) => {
    const values = Object.fromEntries(
      [...cell.parameters].map(([key, literal]) => [key, netlistValue(literal)]),
    );
    const read = ICE40_LIBRARY.get(name)!(new CellParameters(values, name));
    expect(read.kind).toBe("primitive");
    expect(read.name).toBe(name);
    expect(read.kind === "primitive" && read.parameters).toEqual(cell.parameters);
  });

  it("refuses settings that it does not model", () => {
    const parameters = new CellParameters({ FEEDBACK_PATH: "EXTERNAL" }, "pll");
    expect(() => ICE40_LIBRARY.get("SB_PLL40_CORE")!(parameters)).toThrow(
      "FEEDBACK_PATH is EXTERNAL; it is one of SIMPLE, DELAY, PHASE_AND_DELAY",
    );
  });
});
