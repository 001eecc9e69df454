/**
 * Cells of the iCE40 family: written as instances of the vendor's cells, simulated as their models, which tests hold to
 * Yosys' `cells_sim.v`. Neither knows delays, the time that oscillators, PLLs and sleeping memories need to wake up, what
 * a block RAM gives of a word that the other clock writes at that moment, or pull-ups. Yosys has no model of the PLLs, of
 * SB_HFOSC and of SB_RGBA_DRV.
 */

export { cellClocks } from "../cell.ts";
export { type BlockRamAccess, type BlockRamOptions, blockRam } from "./block-ram.ts";
export {
  type DualAccumulatorOptions,
  type DualMultiplyAddOptions,
  dualAccumulator8,
  dualMultiplier8,
  dualMultiplyAdd8,
  type Pair,
} from "./dual-multiplier.ts";
export { globalBuffer, sbGb } from "./gb.ts";
export { type Hfosc, type HfoscOptions, hfosc } from "./hfosc.ts";
export { IO_IDLE, type Io, type IoOptions, sbIo } from "./io.ts";
export { type InputType, type OutputType, pinType } from "./io-pin-type.ts";
export { ICE40_LIBRARY } from "./library.ts";
export { type Mac16, type Mac16Half, type Mac16Options, mac16, sbMac16 } from "./mac16.ts";
export type { Mac16Parameters } from "./mac16-parameters.ts";
export { MAC16_IDLE } from "./mac16-ports.ts";
export { type MultiplierOptions, multiplier16 } from "./multiplier.ts";
export { type PllSettings, pllSettings } from "./pll-settings.ts";
export { type Pll40, type Pll40Options, pll40Core, pll40Pad } from "./pll40.ts";
export { type Ram40, type Ram40Options, ram40, ram40Domains } from "./ram40.ts";
export { type Ram40Mode, ram40Rows } from "./ram40-lanes.ts";
export { type RgbaDriver, type RgbaDriverOptions, rgbaDrv } from "./rgba-drv.ts";
export { type SpramAccess, sbSpram256ka, spram } from "./spram.ts";
