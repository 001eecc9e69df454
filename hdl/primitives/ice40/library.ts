import { HardwareError, type Primitive } from "../../builder/index.ts";
import type { CellLibrary, CellParameters } from "../../netlist/index.ts";
import { demandChoice } from "../cell.ts";
import { sbGb } from "./gb.ts";
import { HFOSC_MEGAHERTZ, type Hfosc, hfosc } from "./hfosc.ts";
import { IO_STANDARDS, type Io, sbIo } from "./io.ts";
import { type Mac16, sbMac16 } from "./mac16.ts";
import { MAC16_PARAMETER_BITS } from "./mac16-parameters.ts";
import { PLL40_FEEDBACKS, PLL40_OUTPUTS, type Pll40Options, pll40Core, pll40Pad } from "./pll40.ts";
import { type Ram40, ram40 } from "./ram40.ts";
import { RAM40_MODES } from "./ram40-lanes.ts";
import { type RgbaDriver, rgbaDrv } from "./rgba-drv.ts";
import { sbSpram256ka } from "./spram.ts";

/** The cells as they stand in netlists, by type: `readNetlist(json, { library: ICE40_LIBRARY })`. */
export const ICE40_LIBRARY: CellLibrary = new Map<string, (parameters: CellParameters) => Primitive>([
  ["SB_GB", () => sbGb],
  ["SB_HFOSC", hfoscOf],
  ["SB_IO", ioOf],
  ["SB_MAC16", mac16Of],
  ["SB_PLL40_CORE", (p) => pll40Core(pll40Of(p))],
  ["SB_PLL40_PAD", (p) => pll40Pad(pll40Of(p))],
  ["SB_RAM40_4K", (p) => ram40Of(p, false, false)],
  ["SB_RAM40_4KNR", (p) => ram40Of(p, true, false)],
  ["SB_RAM40_4KNW", (p) => ram40Of(p, false, true)],
  ["SB_RAM40_4KNRNW", (p) => ram40Of(p, true, true)],
  ["SB_RGBA_DRV", rgbaDrvOf],
  ["SB_SPRAM256KA", () => sbSpram256ka],
]);

function mac16Of(parameters: CellParameters): Mac16 {
  const names = Object.keys(MAC16_PARAMETER_BITS);
  return sbMac16(Object.fromEntries(names.map((name) => [name, parameters.integer(name, 0)])));
}

function ram40Of(parameters: CellParameters, negReadClock: boolean, negWriteClock: boolean): Ram40 {
  if (parameters.text("INIT_FILE", "") !== "")
    throw new HardwareError("the netlist has an SB_RAM40_4K with INIT_FILE; use INIT_0 to INIT_F");
  const rows = Array.from({ length: 256 }, (_, row) => {
    const block = parameters.word(
      `INIT_${Math.floor(row / 16)
        .toString(16)
        .toUpperCase()}`,
      256,
      0n,
    );
    return Number((block >> BigInt(16 * (row % 16))) & 0xffffn);
  });
  const mode = (name: string) => demandChoice(name, parameters.integer(name, 0), RAM40_MODES);
  return ram40({
    readMode: mode("READ_MODE"),
    writeMode: mode("WRITE_MODE"),
    negReadClock,
    negWriteClock,
    rows,
  });
}

function ioOf(parameters: CellParameters): Io {
  return sbIo({
    pinType: parameters.integer("PIN_TYPE", 0),
    pullup: parameters.flag("PULLUP", false),
    negTrigger: parameters.flag("NEG_TRIGGER", false),
    standard: demandChoice("IO_STANDARD", parameters.text("IO_STANDARD", "SB_LVCMOS"), IO_STANDARDS),
  });
}

function pll40Of(parameters: CellParameters): Pll40Options {
  for (const name of ["DELAY_ADJUSTMENT_MODE_FEEDBACK", "DELAY_ADJUSTMENT_MODE_RELATIVE"])
    demandChoice(name, parameters.text(name, "FIXED"), ["FIXED"]);
  for (const name of ["ENABLE_ICEGATE", "TEST_MODE"]) demandChoice(name, parameters.integer(name, 0), [0]);
  return {
    divr: parameters.integer("DIVR", 0),
    divf: parameters.integer("DIVF", 0),
    divq: parameters.integer("DIVQ", 0),
    filterRange: parameters.integer("FILTER_RANGE", 0),
    feedback: demandChoice("FEEDBACK_PATH", parameters.text("FEEDBACK_PATH", "SIMPLE"), PLL40_FEEDBACKS),
    output: demandChoice("PLLOUT_SELECT", parameters.text("PLLOUT_SELECT", "GENCLK"), PLL40_OUTPUTS),
    shiftDivider: parameters.flag("SHIFTREG_DIV_MODE", false) ? 7 : 4,
    feedbackDelay: parameters.integer("FDA_FEEDBACK", 0),
    relativeDelay: parameters.integer("FDA_RELATIVE", 0),
  };
}

function hfoscOf(parameters: CellParameters): Hfosc {
  demandChoice("TRIM_EN", parameters.text("TRIM_EN", "0b0"), ["0b0"]);
  const divider = demandChoice("CLKHF_DIV", parameters.text("CLKHF_DIV", "0b00"), [
    "0b00",
    "0b01",
    "0b10",
    "0b11",
  ]);
  return hfosc({ megahertz: HFOSC_MEGAHERTZ[Number(divider)]! });
}

function rgbaDrvOf(parameters: CellParameters): RgbaDriver {
  const steps = (led: number): number =>
    parameters.text(`RGB${led}_CURRENT`, "0b000000").slice(2).replaceAll("0", "").length;
  return rgbaDrv({
    steps: [steps(0), steps(1), steps(2)],
    halfCurrent: parameters.text("CURRENT_MODE", "0b0") === "0b1",
  });
}
