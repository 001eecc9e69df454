import { CLOCK_PIN } from "../../hdl/boards/clock-pin.ts";
import type { Board } from "../devices/board.ts";
import type { BoardPins } from "./pins.ts";

/** Physical constraints for nextpnr-ice40: the frequency that comes in, and a `set_io` for each port. */
export function pcfOf(pins: BoardPins, clock: Board["clock"]): string {
  const frequency = clock.kind === "pin" ? [`set_frequency ${CLOCK_PIN} ${clock.MHz}`] : [];
  const places = Object.entries(pins).map(([port, pin]) => `set_io ${port} ${pin}`);
  return [...frequency, ...places].map((line) => `${line}\n`).join("");
}
