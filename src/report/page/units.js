import { byId, element } from "./dom.js";
import { whole } from "./format.js";
import { swatch } from "./swatch.js";
import { seriesColour } from "./theme.js";

/** @typedef {import("../build-data.ts").BuildReportData} BuildReportData */
/** @typedef {import("../build-data.ts").UnitFigures} UnitFigures */

/** @type {readonly (readonly [title: string, text: (figures: UnitFigures) => string])[]} */
const COLUMNS = [
  ["logic cells", ({ logicCells }) => countOrDash(logicCells)],
  ["block RAMs", ({ blockRams }) => countOrDash(blockRams)],
  ["DSPs", ({ dsps }) => countOrDash(dsps)],
  ["SPRAMs", ({ sprams }) => countOrDash(sprams)],
  ["slowest, ns", ({ slowest }) => (slowest === null ? "–" : slowest.toFixed(1))],
  ["MHz", ({ slowest }) => (slowest === null ? "–" : (1000 / slowest).toFixed(1))],
];

/**
 * The units with what they take; those that have parts unfold. The one under the pointer is shown alone on the floorplan.
 * @param {BuildReportData} data
 * @param {(members: ReadonlySet<number> | null) => void} showAlone
 */
export function showUnits({ groups }, showAlone) {
  const table = byId("units-table");
  /** Names of the groups that show their members. @type {Set<string>} */
  const unfolded = new Set();
  const firsts = groups.map((_, i) =>
    groups.slice(0, i).reduce((sum, { members }) => sum + members.length, 0),
  );

  const draw = () => {
    const head = ["unit", ...COLUMNS.map(([title]) => title)];
    table.replaceChildren(
      element(
        "table",
        { class: "units" },
        element(
          "thead",
          {},
          element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title))),
        ),
        element("tbody", {}, ...groups.flatMap(groupRows)),
        element("tfoot", {}, row("th", "total", total(groups))),
      ),
    );
    byId("unfold-units").textContent = unfolded.size > 0 ? "Fold the parts" : "Show every part";
  };

  /** @param {BuildReportData["groups"][number]} group @param {number} index */
  const groupRows = (group, index) => {
    const { name, members } = group;
    const first = firsts[index];
    const mark = swatch(seriesColour(index));
    const open = unfolded.has(name);
    const hasParts = members.length > 1;
    const title = hasParts
      ? element("button", { type: "button", class: "fold", "aria-expanded": String(open) }, mark, name)
      : element("span", { class: "single" }, mark, name);
    if (hasParts)
      title.addEventListener("click", () => {
        if (open) unfolded.delete(name);
        else unfolded.add(name);
        const place = [...table.querySelectorAll(".fold")].indexOf(title);
        draw();
        const again = table.querySelectorAll(".fold")[place];
        if (again instanceof HTMLElement) again.focus();
      });
    const rows = [
      shownAlone(
        row("th", title, group),
        members.map((_, i) => first + i),
      ),
    ];
    if (!open || !hasParts) return rows;
    const parts = members.map((member, i) => {
      const made = row("td", member.name, member);
      made.className = "member";
      return shownAlone(made, [first + i]);
    });
    return [...rows, ...parts];
  };

  /** @param {HTMLTableRowElement} row @param {readonly number[]} members */
  const shownAlone = (row, members) => {
    const shown = new Set(members);
    for (const event of ["mouseenter", "focusin"]) row.addEventListener(event, () => showAlone(shown));
    for (const event of ["mouseleave", "focusout"]) row.addEventListener(event, () => showAlone(null));
    return row;
  };

  byId("unfold-units").addEventListener("click", () => {
    if (unfolded.size > 0) unfolded.clear();
    else for (const { name, members } of groups) if (members.length > 1) unfolded.add(name);
    draw();
  });
  draw();
}

/** @param {"th" | "td"} tag of the title @param {string | Node} title @param {UnitFigures} figures */
function row(tag, title, figures) {
  const heading = element(tag, tag === "th" ? { scope: "row" } : {}, title);
  if (figures.about !== "") heading.title = figures.about;
  return element("tr", {}, heading, ...COLUMNS.map(([, text]) => element("td", {}, text(figures))));
}

/** @param {readonly UnitFigures[]} units @returns {UnitFigures} */
function total(units) {
  /** @param {"logicCells" | "blockRams" | "dsps" | "sprams"} key */
  const sum = (key) => units.reduce((all, unit) => all + unit[key], 0);
  const slowest = Math.max(...units.map((unit) => unit.slowest ?? 0));
  return {
    name: "total",
    about: "",
    logicCells: sum("logicCells"),
    blockRams: sum("blockRams"),
    dsps: sum("dsps"),
    sprams: sum("sprams"),
    slowest: slowest > 0 ? slowest : null,
  };
}

/** @param {number} count */
function countOrDash(count) {
  return count === 0 ? "–" : whole(count);
}
