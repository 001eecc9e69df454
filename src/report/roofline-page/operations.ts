import type { OperationPrediction, StepPrediction } from "../../roofline/predict/step-prediction.ts";
import { byId } from "../page/dom.js";
import { decimal, percent, si, whole, withUnit } from "../page/format.js";
import { limitText, SOURCES } from "../what-if/figures.ts";
import { setOptions } from "./choices.ts";
import { type Column, dataTable } from "./data-table.ts";
import { timeText } from "./numbers.ts";
import type { Controls, Draw } from "./shown.ts";

/** The operations of one entry's step, all runs of each together. */
export function showOperations(controls: Controls): Draw {
  const select = byId("operations-entry");
  if (!(select instanceof HTMLSelectElement)) throw new Error("#operations-entry is not a select");
  select.addEventListener("change", () => controls.look(() => ({ chosen: Number(select.value) })));
  const draw = dataTable<Row>(byId("operations-table"), "the operations");
  return ({ entries, view }) => {
    const possible = entries.filter(({ outcome }) => outcome.kind === "predicted");
    setOptions(
      select,
      possible.map(({ entry, label }) => [String(entry.id), label]),
    );
    const chosen = possible.find(({ entry }) => entry.id === view.chosen) ?? possible[0];
    if (chosen?.outcome.kind !== "predicted") {
      draw([], []);
      return;
    }
    select.value = String(chosen.entry.id);
    byId("operations-of").textContent = ` on ${chosen.label}`;
    const step = chosen.outcome.generation[view.step];
    const rows = step.operations.map((one) => rowOf(one));
    draw(columnsFor(rows, step), rows, totalOf(step));
  };
}

/** What an operation, or the whole step, comes to. */
interface Row {
  readonly name: string;
  readonly part: string;
  readonly runs: number | null;
  readonly operations: number;
  /** In the order of SOURCES. */
  readonly sources: readonly number[];
  readonly bytes: number;
  readonly intensity: number | null;
  readonly bound: string;
  readonly seconds: number;
}

function rowOf({ operation, time, seconds, bytes, operations, intensity }: OperationPrediction): Row {
  return {
    name: operation.name,
    part: operation.part,
    runs: operation.repeat,
    operations,
    sources: SOURCES.map(([, of]) => operation.repeat * of(time.moved)),
    bytes,
    intensity,
    bound: limitText(time.limit),
    seconds,
  };
}

const totalOf = (step: StepPrediction): Row => ({
  name: "step",
  part: "",
  runs: null,
  operations: step.matrixOperations + step.vectorOperations,
  sources: SOURCES.map(([, of]) => of(step.traffic)),
  bytes: step.bytes,
  intensity: step.intensity,
  bound: limitText(step.limit),
  seconds: step.seconds,
});

function columnsFor(rows: readonly Row[], step: StepPrediction): Column<Row>[] {
  const number = (
    title: string,
    unit: string,
    value: (row: Row) => number | null,
    text: (value: number) => string,
  ): Column<Row> => ({
    title,
    value,
    show: (row) => {
      const known = value(row);
      return known === null || known === 0 ? "–" : text(known);
    },
    csv: [[unit === "" ? title : `${title} [${unit}]`, value]],
  });
  const word = (title: string, value: (row: Row) => string): Column<Row> => ({ title, value, show: value });
  const bytes = (value: number): string => si(value, "B");
  return [
    word("operation", ({ name }) => name),
    word("part", ({ part }) => part),
    number("runs", "", ({ runs }) => runs, whole),
    number(
      "operations",
      "op",
      ({ operations }) => operations,
      (value) => si(value, "op"),
    ),
    ...SOURCES.flatMap(([name], i) =>
      rows.some(({ sources }) => sources[i]! > 0)
        ? [number(name, "B", ({ sources }) => sources[i]!, bytes)]
        : [],
    ),
    number("bytes", "B", (row) => row.bytes, bytes),
    number(
      "intensity",
      "op/B",
      ({ intensity }) => intensity,
      (value) => withUnit(decimal(value), "op/B"),
    ),
    word("bound", ({ bound }) => bound),
    number("time", "s", (row) => row.seconds, timeText),
    number("share", "", (row) => row.seconds / step.seconds, percent),
  ];
}
