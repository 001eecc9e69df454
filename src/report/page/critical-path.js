import { byId, element } from "./dom.js";
import { megahertz, withUnit } from "./format.js";
import { seriesColour } from "./theme.js";

/** @typedef {import("../build-data.ts").BuildReportData} BuildReportData */

/** The critical path as a stair: each signal with the time that it adds. @param {BuildReportData} data */
export function showCriticalPath({ criticalPath, headline, groups }) {
  if (criticalPath === null) {
    byId("path-caption").textContent = `No register follows another. Limited by ${headline.limitedBy}.`;
    return;
  }
  const { steps, delay, period } = criticalPath;
  const asked = 1000 / headline.askedMHz;
  const halves = period > delay;
  byId("path-caption").textContent =
    `${withUnit(period.toFixed(1), "ns")} of the ${withUnit(asked.toFixed(1), "ns")} between two edges of ` +
    `${megahertz(headline.askedMHz)}: from the clock's edge, signal by signal. A bar is what a signal adds, wires included, ` +
    `in the colour of its unit.` +
    (halves ? " The path begins and ends at different edges, and has half of the time." : "");
  const available = halves ? asked / 2 : asked;
  const last = steps.at(-1)?.arrival ?? 0;
  const stairs = [
    ...steps.map(({ signal, arrival, group }, i) => ({
      name: signal,
      unit: groups[group]?.name ?? "",
      from: steps[i - 1]?.arrival ?? 0,
      to: arrival,
      colour: seriesColour(group),
    })),
    { name: "setup", unit: "", from: last, to: Math.max(last, delay), colour: "muted" },
    ...(available > delay
      ? [{ name: "left over", unit: "", from: delay, to: available, colour: "idle" }]
      : []),
  ];
  const scale = Math.max(available, delay);
  byId("path-steps").append(
    ...stairs.map(({ name, unit, from, to, colour }) => {
      const stair = element("span", { class: "stair", "aria-hidden": "true" });
      stair.style.marginLeft = `${(100 * from) / scale}%`;
      stair.style.width = `${(100 * (to - from)) / scale}%`;
      stair.style.background = `var(--${colour})`;
      const title = element("span", { class: "name" }, ...breakable(name));
      if (unit !== "") title.title = unit;
      return element(
        "li",
        {},
        title,
        element("span", { class: "stairs" }, stair),
        element("span", { class: "number" }, `+${(to - from).toFixed(1)}`),
        element("span", { class: "number" }, withUnit(to.toFixed(1), "ns")),
      );
    }),
  );
}

/** May go on in a new line behind each point. @param {string} name */
function breakable(name) {
  return name.split(".").flatMap((part, i) => (i === 0 ? [part] : [".", element("wbr", {}), part]));
}
