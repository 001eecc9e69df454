import { DATA_SOURCES } from "./bars.js";
import { byId, element } from "./dom.js";
import { decimal, percent, si, whole, withUnit } from "./format.js";
import { intensity, totalBytes } from "./operator-figures.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./operator-figures.js").Operator} Operator */
/** @typedef {Pick<Operator, "name" | "count" | "operations" | "bytes" | "bound" | "cycles">} Figures */
/** @typedef {{ name: string, members: Operator[], sum: Figures }} Group */
/** @typedef {{ title: string, value: (figures: Figures) => number | string, text: (figures: Figures) => string }} Column */

/**
 * The operators as a table that sorts by a click on a heading; the layers of an operator fold into one row.
 * @param {PageData} data
 */
export function showOperators({ operators, timeline }) {
  const groups = groupByName(operators);
  const columns = tableColumns(operators, timeline.cycles);
  const total = { ...sumOf("total", operators), bound: "" };
  const table = byId("operators-table");
  let sortedBy = columns.findIndex(({ title }) => title === "cycles");
  let descending = true;
  /** Names of the groups that show their layers. @type {Set<string>} */
  const unfolded = new Set();

  const draw = () => {
    const { value } = columns[sortedBy];
    const order = [...groups].sort((a, b) => compare(value(a.sum), value(b.sum)) * (descending ? -1 : 1));
    table.replaceChildren(
      element(
        "table",
        { class: "sortable" },
        element("thead", {}, element("tr", {}, ...columns.map(heading))),
        element("tbody", {}, ...order.flatMap(groupRows)),
        element("tfoot", {}, row("total", total)),
      ),
    );
    byId("unfold-all").textContent = unfolded.size > 0 ? "Fold the layers" : "Show every layer";
  };

  /** @param {Column} column @param {number} index */
  const heading = ({ title, value }, index) => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      descending = index === sortedBy ? !descending : typeof value(total) === "number";
      sortedBy = index;
      redrawAndFocus("thead button", index);
    });
    const direction = index !== sortedBy ? "none" : descending ? "descending" : "ascending";
    return element("th", { scope: "col", "aria-sort": direction }, button);
  };

  /** @param {Group} group */
  const groupRows = ({ name, members, sum }) => {
    if (members.length === 1) return [row(element("span", { class: "single" }, name), sum)];
    const open = unfolded.has(name);
    const fold = element("button", { type: "button", class: "fold", "aria-expanded": String(open) }, name);
    fold.addEventListener("click", () => {
      if (open) unfolded.delete(name);
      else unfolded.add(name);
      redrawAndFocus(".fold", [...table.querySelectorAll(".fold")].indexOf(fold));
    });
    return [row(fold, sum), ...(open ? members.map((member) => memberRow(member)) : [])];
  };

  /** The button that was pressed is new after the redraw. @param {string} selector @param {number} index */
  const redrawAndFocus = (selector, index) => {
    draw();
    const button = table.querySelectorAll(selector)[index];
    if (button instanceof HTMLElement) button.focus();
  };

  /** @param {string | Node} title @param {Figures} figures */
  const row = (title, figures) =>
    element("tr", {}, element("th", { scope: "row" }, title), ...cells(columns, figures));
  /** @param {Operator} operator */
  const memberRow = (operator) => {
    const title = operator.layer === null ? operator.name : `layer ${operator.layer}`;
    return element("tr", { class: "member" }, element("td", {}, title), ...cells(columns, operator));
  };

  byId("unfold-all").addEventListener("click", () => {
    if (unfolded.size > 0) unfolded.clear();
    else for (const { name } of groups) unfolded.add(name);
    draw();
  });
  draw();
}

/** Everything but the first column, which is the row's title. @param {Column[]} columns @param {Figures} figures */
function cells(columns, figures) {
  return columns.slice(1).map(({ text }) => element("td", {}, text(figures)));
}

/** @param {readonly Operator[]} operators @returns {Group[]} */
function groupByName(operators) {
  /** @type {Map<string, Operator[]>} */
  const members = new Map();
  for (const operator of operators) {
    members.set(operator.name, [...(members.get(operator.name) ?? []), operator]);
  }
  return [...members].map(([name, ofName]) => ({ name, members: ofName, sum: sumOf(name, ofName) }));
}

/** @param {string} name @param {readonly Operator[]} operators @returns {Figures} */
function sumOf(name, operators) {
  /** @param {(operator: Operator) => number} figure */
  const sum = (figure) => operators.reduce((total, operator) => total + figure(operator), 0);
  return {
    name,
    count: sum(({ count }) => count),
    operations: sum(({ operations }) => operations),
    bytes: {
      weights: sum(({ bytes }) => bytes.weights),
      metadata: sum(({ bytes }) => bytes.metadata),
      keysAndValues: sum(({ bytes }) => bytes.keysAndValues),
      activations: sum(({ bytes }) => bytes.activations ?? 0),
    },
    bound: [...new Set(operators.map(({ bound }) => bound))].join(", "),
    cycles: sum(({ cycles }) => cycles),
  };
}

/** Sources that no operator uses have no column. @param {readonly Operator[]} operators @param {number} tokenCycles @returns {Column[]} */
function tableColumns(operators, tokenCycles) {
  const sources = DATA_SOURCES.filter(([key]) => operators.some(({ bytes }) => (bytes[key] ?? 0) > 0));
  return [
    wordColumn("operator", ({ name }) => name),
    numberColumn("runs", ({ count }) => count, whole),
    numberColumn("operations", ({ operations }) => operations, siOrDash("op")),
    ...sources.map(([key, title]) => numberColumn(title, ({ bytes }) => bytes[key] ?? 0, siOrDash("B"))),
    numberColumn("bytes", ({ bytes }) => totalBytes(bytes), siOrDash("B")),
    numberColumn("intensity", intensity, (value) => (value === 0 ? "–" : withUnit(decimal(value), "op/B"))),
    wordColumn("bound", ({ bound }) => bound),
    numberColumn("cycles", ({ cycles }) => cycles, whole),
    numberColumn("share", ({ cycles }) => cycles / tokenCycles, percent),
  ];
}

/** @param {string} title @param {(figures: Figures) => string} word @returns {Column} */
function wordColumn(title, word) {
  return { title, value: word, text: word };
}

/** @param {string} title @param {(figures: Figures) => number} value @param {(value: number) => string} format @returns {Column} */
function numberColumn(title, value, format) {
  return { title, value, text: (figures) => format(value(figures)) };
}

/** @param {string} unit @returns {(value: number) => string} */
function siOrDash(unit) {
  return (value) => (value === 0 ? "–" : si(value, unit));
}

/** @param {number | string} a @param {number | string} b */
function compare(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
}
