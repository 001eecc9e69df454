import { element } from "./dom.js";
import { swatch } from "./swatch.js";
import { causeColour } from "./theme.js";

/** @typedef {import("../page-data.ts").PageData} PageData */

export const BUSY = "busy";
export const IDLE = "idle";

/**
 * What a unit can be doing, and the colour of it, the same in the bars and in the timeline: busy, then the causes of
 * stalls and waits from the costliest down, then idle.
 * @param {PageData} data
 * @returns {Map<string, string>}
 */
export function stateColours({ stalls, timeline }) {
  /** @type {Map<string, number>} */
  const cycles = new Map();
  for (const unit of stalls) {
    for (const [cause, count] of Object.entries(unit.stalls))
      cycles.set(cause, (cycles.get(cause) ?? 0) + count);
  }
  for (const cause of timelineCauses(timeline)) cycles.set(cause, cycles.get(cause) ?? 0);

  const causes = [...cycles].sort(([, a], [, b]) => b - a).map(([cause]) => cause);
  return new Map([
    [BUSY, "busy"],
    ...causes.map((cause, index) => /** @type {const} */ ([cause, causeColour(index)])),
    [IDLE, "idle"],
  ]);
}

/** The state of a span: its cause, or its kind where it names none. @param {string} kind @param {string} cause */
export function stateOf(kind, cause) {
  return kind === BUSY || cause === "" ? kind : cause;
}

/** @param {PageData["timeline"]} timeline */
function timelineCauses({ tracks, kinds, words }) {
  /** @type {Set<string>} */
  const causes = new Set();
  for (const { spans } of tracks) {
    for (let i = 0; i < spans.length; i += 5) causes.add(stateOf(kinds[spans[i + 2]], words[spans[i + 4]]));
  }
  causes.delete(BUSY);
  return causes;
}

/** @param {Map<string, string>} colours names and colours */
export function legend(colours) {
  return element(
    "ul",
    { class: "legend" },
    ...[...colours].map(([name, colour]) => element("li", {}, swatch(colour), name)),
  );
}
