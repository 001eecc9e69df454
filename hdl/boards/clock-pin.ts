import { clockDomain } from "../builder/index.ts";

/** The pin that a board's clock comes in at. */
export const CLOCK_PIN = "clock_pin";

/** The domain of that clock: the reference of a PLL, or nothing's. */
export const OUTSIDE = clockDomain("outside", { clock: CLOCK_PIN });
