import {
  bit,
  type Cell,
  type Design,
  type Domain,
  drivePad,
  fallingEdge,
  module,
  mux,
  primitive,
  readPad,
  register,
  type Unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { makeRegisters } from "../../builder/variable.ts";
import { demandChoice, demandRange, literal, portDomain, text } from "../cell.ts";
import { meaningOf } from "./io-pin-type.ts";

export const IO_STANDARDS = ["SB_LVCMOS", "SB_LVDS_INPUT"] as const;

export interface IoOptions {
  /** PIN_TYPE, six bits; `pinType(input, output)` makes them of the library's names. */
  readonly pinType: number;
  /** A weak pull-up (PULLUP). It acts outside of the model: what nobody drives is what the testbench says. */
  readonly pullup?: boolean;
  /** Registers take their values at the falling edge, and the second ones at the rising edge (NEG_TRIGGER). */
  readonly negTrigger?: boolean;
  /** IO_STANDARD; "SB_LVCMOS" if not given. */
  readonly standard?: (typeof IO_STANDARDS)[number];
}

const INPUTS = {
  LATCH_INPUT_VALUE: bit,
  CLOCK_ENABLE: bit,
  OUTPUT_ENABLE: bit,
  D_OUT_0: bit,
  D_OUT_1: bit,
};
const OUTPUTS = { D_IN_0: bit, D_IN_1: bit };

const PIN = "PACKAGE_PIN";

export type Io = Cell<typeof INPUTS, typeof OUTPUTS, typeof PIN>;

/** What the inputs get that an instance does not use. `instance("led", sbIo(...), { ...IO_IDLE, D_OUT_0: on }, { pads })` */
export const IO_IDLE = {
  LATCH_INPUT_VALUE: 0,
  CLOCK_ENABLE: 1,
  OUTPUT_ENABLE: 0,
  D_OUT_0: 0,
  D_OUT_1: 0,
} as const;

const INPUT_CLK = portDomain("INPUT_CLK");
const OUTPUT_CLK = portDomain("OUTPUT_CLK");

/**
 * SB_IO, a pin (the inout PACKAGE_PIN) with its registers. A clock that no register of the PIN_TYPE uses stays open; D_IN_0 of
 * PIN_INPUT follows no clock, and its D_IN_1 is 0. LATCH_INPUT_VALUE is expected to change right behind the first edge of
 * INPUT_CLK: the rising one, or with `negTrigger` the falling one.
 */
export function sbIo(options: IoOptions): Io {
  const { pinType, pullup = false, negTrigger = false, standard = "SB_LVCMOS" } = options;
  demandRange("PIN_TYPE of SB_IO", pinType, 0, 63);
  demandChoice("IO_STANDARD of SB_IO", standard, IO_STANDARDS);
  return primitive(
    "SB_IO",
    {
      PIN_TYPE: literal(pinType, 6),
      PULLUP: literal(pullup ? 1 : 0, 1),
      NEG_TRIGGER: literal(negTrigger ? 1 : 0, 1),
      IO_STANDARD: text(standard),
    },
    model(pinType, negTrigger),
  );
}

function model(type: number, negTrigger: boolean): Design<typeof INPUTS, typeof OUTPUTS, typeof PIN> {
  const { input, latched, output, enable } = meaningOf(type);
  const usesInputClock = input === "registered" || latched;
  const usesOutputClock = enable === "registered" || (enable !== "never" && output !== "direct");
  const inputDomains = {
    D_OUT_0: output === "direct" ? null : OUTPUT_CLK,
    D_OUT_1: output === "direct" ? null : OUTPUT_CLK,
    OUTPUT_ENABLE: enable === "registered" ? OUTPUT_CLK : null,
    LATCH_INPUT_VALUE: latched ? INPUT_CLK : null,
    CLOCK_ENABLE: usesOutputClock ? OUTPUT_CLK : usesInputClock ? INPUT_CLK : null,
  };
  const ports = {
    inputs: INPUTS,
    outputs: OUTPUTS,
    inouts: [PIN] as const,
    domain: OUTPUT_CLK,
    inputDomains,
  };
  return module("SB_IO", ports, ({ pads, CLOCK_ENABLE, ...io }) => {
    const pin = pads[PIN];
    const pad = readPad(pin);
    const inputClock = edgesOf(INPUT_CLK, negTrigger);
    const arriving = input === "direct" ? pad : registerAt(inputClock.first, "din_q_0", pad, CLOCK_ENABLE);
    io.D_IN_0.set(latched ? latch(inputClock.first, "latched", arriving, io.LATCH_INPUT_VALUE) : arriving);
    if (!usesInputClock) io.D_IN_1.set(0);
    else {
      const enabled = registerAt(inputClock.first, "clken_ri", CLOCK_ENABLE);
      io.D_IN_1.set(registerAt(inputClock.second, "din_q_1", pad, enabled));
    }

    if (enable === "never") return;
    const clock = edgesOf(OUTPUT_CLK, negTrigger);
    const out = (): Unsigned => {
      if (output === "direct") return io.D_OUT_0;
      const out0 = registerAt(clock.first, "dout_q_0", io.D_OUT_0, CLOCK_ENABLE);
      if (output !== "ddr") return output === "registered" ? out0 : out0.not();
      const enabled = registerAt(clock.first, "clken_ro", CLOCK_ENABLE);
      const out1 = registerAt(clock.second, "dout_q_1", io.D_OUT_1, enabled);
      return mux(inFirstHalf(clock), out0, out1);
    };
    const outputEnable = (): Unsigned => {
      if (enable === "always") return unsignedConstant(1, 1);
      if (enable === "direct") return io.OUTPUT_ENABLE;
      return registerAt(clock.first, "outena_q", io.OUTPUT_ENABLE, CLOCK_ENABLE);
    };
    drivePad(pin, out(), outputEnable());
  });
}

/** A clock's edges, as the registers count them. */
interface Edges {
  readonly first: Domain;
  readonly second: Domain;
}

function edgesOf(clock: Domain, negTrigger: boolean): Edges {
  const other = fallingEdge(clock);
  return negTrigger ? { first: other, second: clock } : { first: clock, second: other };
}

/** A register that takes a pin, or follows an enable that two clocks share: the circuit around decides what may cross. */
function registerAt(domain: Domain, name: string, value: Unsigned, enable?: Unsigned): Unsigned {
  const made = makeRegisters(name, bit, { domain }, { crossing: true, labels: null });
  if (enable === undefined) made.set(value);
  else when(enable, () => made.set(value));
  return made;
}

/** The value, or where `hold` is 1 what it was before. */
function latch(domain: Domain, name: string, value: Unsigned, hold: Unsigned): Unsigned {
  const last = makeRegisters(name, bit, { domain }, { crossing: true, labels: null });
  const shown = mux(hold, last, value);
  last.set(shown);
  return shown;
}

/** 1 from the first edge to the second: two bits that the edges in turn make different and equal. */
function inFirstHalf({ first, second }: Edges): Unsigned {
  const begun = register("half_begun", bit, { domain: first, initial: 0 });
  const ended = register("half_ended", bit, { domain: second, initial: 0 });
  begun.set(ended.not());
  ended.set(begun);
  return begun.xor(ended);
}
