import { bit, type Cell, module, primitive } from "../../builder/index.ts";
import { demandChoice, text } from "../cell.ts";

const INPUTS = {
  /** Power. */
  CLKHFPU: bit,
  /** Lets the clock out, 100 us after the power at the earliest. */
  CLKHFEN: bit,
};
const OUTPUTS = { CLKHF: bit };

export type Hfosc = Cell<typeof INPUTS, typeof OUTPUTS>;

export interface HfoscOptions {
  /** 48, 24, 12 or 6; CLKHF_DIV. */
  readonly megahertz: 48 | 24 | 12 | 6;
}

export const HFOSC_MEGAHERTZ = [48, 24, 12, 6] as const;

/**
 * SB_HFOSC, the oscillator of iCE40 UltraPlus; its frequency is within 10 % of what it is called, 20 % over all temperatures.
 * Its clock is one by `driveClock(domain, oscillator.CLKHF, reset)`.
 */
export function hfosc({ megahertz }: HfoscOptions): Hfosc {
  demandChoice("the frequency of SB_HFOSC in MHz", megahertz, HFOSC_MEGAHERTZ);
  const divider = HFOSC_MEGAHERTZ.indexOf(megahertz).toString(2).padStart(2, "0");
  const model = module("SB_HFOSC", { inputs: INPUTS, outputs: OUTPUTS }, ({ CLKHF }) => CLKHF.set(0));
  return primitive("SB_HFOSC", { CLKHF_DIV: text(`0b${divider}`) }, model, [
    { output: "CLKHF", frequency: { kind: "fixed", megahertz } },
  ]);
}
