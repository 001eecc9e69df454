import { byId, element } from "./dom.js";
import { percent, si, whole } from "./format.js";
import { barRow, stackedBar } from "./stacked-bar.js";
import { BUSY, IDLE, legend } from "./states.js";
import { swatch } from "./swatch.js";
import { seriesColour } from "./theme.js";

/** @typedef {import("../page-data.ts").PageData} PageData */

/** What an operator moves, in the order in which it is stacked. */
export const DATA_SOURCES = /** @type {const} */ ([
  ["weights", "weights"],
  ["metadata", "scales and indices"],
  ["keysAndValues", "keys and values"],
  ["activations", "vectors"],
]);
const SOURCES = /** @type {const} */ ([...DATA_SOURCES, ["program", "program"]]);

/** @param {PageData} data */
export function showBytes({ headline }) {
  const { bytesPerToken } = headline;
  const sources = SOURCES.map(([key, name], index) => ({
    name,
    bytes: bytesPerToken[key],
    share: (bytesPerToken[key] ?? 0) / bytesPerToken.total,
    colour: seriesColour(index),
  })).filter(({ bytes }) => bytes !== undefined);

  const rows = sources.map(({ name, bytes = 0, share, colour }) =>
    row(element("th", { scope: "row" }, swatch(colour), name), si(bytes, "B"), percent(share)),
  );
  const total = row(element("th", { scope: "row" }, "total"), si(bytesPerToken.total, "B"), "");
  byId("bytes-bar").append(
    stackedBar(sources),
    element("table", { class: "figures" }, element("tbody", {}, ...rows), element("tfoot", {}, total)),
  );
}

/** The busiest unit or memory first. @param {PageData} data */
export function showUtilisation({ headline }) {
  const rows = Object.entries(headline.utilisation)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => barRow(name, [{ name: BUSY, share, colour: BUSY }], percent(share)));
  byId("utilisation-bars").append(element("div", { class: "bars" }, ...rows.flat()));
}

/**
 * Per unit a bar of its states, and the same in figures.
 * @param {PageData} data
 * @param {Map<string, string>} colours
 */
export function showStalls({ stalls, timeline }, colours) {
  const units = stalls.map(({ unit, busy, stalls: causes }) => {
    const cycles = new Map([[BUSY, busy], ...Object.entries(causes)]);
    const sum = [...cycles.values()].reduce((a, b) => a + b, 0);
    cycles.set(IDLE, Math.max(0, timeline.cycles - sum));
    return { unit, cycles };
  });
  const states = [...colours].filter(([state]) => units.some(({ cycles }) => (cycles.get(state) ?? 0) > 0));

  const bars = units.map(({ unit, cycles }) => {
    const parts = states.map(([name, colour]) => ({
      name,
      share: (cycles.get(name) ?? 0) / timeline.cycles,
      colour,
    }));
    return barRow(unit, parts, `${percent((cycles.get(BUSY) ?? 0) / timeline.cycles)}`);
  });
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "cycles"),
    ...states.map(([state, colour]) => element("th", { scope: "col" }, swatch(colour), state)),
  );
  const rows = units.map(({ unit, cycles }) =>
    row(
      element("th", { scope: "row" }, unit),
      ...states.map(([state]) => {
        const count = cycles.get(state) ?? 0;
        return count === 0 ? "–" : whole(count);
      }),
    ),
  );
  byId("stalls-bars").append(
    element("div", { class: "bars" }, ...bars.flat()),
    legend(new Map(states)),
    element(
      "div",
      { class: "scroll", role: "region", "aria-label": "Cycles by unit and cause", tabindex: "0" },
      element("table", { class: "figures" }, element("thead", {}, head), element("tbody", {}, ...rows)),
    ),
  );
}

/** @param {HTMLElement} heading @param {...string} cells */
function row(heading, ...cells) {
  return element("tr", {}, heading, ...cells.map((cell) => element("td", {}, cell)));
}
