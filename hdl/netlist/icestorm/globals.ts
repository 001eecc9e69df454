import type { Bit } from "../json.ts";
import type { ExtraCell } from "./chip.ts";
import { type Design, flag } from "./design.ts";
import { parametersOf } from "./extra-cells.ts";
import type { PinPlaces } from "./pins.ts";

const GLOBALS = 8;

/** What drives the global nets: the fabric, a pin, or an oscillator or a PLL in a pin's place. All other drivers are known. */
export function findGlobals(pins: PinPlaces, design: Design): void {
  const { chip, configuration } = design;
  for (let number = 0; number < GLOBALS; number++) {
    const fabric = chip.globalSources.get(number) ?? "";
    const net = chip.nets.at(fabric, `glb_netwk_${number}`);
    if (net === null) continue;
    const isDirect = configuration.extraBits.has(chip.extraBits.get(`padin_glb_netwk.${number}`) ?? "");
    const signal = isDirect
      ? (clockCell(number, design) ?? pinSignal(number, pins, design))
      : { name: `global ${number}`, bits: design.input(fabric, "fabout") };
    if (signal.bits !== null && signal.bits.length === 0) continue;
    const GLOBAL_BUFFER_OUTPUT = design.drives(net, signal.name);
    const USER_SIGNAL_TO_GLOBAL_BUFFER = signal.bits ?? [];
    const connections = { USER_SIGNAL_TO_GLOBAL_BUFFER, GLOBAL_BUFFER_OUTPUT };
    design.add(signal.name, () => ({ type: "SB_GB", parameters: {}, connections }), ["GLOBAL_BUFFER_OUTPUT"]);
  }
}

/** What a global buffer carries; null: the clock of the cell that it is named after, as nextpnr has it. */
interface Signal {
  readonly name: string;
  readonly bits: Bit[] | null;
}

function pinSignal(number: number, pins: PinPlaces, { chip }: Design): Signal {
  const port = pins.get(chip.globalPins.get(number) ?? "");
  return { name: `global ${number}`, bits: port === undefined ? [] : [port] };
}

/** An oscillator or a PLL whose output takes the place of the pin of a global net. */
function clockCell(number: number, design: Design): Signal | null {
  const { extraCells, globalPins, nets } = design.chip;
  for (const cell of extraCells) {
    const output = cell.entries.get(cell.type === "HFOSC" ? "CLKHF" : "PLLOUT_A");
    if (output === undefined) continue;
    if (cell.type === "HFOSC" && output.name === `glb_netwk_${number}`) {
      const power = cell.entries.get("CLKHFPU");
      if (power === undefined || design.bits(nets.at(power.place, power.name)).length === 0) continue;
      findOscillator(cell, design);
      return { name: "$gbuf_oscillator_hfosc", bits: null };
    }
    if (cell.type === "PLL" && `${output.place} ${output.name}` === globalPins.get(number)) {
      if (!String(parametersOf(cell, design).PLLTYPE).includes("1")) continue;
      findPll(cell, design);
      return { name: "$gbuf_pll_pllout_a", bits: null };
    }
  }
  return null;
}

const inputsOf = ({ entries }: ExtraCell, names: readonly string[], design: Design): Record<string, Bit[]> =>
  Object.fromEntries(
    names.map((name) => {
      const entry = entries.get(name);
      return [name, entry === undefined ? [] : design.input(entry.place, entry.name)];
    }),
  );

function findOscillator(cell: ExtraCell, design: Design): void {
  const { CLKHF_DIV, TRIM_EN } = parametersOf(cell, design);
  design.add(
    "oscillator_OSC",
    () => ({
      type: "ICESTORM_HFOSC",
      parameters: { CLKHF_DIV: `0b${CLKHF_DIV}`, TRIM_EN: `0b${TRIM_EN}` },
      connections: inputsOf(cell, ["CLKHFPU", "CLKHFEN"], design),
    }),
    [],
  );
}

function findPll(cell: ExtraCell, design: Design): void {
  const { SHIFTREG_DIV_MODE, ...parameters } = parametersOf(cell, design);
  const lock = cell.entries.get("LOCK");
  const isLockRead = lock !== undefined && design.chip.nets.isRead(lock.place, lock.name);
  const LOCK = isLockRead ? design.drives(design.chip.nets.at(lock.place, lock.name), "pll_PLL") : [];
  design.add(
    "pll_PLL",
    () => ({
      type: "ICESTORM_PLL",
      parameters: { ...parameters, SHIFTREG_DIVMODE: flag(String(SHIFTREG_DIV_MODE).includes("1")) },
      attributes: { NEXTPNR_BEL: `${cell.place.replace(/^(\d+) (\d+)$/, "X$1/Y$2")}/pll` },
      connections: { ...inputsOf(cell, ["RESETB", "BYPASS", "REFERENCECLK"], design), LOCK, PLLOUT_A: [] },
    }),
    ["LOCK", "PLLOUT_A"],
  );
}
