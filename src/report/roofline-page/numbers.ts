import { decimal, percent, seconds, si, signedPercent, withUnit } from "../page/format.js";
import type { Figure } from "../what-if/figures.ts";

/** A figure as a person reads it, by its unit. */
export function figureText(value: number, unit: Figure["unit"] | "W"): string {
  switch (unit) {
    case "s":
      return timeText(value);
    case "B":
    case "J":
    case "W":
      return value < 1 && value > 0 ? small(value, unit) : si(value, unit);
    case "1":
      return percent(value);
    case "token/s":
      return withUnit(decimal(value), "token/s");
    case "token/s/k$":
      return decimal(value);
  }
}

/** Time from nanoseconds to hours: a small part takes long over a large model. */
export function timeText(value: number): string {
  if (value < 120) return seconds(value);
  return value < 7200 ? withUnit(decimal(value / 60), "min") : withUnit(decimal(value / 3600), "h");
}

/** Below one: "0.31 mJ", which `si` leaves to others. */
function small(value: number, unit: string): string {
  const power = Math.min(4, Math.ceil(-Math.log10(value) / 3));
  return withUnit(decimal(value * 1000 ** power), `${["", "m", "µ", "n", "p"][power]}${unit}`);
}

/** "± 7 %" of a value with one standard deviation of uncertainty. */
export const sigmaText = (value: number, sigma: number): string =>
  `± ${withUnit(String(Number(((100 * sigma) / value).toPrecision(2))), "%")}`;

/** A value against what it was: "+3.1 %", from a factor of two on "×2.50"; "=" where nothing changed. */
export function changeText(now: number, was: number): string {
  const ratio = now / was;
  if (now === was || Math.abs(ratio - 1) < 5e-5) return "=";
  return ratio >= 2 || ratio <= 0.5 ? `×${ratio.toPrecision(3)}` : signedPercent(ratio - 1);
}

/** Whether a change is for the better, as a class name; "" where it is neither. */
export function changeClass(now: number, was: number, better: Figure["better"]): string {
  if (better === null || changeText(now, was) === "=") return "";
  return now < was === (better === "less") ? "better" : "worse";
}
