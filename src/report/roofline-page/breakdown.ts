import { byId, element } from "../page/dom.js";
import { percent, si } from "../page/format.js";
import { stackedBar } from "../page/stacked-bar.js";
import { swatch } from "../page/swatch.js";
import { causeColour } from "../page/theme.js";
import { PARTS, SOURCES, secondsByPart } from "../what-if/figures.ts";
import type { Column } from "./data-table.ts";
import { dataTable } from "./data-table.ts";
import { markElement } from "./marks.ts";
import { timeText } from "./numbers.ts";
import type { Draw, Shown, ShownEntry } from "./shown.ts";

/** A whole with its parts, of each entry. */
interface Breakdown {
  readonly names: readonly string[];
  readonly unit: string;
  readonly text: (value: number) => string;
  readonly parts: (entry: ShownEntry, shown: Shown) => readonly number[] | null;
}

const TIME: Breakdown = {
  names: PARTS,
  unit: "s",
  text: timeText,
  parts: ({ outcome }, { view }) => {
    if (outcome.kind === "impossible") return null;
    const byPart = secondsByPart(outcome.generation[view.step]);
    return PARTS.map((part) => byPart[part]);
  },
};

const BYTES: Breakdown = {
  names: SOURCES.map(([name]) => name),
  unit: "B",
  text: (value) => si(value, "B"),
  parts: ({ outcome }, { view }) => {
    if (outcome.kind === "impossible") return null;
    const { traffic } = outcome.generation[view.step];
    return SOURCES.map(([, of]) => of(traffic));
  },
};

/** Where the time of the step goes, and what its bytes are. */
export function showBreakdowns(): Draw {
  const time = showBreakdown("time", TIME);
  const bytes = showBreakdown("bytes", BYTES);
  return (shown) => {
    time(shown);
    bytes(shown);
  };
}

function showBreakdown(id: string, { names, unit, text, parts }: Breakdown): Draw {
  const bars = byId(`${id}-bars`);
  const drawTable = dataTable<{ entry: ShownEntry; values: readonly number[] }>(
    byId(`${id}-table`),
    `${id} of each entry`,
  );
  return (shown) => {
    const rows = shown.entries.flatMap((entry) => {
      const values = parts(entry, shown);
      return values === null ? [] : [{ entry, values }];
    });
    const used = names.flatMap((name, i) => (rows.some(({ values }) => values[i]! > 0) ? [{ name, i }] : []));
    const lines = rows.map(({ entry, values }) => {
      const sum = values.reduce((a, b) => a + b, 0);
      return element(
        "div",
        { class: "bar-row" },
        element("span", { class: "name" }, markElement(entry.mark), entry.label),
        stackedBar(
          used.map(({ name, i }) => ({
            name,
            share: sum === 0 ? 0 : values[i]! / sum,
            colour: causeColour(i),
          })),
        ),
        element("span", { class: "number" }, text(sum)),
      );
    });
    bars.replaceChildren(
      ...lines,
      element(
        "ul",
        { class: "legend" },
        ...used.map(({ name, i }) => element("li", {}, swatch(causeColour(i)), name)),
      ),
    );
    const columns: Column<(typeof rows)[number]>[] = [
      {
        title: "entry",
        value: ({ entry }) => entry.label,
        show: ({ entry }) => [markElement(entry.mark), entry.label],
        csv: [
          ["device", ({ entry }) => entry.entry.device],
          ["weights", ({ entry }) => entry.entry.weights],
          ["sparsity", ({ entry }) => entry.entry.sparsity],
          ["step", () => shown.view.step],
        ],
      },
      ...used.map(({ name, i }): Column<(typeof rows)[number]> => {
        const value = ({ values }: (typeof rows)[number]): number => values[i]!;
        return {
          title: name,
          value,
          show: (row) => {
            const sum = row.values.reduce((a, b) => a + b, 0);
            return value(row) === 0
              ? "–"
              : [text(value(row)), element("span", { class: "beneath" }, percent(value(row) / sum))];
          },
          csv: [[`${name} [${unit}]`, value]],
        };
      }),
    ];
    drawTable(columns, rows);
  };
}
