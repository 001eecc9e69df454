/** Numbers as a person reads them. A no-break space stands between a number and its unit. */

const SPACE = "\u00a0";
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

/**
 * Three significant digits with an SI prefix, and no digit after the point of a plain whole number:
 * si(117290, "B") is "117 kB", si(48, "B") is "48 B".
 * @param {number} value at least 0
 * @param {string} unit
 */
export function si(value, unit) {
  const rounded = Number(value.toPrecision(3));
  if (rounded < 1000) return withUnit(Number.isInteger(rounded) ? String(rounded) : decimal(rounded), unit);
  const power = Math.min(Math.floor(Math.log10(rounded) / 3), PREFIXES.length - 1);
  return withUnit((rounded / 1000 ** power).toPrecision(3), `${PREFIXES[power]}${unit}`);
}

/** The same without zeros after the point, for a round figure: "200 Mop/s". @param {number} value @param {string} unit */
export function siShort(value, unit) {
  const [number = "", prefixed = ""] = si(value, unit).split(SPACE);
  return withUnit(String(Number(number)), prefixed).trimEnd();
}

/** "33.3333 MHz" @param {number} clockMHz */
export function megahertz(clockMHz) {
  return withUnit(String(Number(clockMHz.toPrecision(6))), "MHz");
}

/** Whole number with separators: "278,412". @param {number} value */
export function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** Three significant digits, and no fewer than the whole part has: "4.82", "1,234". @param {number} value */
export function decimal(value) {
  return Math.abs(value) >= 100 ? whole(value) : value.toPrecision(3);
}

/** A share of one: "91.2 %"; a share that is not zero never reads as zero. @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.0005) return `<0.1${SPACE}%`;
  return `${(share * 100).toFixed(1)}${SPACE}%`;
}

/** A change, with its sign: "+2.3 %". @param {number} share */
export function signedPercent(share) {
  return `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
}

/** Time from seconds to nanoseconds: "9.81 ms". @param {number} value */
export function seconds(value) {
  if (value >= 1) return withUnit(decimal(value), "s");
  if (value >= 1e-3) return withUnit(decimal(value * 1e3), "ms");
  if (value >= 1e-6) return withUnit(decimal(value * 1e6), "µs");
  return withUnit(decimal(value * 1e9), "ns");
}

/** A number and its unit, kept on one line. @param {string} number @param {string} unit */
export function withUnit(number, unit) {
  return `${number}${SPACE}${unit}`;
}
