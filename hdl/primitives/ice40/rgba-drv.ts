import { bit, type Cell, module, primitive } from "../../builder/index.ts";
import { demandRange, text } from "../cell.ts";

const INPUTS = {
  /** Current source on; 100 us before the LEDs at the latest. */
  CURREN: bit,
  RGBLEDEN: bit,
  RGB0PWM: bit,
  RGB1PWM: bit,
  RGB2PWM: bit,
};
const OUTPUTS = { RGB0: bit, RGB1: bit, RGB2: bit };

export type RgbaDriver = Cell<typeof INPUTS, typeof OUTPUTS>;

export interface RgbaDriverOptions {
  /** Half current: the steps are 2 mA, not 4 mA (CURRENT_MODE "0b1"). */
  readonly halfCurrent?: boolean;
  /** 0 to 6 steps for RGB0, RGB1, RGB2 (RGB0_CURRENT ...). */
  readonly steps: readonly [number, number, number];
}

/**
 * SB_RGBA_DRV of iCE40 UltraPlus: three current sinks for LEDs. Its outputs go to pins and nowhere else; they are 0 where the
 * LED is on. Where it is off the pin is open, which the model shows as 1, as an LED to the supply would pull it.
 */
export function rgbaDrv({ halfCurrent = false, steps }: RgbaDriverOptions): RgbaDriver {
  const currents = steps.map((count, i) => {
    demandRange(`the current of RGB${i}`, count, 0, 6);
    // A thermometer code: one bit for each step.
    return [`RGB${i}_CURRENT`, text(`0b${"1".repeat(count).padStart(6, "0")}`)];
  });
  const model = module("SB_RGBA_DRV", { inputs: INPUTS, outputs: OUTPUTS }, (io) => {
    const on = io.CURREN.and(io.RGBLEDEN);
    io.RGB0.set(on.and(io.RGB0PWM).not());
    io.RGB1.set(on.and(io.RGB1PWM).not());
    io.RGB2.set(on.and(io.RGB2PWM).not());
  });
  const parameters = { CURRENT_MODE: text(halfCurrent ? "0b1" : "0b0"), ...Object.fromEntries(currents) };
  return primitive("SB_RGBA_DRV", parameters, model);
}
