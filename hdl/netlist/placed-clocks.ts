import { NetlistError } from "./errors.ts";
import type { Bits, NetlistCell, NetlistModule } from "./json.ts";
import type { Packed, Unpacked } from "./placed.ts";

const ZERO: Bits = ["0"];

/** The oscillator of a placed netlist as SB_HFOSC. */
export function unpackOscillator({ name, cell, module }: Packed): Unpacked {
  const { CLKHFPU = ZERO, CLKHFEN = ZERO, CLKHF_FABRIC: fabric = [] } = cell.connections;
  const global = globalOf(`${name.replace(/_OSC$/, "")}_hfosc`, module);
  return {
    type: "SB_HFOSC",
    parameters: cell.parameters,
    connections: { CLKHFPU, CLKHFEN, CLKHF: global.length > 0 ? global : fabric },
  };
}

/** The net behind the global buffer that a cell's clock goes to directly; the buffer has no input then. */
const globalOf = (clock: string, { cells }: NetlistModule): Bits =>
  cells[`$gbuf_${clock}`]?.connections.GLOBAL_BUFFER_OUTPUT ?? [];

/** Numbers that nextpnr has for the library's words and cells. */
const FEEDBACK: Readonly<Record<number, string>> = { 0: "DELAY", 1: "SIMPLE", 2: "PHASE_AND_DELAY" };
const OUTPUT = ["GENCLK", "GENCLK_HALF", "SHIFTREG_90deg", "SHIFTREG_0deg"] as const;
const TYPE: Readonly<Record<number, string>> = { 2: "SB_PLL40_PAD", 3: "SB_PLL40_CORE" };

/** A PLL of a placed netlist as SB_PLL40_PAD or SB_PLL40_CORE. */
export function unpackPll(packed: Packed): Unpacked {
  const { name, cell, parameters, module, where } = packed;
  const type = TYPE[parameters.integer("PLLTYPE")];
  const feedback = FEEDBACK[parameters.integer("FEEDBACK_PATH")];
  const output = OUTPUT[parameters.integer("PLLOUT_SELECT_A", 0)];
  if (type === undefined || feedback === undefined || output === undefined)
    throw new NetlistError(`${where}: its PLLTYPE, FEEDBACK_PATH or PLLOUT_SELECT_A is not known`);
  const { REFERENCECLK = [], RESETB = ZERO, BYPASS = ZERO, LOCK = [], PLLOUT_A = [] } = cell.connections;
  const kept = ["DIVR", "DIVF", "DIVQ", "FILTER_RANGE", "FDA_FEEDBACK", "FDA_RELATIVE"];
  return {
    type,
    parameters: {
      ...Object.fromEntries(kept.map((one) => [one, parameters.pattern(one, "0")])),
      FEEDBACK_PATH: feedback,
      PLLOUT_SELECT: output,
      SHIFTREG_DIV_MODE: parameters.pattern("SHIFTREG_DIVMODE", "0"),
    },
    connections: {
      ...(type === "SB_PLL40_PAD" ? { PACKAGEPIN: padOf(packed) } : { REFERENCECLK }),
      RESETB,
      BYPASS,
      LOCK,
      PLLOUTCORE: PLLOUT_A,
      PLLOUTGLOBAL: globalOf(`${name.replace(/_PLL$/, "")}_pllout_a`, module),
    },
  };
}

/** The pin of a PLL that has one of its own: that in its tile which goes nowhere else. */
function padOf({ cell, module, where }: Packed): Bits {
  const tile = tileOf(cell);
  const pads = Object.values(module.cells).filter(
    (other) => other.type === "SB_IO" && tileOf(other) === tile && !other.connections.D_IN_0?.length,
  );
  const [pad] = pads;
  if (tile === null || pad === undefined || pads.length !== 1)
    throw new NetlistError(`${where}: ${pads.length} pins could be its reference`);
  return pad.connections.PACKAGE_PIN ?? [];
}

/** `X12/Y31` of a place such as `X12/Y31/io1`. */
function tileOf(cell: NetlistCell): string | null {
  const attributes: unknown = cell.attributes;
  if (typeof attributes !== "object" || attributes === null || !("NEXTPNR_BEL" in attributes)) return null;
  return /^(X\d+\/Y\d+)\//.exec(String(attributes.NEXTPNR_BEL))?.[1] ?? null;
}
