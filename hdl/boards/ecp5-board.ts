import {
  assign,
  bit,
  driveClock,
  HardwareError,
  inDomain,
  instance,
  module,
  SYNC,
  type Unsigned,
  wire,
} from "../builder/index.ts";
import { portName } from "../decoder/decoder.ts";
import { type DeviceOptions, device } from "../decoder/device.ts";
import { ehxplll, ehxplllSettings } from "../primitives/ecp5/ehxplll.ts";
import { blockRamPort } from "../units/channel/block-ram.ts";
import { responseShape } from "../units/channel/shapes.ts";
import { OUTSIDE } from "./clock-pin.ts";
import { awake } from "./waking.ts";

export interface Ecp5Options extends DeviceOptions {
  /** Of the pin that the clock comes from, and of the machine, in MHz. */
  readonly referenceMHz: number;
  readonly wantedMHz: number;
  readonly light: { readonly activeLow: boolean } | null;
}

/**
 * A decoder on an ECP5, all of whose memories are block RAM that the host fills. Pins are `clock_pin`, `rx`, `tx` and `light`.
 * @throws HardwareError for a memory that is no such block RAM, or where no PLL makes such a clock
 */
export function ecp5Board(options: Ecp5Options) {
  const { sizes, referenceMHz, wantedMHz, light } = options;
  const { channels, machine } = sizes;
  for (const { name, storedIn, writeBits } of machine.memories)
    if (storedIn !== "block" || writeBits === null)
      throw new HardwareError(
        `${name} is no block RAM (storedIn "block", and writeBits); no other memory is built on an ECP5`,
      );
  const made = device(options);
  return module(
    "board",
    {
      description: `${made.description ?? ""} On an ECP5, its memories in block RAM.`,
      domain: OUTSIDE,
      inputs: { rx: bit },
      outputs: { tx: bit, ...(light === null ? {} : { light: bit }) },
      inputDomains: { rx: null },
    },
    (io) => {
      const pll = pllOf(referenceMHz, wantedMHz);
      const asleep = wire("asleep", bit);
      driveClock(SYNC, pll.clock, asleep);
      const core = inDomain(SYNC, () => {
        asleep.set(awake(pll.locked).not());
        const responses = channels.map((channel, i) => wire(`response_${i}`, responseShape(channel)));
        const core = instance("device", made, {
          rx: io.rx,
          responses: Object.fromEntries(responses.map((response, i) => [portName(i), response])),
        });
        for (const [i, channel] of channels.entries()) {
          const request = core.requests[portName(i)];
          const response = responses[i];
          if (request === undefined || response === undefined) throw new RangeError(`memory ${i} is missing`);
          assign(response, instance(channel.name, blockRamPort(channel), { request }).response);
        }
        return core;
      });
      io.tx.set(core.tx);
      if (light !== null && "light" in io) io.light.set(light.activeLow ? core.running.not() : core.running);
    },
  );
}

/** Also where the frequencies are the same: then it only takes care of the clock's edges. */
function pllOf(
  referenceMHz: number,
  wantedMHz: number,
): { readonly clock: Unsigned; readonly locked: Unsigned } {
  const feedback = wire("feedback", bit);
  const pll = ehxplll(ehxplllSettings(referenceMHz, wantedMHz));
  const { CLKOP, LOCK } = instance("pll", pll, { CLKFB: feedback, RST: 0, STDBY: 0 });
  feedback.set(CLKOP);
  return { clock: CLKOP, locked: LOCK };
}
