/** The part of the token's cycles that is in view. @typedef {{ start: number, end: number }} CycleWindow */

/** No zoom shows fewer cycles. */
const NARROWEST = 16;

/**
 * Scales the window by `factor` (below one zooms in) and keeps `cycle` where it is on the screen.
 * @param {CycleWindow} window
 * @param {number} factor
 * @param {number} cycle
 * @param {number} total cycles of the token
 */
export function zoomed({ start, end }, factor, cycle, total) {
  const length = Math.min(total, Math.max(Math.min(NARROWEST, total), (end - start) * factor));
  const place = (cycle - start) / (end - start);
  return inside({ start: cycle - place * length, end: cycle + (1 - place) * length }, total);
}

/** @param {CycleWindow} window @param {number} cycles to the right @param {number} total */
export function panned({ start, end }, cycles, total) {
  return inside({ start: start + cycles, end: end + cycles }, total);
}

/** The window moved, not squeezed, until it lies in the token. @param {CycleWindow} window @param {number} total @returns {CycleWindow} */
function inside({ start, end }, total) {
  const shift = start < 0 ? -start : Math.min(0, total - end);
  return { start: start + shift, end: end + shift };
}
