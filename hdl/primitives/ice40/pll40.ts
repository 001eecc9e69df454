import type { PrimitiveClock } from "../../builder/graph.ts";
import { bit, type Cell, HardwareError, module, primitive, synchronize } from "../../builder/index.ts";
import { demandChoice, demandRange, literal, portDomain, text } from "../cell.ts";

export const PLL40_FEEDBACKS = ["SIMPLE", "DELAY", "PHASE_AND_DELAY"] as const;
export const PLL40_OUTPUTS = ["GENCLK", "GENCLK_HALF", "SHIFTREG_90deg", "SHIFTREG_0deg"] as const;

export interface Pll40Options {
  /** DIVR, 0 to 15: divides the reference by DIVR + 1. */
  readonly divr: number;
  /** DIVF, 0 to 127 with feedback "SIMPLE" and to 63 with others: multiplies by DIVF + 1. */
  readonly divf: number;
  /** DIVQ, 1 to 6: the oscillator runs 2^DIVQ times as fast as GENCLK. */
  readonly divq: number;
  /** FILTER_RANGE, 1 to 6. */
  readonly filterRange: number;
  /** FEEDBACK_PATH: from the oscillator ("SIMPLE", if not given), from behind DIVQ, or from behind the phase shifter. */
  readonly feedback?: (typeof PLL40_FEEDBACKS)[number];
  /** PLLOUT_SELECT: "GENCLK" if not given. The phase shifter's outputs need its feedback. */
  readonly output?: (typeof PLL40_OUTPUTS)[number];
  /** SHIFTREG_DIV_MODE: what the phase shifter divides by; 4 if not given. */
  readonly shiftDivider?: 4 | 7;
  /** FDA_FEEDBACK, 0 to 15: a fixed delay in the feedback, in steps of about 0.15 ns. */
  readonly feedbackDelay?: number;
  /** FDA_RELATIVE, 0 to 15: a fixed delay of the output. */
  readonly relativeDelay?: number;
}

const INPUTS = {
  /** Active low. */
  RESETB: bit,
  /** 1: the outputs are the reference. */
  BYPASS: bit,
};
const OUTPUTS = { PLLOUTCORE: bit, PLLOUTGLOBAL: bit, LOCK: bit };

export type Pll40 = Cell<typeof INPUTS, typeof OUTPUTS>;

/** SB_PLL40_CORE: the reference is a clock inside the part (REFERENCECLK). `pllSettings` finds the dividers. */
export const pll40Core = (options: Pll40Options): Pll40 => pll40("SB_PLL40_CORE", "REFERENCECLK", options);

/** SB_PLL40_PAD: the reference is a pin that belongs to the PLL and serves nothing else (PACKAGEPIN). */
export const pll40Pad = (options: Pll40Options): Pll40 => pll40("SB_PLL40_PAD", "PACKAGEPIN", options);

/** The part needs up to 50 us; a simulation would only wait. */
const CYCLES_TO_LOCK = 8;

/**
 * The reference is the clock of the domain at hand; its product becomes one by `driveClock(domain, pll.PLLOUTGLOBAL, reset)`.
 * LOCK follows no clock. It comes 8 cycles of the reference after RESETB here, later in the part. Ports that are not here
 * stay open, and so 0: EXTFEEDBACK, DYNAMICDELAY, LATCHINPUTVALUE and those for tests.
 */
function pll40(name: string, reference: string, options: Pll40Options): Pll40 {
  const { divr, divf, divq, filterRange, feedback = "SIMPLE", output = "GENCLK" } = options;
  const { shiftDivider = 4, feedbackDelay = 0, relativeDelay = 0 } = options;
  demandChoice(`FEEDBACK_PATH of ${name}`, feedback, PLL40_FEEDBACKS);
  demandChoice(`PLLOUT_SELECT of ${name}`, output, PLL40_OUTPUTS);
  demandChoice(`the phase shifter's divider of ${name}`, shiftDivider, [4, 7]);
  demandRange(`DIVR of ${name}`, divr, 0, 15);
  demandRange(`DIVF of ${name}`, divf, 0, feedback === "SIMPLE" ? 127 : 63);
  demandRange(`DIVQ of ${name}`, divq, 1, 6);
  demandRange(`FILTER_RANGE of ${name}`, filterRange, 1, 6);
  demandRange(`FDA_FEEDBACK of ${name}`, feedbackDelay, 0, 15);
  demandRange(`FDA_RELATIVE of ${name}`, relativeDelay, 0, 15);
  if (output.startsWith("SHIFTREG") && feedback !== "PHASE_AND_DELAY")
    throw new HardwareError(
      `${name} gives ${output} with FEEDBACK_PATH PHASE_AND_DELAY, not with ${feedback}`,
    );

  const model = module(
    name,
    {
      inputs: INPUTS,
      outputs: OUTPUTS,
      domain: portDomain(reference),
      inputDomains: { RESETB: null, BYPASS: null },
    },
    ({ RESETB, PLLOUTCORE, PLLOUTGLOBAL, LOCK }) => {
      // Clocks have no value here: `driveClock` takes the ports as names of a clock.
      PLLOUTCORE.set(0);
      PLLOUTGLOBAL.set(0);
      const settled = synchronize("settled", RESETB, { stages: CYCLES_TO_LOCK, initial: 0 });
      LOCK.set(RESETB.and(settled));
    },
  );
  const frequency = ratio({ divr, divf, divq, feedback, output, shiftDivider });
  return primitive(
    name,
    {
      FEEDBACK_PATH: text(feedback),
      PLLOUT_SELECT: text(output),
      DIVR: literal(divr, 4),
      DIVF: literal(divf, 7),
      DIVQ: literal(divq, 3),
      FILTER_RANGE: literal(filterRange, 3),
      SHIFTREG_DIV_MODE: literal(shiftDivider === 7 ? 1 : 0, 1),
      DELAY_ADJUSTMENT_MODE_FEEDBACK: text("FIXED"),
      FDA_FEEDBACK: literal(feedbackDelay, 4),
      DELAY_ADJUSTMENT_MODE_RELATIVE: text("FIXED"),
      FDA_RELATIVE: literal(relativeDelay, 4),
      ENABLE_ICEGATE: literal(0, 1),
      TEST_MODE: literal(0, 1),
    },
    model,
    ["PLLOUTCORE", "PLLOUTGLOBAL"].map((port): PrimitiveClock => ({ output: port, frequency })),
  );
}

/** Output over reference (iCE40 sysCLOCK PLL Design and Usage Guide): all dividers in the feedback multiply. */
function ratio({
  divr,
  divf,
  divq,
  feedback,
  output,
  shiftDivider,
}: Required<
  Pick<Pll40Options, "divr" | "divf" | "divq" | "feedback" | "output" | "shiftDivider">
>): PrimitiveClock["frequency"] {
  const inFeedback = feedback === "SIMPLE" ? 1 : 2 ** divq;
  const inShifter = feedback === "PHASE_AND_DELAY" ? shiftDivider : 1;
  const behind = output === "GENCLK" ? 1 : output === "GENCLK_HALF" ? 2 : shiftDivider;
  return {
    kind: "ratio",
    multiply: (divf + 1) * inFeedback * inShifter,
    divide: (divr + 1) * 2 ** divq * behind,
  };
}
