import { byId, element } from "./dom.js";

/** @typedef {import("../build-data.ts").BuildReportData} BuildReportData */

/** What the build depends on. @param {BuildReportData} data */
export function showSettings({ settings, tools, seeds }) {
  byId("settings-list").append(figures(settings));
  const tried = seeds.map(({ seed, clockMHz, why }) => ({
    name: `seed ${seed}`,
    text: clockMHz === null ? (why ?? "failed") : `${clockMHz.toFixed(1)} MHz`,
  }));
  byId("tools-list").append(figures([...tools, ...tried]));
}

/** @param {readonly import("../build-data.ts").NamedText[]} rows */
function figures(rows) {
  return element(
    "table",
    { class: "texts" },
    element(
      "tbody",
      {},
      ...rows.map(({ name, text }) =>
        element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, text)),
      ),
    ),
  );
}
