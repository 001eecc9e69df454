import { HardwareError } from "../../builder/index.ts";

/** Dividers of an SB_PLL40 with FEEDBACK_PATH "SIMPLE": out = reference * (DIVF + 1) / ((DIVR + 1) * 2^DIVQ). */
export interface PllSettings {
  /** 0 to 15. */
  readonly DIVR: number;
  /** 0 to 127. */
  readonly DIVF: number;
  /** 1 to 6. */
  readonly DIVQ: number;
  /** 1 to 6; follows from the frequency behind DIVR. */
  readonly FILTER_RANGE: number;
  /** What comes out, in MHz. */
  readonly megahertz: number;
}

/** Limits in MHz (iCE40 LP/HX and UltraPlus data sheets): before and behind the divider DIVR, of the oscillator, of the output. */
const REFERENCE = [10, 133] as const;
const OSCILLATOR = [533, 1066] as const;
const OUTPUT = [16, 275] as const;

const within = (megahertz: number, [low, high]: readonly [number, number]): boolean =>
  megahertz >= low && megahertz <= high;

/** Highest frequency in MHz that FILTER_RANGE 1, 2 ... is for; the choice of icepll. */
const FILTERS = [17, 26, 44, 66, 101];

/**
 * The settings that come closest to a wanted frequency; of equally close ones those with the smallest DIVR, then DIVF.
 * @throws HardwareError where the PLL cannot take the reference or give the output
 */
export function pllSettings(referenceMegahertz: number, wantedMegahertz: number): PllSettings {
  if (!within(referenceMegahertz, REFERENCE))
    throw new HardwareError(
      `a PLL's reference of ${referenceMegahertz} MHz; it takes ${REFERENCE.join(" to ")} MHz`,
    );
  if (!within(wantedMegahertz, OUTPUT))
    throw new HardwareError(`a PLL's output of ${wantedMegahertz} MHz; it gives ${OUTPUT.join(" to ")} MHz`);
  let best: PllSettings | null = null;
  for (let DIVR = 0; DIVR <= 15; DIVR++) {
    const compared = referenceMegahertz / (DIVR + 1);
    if (!within(compared, REFERENCE)) continue;
    const FILTER_RANGE = FILTERS.filter((limit) => compared >= limit).length + 1;
    for (let DIVF = 0; DIVF <= 127; DIVF++) {
      const oscillator = compared * (DIVF + 1);
      if (!within(oscillator, OSCILLATOR)) continue;
      for (let DIVQ = 1; DIVQ <= 6; DIVQ++) {
        const megahertz = oscillator / 2 ** DIVQ;
        const error = Math.abs(megahertz - wantedMegahertz);
        if (best === null || error < Math.abs(best.megahertz - wantedMegahertz))
          best = { DIVR, DIVF, DIVQ, FILTER_RANGE, megahertz };
      }
    }
  }
  if (best === null)
    throw new HardwareError(
      `no setting of a PLL makes ${wantedMegahertz} MHz of ${referenceMegahertz} MHz: its oscillator runs at ${OSCILLATOR.join(" to ")} MHz`,
    );
  return best;
}
