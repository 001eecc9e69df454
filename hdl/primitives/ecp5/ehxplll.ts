import { bit, type Cell, HardwareError, module, primitive, synchronize } from "../../builder/index.ts";
import { portDomain, text } from "../cell.ts";

/** Dividers of an EHXPLLL whose feedback is its output: out = reference * feedback / input. */
export interface PllSettings {
  /** CLKI_DIV, CLKFB_DIV and CLKOP_DIV: 1 to 128 each. */
  readonly input: number;
  readonly feedback: number;
  readonly output: number;
  /** What comes out, in MHz. */
  readonly megahertz: number;
}

/** Limits in MHz (ECP5 family data sheet FPGA-DS-02012, sysCLOCK PLL timing): reference, phase detector, oscillator, output. */
const REFERENCE = [8, 400] as const;
const DETECTOR = [10, 400] as const;
const OSCILLATOR = [400, 800] as const;
const OUTPUT = [3.125, 400] as const;
const MOST = 128;

const within = (megahertz: number, [low, high]: readonly [number, number]): boolean =>
  megahertz >= low && megahertz <= high;

/**
 * The settings that come closest to a wanted frequency; of equally close ones those with the smallest input divider.
 * @throws HardwareError where the PLL cannot take the reference or give the output
 */
export function ehxplllSettings(referenceMHz: number, wantedMHz: number): PllSettings {
  if (!within(referenceMHz, REFERENCE))
    throw new HardwareError(
      `a PLL's reference of ${referenceMHz} MHz; it takes ${REFERENCE.join(" to ")} MHz`,
    );
  if (!within(wantedMHz, OUTPUT))
    throw new HardwareError(`a PLL's output of ${wantedMHz} MHz; it gives ${OUTPUT.join(" to ")} MHz`);
  let best: PllSettings | null = null;
  for (let input = 1; input <= MOST; input++) {
    const detected = referenceMHz / input;
    if (!within(detected, DETECTOR)) continue;
    const feedback = Math.min(MOST, Math.max(1, Math.round(wantedMHz / detected)));
    const megahertz = detected * feedback;
    // As slow an oscillator as it may be.
    const output = Math.ceil(OSCILLATOR[0] / megahertz);
    if (output > MOST || !within(megahertz * output, OSCILLATOR) || !within(megahertz, OUTPUT)) continue;
    const isCloser = best === null || Math.abs(megahertz - wantedMHz) < Math.abs(best.megahertz - wantedMHz);
    if (isCloser) best = { input, feedback, output, megahertz };
  }
  if (best === null)
    throw new HardwareError(`no setting of a PLL makes ${wantedMHz} MHz of ${referenceMHz} MHz`);
  return best;
}

const INPUTS = { CLKFB: bit, RST: bit, STDBY: bit };
const OUTPUTS = { CLKOP: bit, LOCK: bit };

export type Ehxplll = Cell<typeof INPUTS, typeof OUTPUTS>;

/** The part needs up to 15 ms; a simulation would only wait. */
const CYCLES_TO_LOCK = 8;

/**
 * EHXPLLL, the PLL of ECP5. Its reference, CLKI, is the clock of the domain at hand; CLKFB has to be its own CLKOP, which becomes a
 * clock by `driveClock`.
 */
export function ehxplll({ input, feedback, output }: PllSettings): Ehxplll {
  const model = module(
    "EHXPLLL",
    {
      inputs: INPUTS,
      outputs: OUTPUTS,
      domain: portDomain("CLKI"),
      inputDomains: { CLKFB: null, RST: null, STDBY: null },
    },
    ({ RST, CLKOP, LOCK }) => {
      // A clock has no value here: `driveClock` takes the port as the name of one.
      CLKOP.set(0);
      LOCK.set(synchronize("settled", RST.not(), { stages: CYCLES_TO_LOCK, initial: 0 }));
    },
  );
  const parameters = {
    CLKI_DIV: `${input}`,
    CLKFB_DIV: `${feedback}`,
    CLKOP_DIV: `${output}`,
    // Half a period after the edge, as Lattice's tools have it for a clock in phase.
    CLKOP_CPHASE: `${Math.max(0, Math.ceil(output / 2) - 1)}`,
    CLKOP_FPHASE: "0",
    CLKOP_ENABLE: text("ENABLED"),
    FEEDBK_PATH: text("CLKOP"),
    OUTDIVIDER_MUXA: text("DIVA"),
    STDBY_ENABLE: text("DISABLED"),
    DPHASE_SOURCE: text("DISABLED"),
    PLLRST_ENA: text("DISABLED"),
    INTFB_WAKE: text("DISABLED"),
  };
  const frequency = { kind: "ratio", multiply: feedback, divide: input } as const;
  return primitive("EHXPLLL", parameters, model, [{ output: "CLKOP", frequency }]);
}
