import { byId, element } from "../page/dom.js";
import { decimal, si } from "../page/format.js";
import type { Cell } from "../what-if/csv.ts";
import type { Outcome } from "../what-if/evaluate.ts";
import { FIGURES, type Figure, limitText } from "../what-if/figures.ts";
import { type Column, dataTable } from "./data-table.ts";
import { markElement } from "./marks.ts";
import { changeClass, changeText, figureText, sigmaText } from "./numbers.ts";
import { type Draw, formatText, type ShownEntry } from "./shown.ts";

type Predicted = Extract<Outcome, { kind: "predicted" }>;

const predicted = (outcome: Outcome | null): Predicted | null =>
  outcome?.kind === "predicted" ? outcome : null;

/** Entries side by side, with what changed since the report was written. */
export function showComparison(): Draw {
  const draw = dataTable<ShownEntry>(byId("comparison-table"), "the comparison");
  return ({ entries }) => draw(COLUMNS, entries);
}

/** Figures that stand before the reason for them. */
const SPEEDS = 3;

const COLUMNS: readonly Column<ShownEntry>[] = [
  {
    title: "entry",
    value: ({ label }) => label,
    show: ({ mark, outcome, entry }) => [
      markElement(mark),
      outcome.device.title,
      element("span", { class: "beneath" }, formatText(entry)),
      ...(outcome.kind === "impossible" ? [element("span", { class: "beneath no" }, outcome.why)] : []),
    ],
    csv: [
      ["device", ({ entry }) => entry.device],
      ["weights", ({ entry }) => entry.weights],
      ["sparsity", ({ entry }) => entry.sparsity],
    ],
  },
  {
    title: "fits",
    value: fitText,
    show: ({ outcome }) => {
      if (outcome.kind === "impossible") return element("span", { class: "no" }, "no");
      const { decode, missingBytes } = outcome.generation;
      return missingBytes === 0
        ? ["yes", element("span", { class: "beneath" }, si(decode.footprint.total, "B"))]
        : [
            element("span", { class: "no" }, "no"),
            element("span", { class: "beneath" }, `${si(missingBytes, "B")} over`),
          ];
    },
    csv: [
      ["fits", fitText],
      [
        "needed at the prompt's end [B]",
        ({ outcome }) => predicted(outcome)?.generation.decode.footprint.total ?? null,
      ],
      ["missing [B]", ({ outcome }) => predicted(outcome)?.generation.missingBytes ?? null],
    ],
  },
  ...FIGURES.slice(0, SPEEDS).map(figureColumn),
  {
    title: "bound",
    value: ({ outcome }) => {
      const one = predicted(outcome);
      return one === null ? null : limitText(one.generation.decode.limit);
    },
    show: ({ outcome }) => {
      const one = predicted(outcome);
      return one === null
        ? "–"
        : [
            limitText(one.generation.decode.limit),
            element("span", { class: "beneath" }, `prefill: ${one.generation.prefill.limit.resource}`),
          ];
    },
    csv: [
      ["bound of decode", ({ outcome }) => textOfLimit(outcome, "decode")],
      ["bound of prefill", ({ outcome }) => textOfLimit(outcome, "prefill")],
    ],
  },
  ...FIGURES.slice(SPEEDS).map(figureColumn),
];

function textOfLimit(outcome: Outcome, step: "decode" | "prefill"): Cell {
  const one = predicted(outcome);
  return one === null ? null : limitText(one.generation[step].limit);
}

function fitText({ outcome }: ShownEntry): string {
  if (outcome.kind === "impossible") return outcome.why;
  return outcome.generation.missingBytes === 0 ? "yes" : "no";
}

function figureColumn(figure: Figure): Column<ShownEntry> {
  const { title, unit, uncertainty } = figure;
  const value = ({ outcome }: ShownEntry): number | null => {
    const one = predicted(outcome);
    return one === null ? null : figure.value(one);
  };
  const sigma = ({ outcome }: ShownEntry): number | null => {
    const one = predicted(outcome);
    return one === null || uncertainty === undefined ? null : uncertainty(one);
  };
  const named = unit === "1" ? title : `${title} [${unit}]`;
  // Of a speed the unit is longer than the number: it stands in the heading.
  const isSpeed = unit === "token/s" || unit === "token/s/k$";
  return {
    title: isSpeed ? `${title}, token/s` : title,
    value,
    show: (entry) => {
      const now = value(entry);
      if (now === null) return "–";
      const error = sigma(entry);
      const lines: Node[] = [
        element("span", { class: "lined-cell" }, isSpeed ? decimal(now) : figureText(now, unit)),
        element("span", { class: "beneath" }, error === null ? "\u00a0" : sigmaText(now, error)),
        changeElement(now, entry, figure),
      ];
      return lines;
    },
    csv: [[named, value], ...(uncertainty === undefined ? [] : [[`± ${named}`, sigma] as const])],
  };
}

/** A line that is always there, so that nothing jumps when it is filled. */
function changeElement(now: number, { original }: ShownEntry, { value, better }: Figure): HTMLElement {
  const one = predicted(original);
  const was = one === null ? null : value(one);
  if (was === null) return element("span", { class: "change" }, "\u00a0");
  return element(
    "span",
    { class: `change ${changeClass(now, was, better)}`.trim(), title: `in the report: ${was}` },
    changeText(now, was),
  );
}
