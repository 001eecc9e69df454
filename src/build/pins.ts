import { CLOCK_PIN } from "../../hdl/boards/clock-pin.ts";
import type { Board } from "../devices/board.ts";

/** The part's pin of each of the design's ports. */
export type BoardPins = Readonly<Record<string, string>>;

/** @throws RangeError for a board that `checkBoard` would have refused */
export function pinsOf({ clock, uart, flash, leds }: Board): BoardPins {
  const [light] = leds;
  return {
    ...(clock.kind === "pin" ? { [CLOCK_PIN]: clock.pin } : {}),
    rx: wired("rx", uart?.rx),
    tx: wired("tx", uart?.tx),
    ...(light === undefined ? {} : { light: light.pin }),
    flash_clock: wired("flash_clock", flash?.clock),
    flash_select: wired("flash_select", flash?.select),
    ...Object.fromEntries(
      [0, 1, 2, 3].map((line) => [`flash_data_${line}`, wired(`flash_data_${line}`, flash?.data[line])]),
    ),
  };
}

function wired(port: string, pin: string | null | undefined): string {
  if (pin === null || pin === undefined) throw new RangeError(`there is no pin for ${port}`);
  return pin;
}
