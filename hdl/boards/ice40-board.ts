import { bit, driveClock, inDomain, instance, module, SYNC, type Unsigned, wire } from "../builder/index.ts";
import { hfosc, pll40Core, pll40Pad, pllSettings, rgbaDrv } from "../primitives/ice40/index.ts";
import { CLOCK_PIN, OUTSIDE } from "./clock-pin.ts";
import { FLASH_PADS, ice40Part, type PartOptions } from "./ice40-part.ts";
import { awake } from "./waking.ts";

/** Where a board's clock comes from. */
export type BoardClock =
  /** A pin, at the frequency that is wanted. */
  | { readonly kind: "pin" }
  /** A PLL behind a pin; `pad`: the pin is the PLL's own, and serves nothing else. */
  | { readonly kind: "pll"; readonly pad: boolean; readonly referenceMHz: number; readonly wantedMHz: number }
  /** The oscillator of UltraPlus parts, within 10 %. */
  | { readonly kind: "oscillator"; readonly megahertz: 48 | 24 | 12 | 6 };

/** What shows that a token is under way. */
export type BoardLight =
  | { readonly kind: "pin"; readonly activeLow: boolean }
  /** One of the three current sinks of UltraPlus parts. */
  | { readonly kind: "sink"; readonly index: 0 | 1 | 2 };

export interface BoardOptions extends PartOptions {
  readonly clock: BoardClock;
  readonly light: BoardLight | null;
}

/**
 * A part on its board: its clock, its reset after power-up, and a light. Pins are `clock_pin`, `rx`, `tx`, `light` and those
 * of the flash.
 * @throws HardwareError where no PLL makes such a clock
 */
export function ice40Board(options: BoardOptions) {
  const { clock, light } = options;
  const part = ice40Part(options);
  return module(
    "board",
    {
      description: `${part.description ?? ""} On its board.`,
      domain: OUTSIDE,
      inputs: { rx: bit, ...(clock.kind === "pin" ? { [CLOCK_PIN]: bit } : {}) },
      outputs: { tx: bit, ...(light === null ? {} : { light: bit }) },
      inouts: FLASH_PADS,
      inputDomains: { rx: null, ...(clock.kind === "pin" ? { [CLOCK_PIN]: null } : {}) },
    },
    (io) => {
      const pin = CLOCK_PIN in io ? io[CLOCK_PIN] : null;
      const source = clockSource(clock, pin);
      const asleep = wire("asleep", bit);
      driveClock(SYNC, source.clock, asleep);
      const made = inDomain(SYNC, () => {
        asleep.set(awake(source.locked).not());
        const { tx, running } = instance("part", part, { rx: io.rx }, { pads: io.pads });
        return { tx, light: light === null ? null : lit(light, running) };
      });
      io.tx.set(made.tx);
      if (made.light !== null && "light" in io) io.light.set(made.light);
    },
  );
}

/** A clock, and whether it is one yet; null: always. */
interface ClockSource {
  readonly clock: Unsigned;
  readonly locked: Unsigned | null;
}

function clockSource(clock: BoardClock, pin: Unsigned | null): ClockSource {
  if (clock.kind === "oscillator") {
    const { CLKHF } = instance("oscillator", hfosc(clock), { CLKHFPU: 1, CLKHFEN: 1 });
    return { clock: CLKHF, locked: null };
  }
  if (clock.kind === "pin") {
    if (pin === null) throw new RangeError("a clock's pin is missing");
    return { clock: pin, locked: null };
  }
  const { DIVR, DIVF, DIVQ, FILTER_RANGE } = pllSettings(clock.referenceMHz, clock.wantedMHz);
  const settings = { divr: DIVR, divf: DIVF, divq: DIVQ, filterRange: FILTER_RANGE };
  const pll = clock.pad ? pll40Pad(settings) : pll40Core(settings);
  const { PLLOUTGLOBAL, LOCK } = instance("pll", pll, { RESETB: 1, BYPASS: 0 });
  return { clock: PLLOUTGLOBAL, locked: LOCK };
}

/** One step of current, 4 mA. */
const STEPS = { 0: [1, 0, 0], 1: [0, 1, 0], 2: [0, 0, 1] } as const;

function lit(light: BoardLight, on: Unsigned): Unsigned {
  if (light.kind === "pin") return light.activeLow ? on.not() : on;
  const { index } = light;
  const made = instance("light_driver", rgbaDrv({ steps: STEPS[index] }), {
    CURREN: 1,
    RGBLEDEN: 1,
    RGB0PWM: index === 0 ? on : 0,
    RGB1PWM: index === 1 ? on : 0,
    RGB2PWM: index === 2 ? on : 0,
  });
  return [made.RGB0, made.RGB1, made.RGB2][index] ?? made.RGB0;
}
