import type { StepPrediction } from "../../roofline/predict/step-prediction.ts";
import { byId } from "../page/dom.js";
import { percent, si } from "../page/format.js";
import type { Cell } from "../what-if/csv.ts";
import { type Column, dataTable } from "./data-table.ts";
import { markElement } from "./marks.ts";
import { figureText, sigmaText } from "./numbers.ts";
import type { Draw, ShownEntry, View } from "./shown.ts";

/** What each device holds in a step, what of it stays on the chip, and the energy of the step. */
export function showHoldings(): Draw {
  const draw = dataTable<ShownEntry>(byId("memory-table"), "memory and energy");
  return ({ entries, view }) => draw(columnsFor(view), entries);
}

function columnsFor({ step: name }: View): Column<ShownEntry>[] {
  const stepOf = ({ outcome }: ShownEntry): StepPrediction | null =>
    outcome.kind === "impossible" ? null : outcome.generation[name];
  const known =
    <T>(of: (step: StepPrediction) => T) =>
    (entry: ShownEntry): T | null => {
      const step = stepOf(entry);
      return step === null ? null : of(step);
    };
  const shown =
    (value: (entry: ShownEntry) => Cell, text: (value: number) => string) => (entry: ShownEntry) => {
      const cell = value(entry);
      return typeof cell === "number" ? text(cell) : "–";
    };
  const bytes = (title: string, of: (step: StepPrediction) => number): Column<ShownEntry> => {
    const value = known(of);
    return {
      title,
      value,
      show: shown(value, (amount) => (amount === 0 ? "–" : si(amount, "B"))),
      csv: [[`${title} [B]`, value]],
    };
  };
  const share = (title: string, of: (step: StepPrediction) => number): Column<ShownEntry> => {
    const value = known(of);
    return { title, value, show: shown(value, (part) => (part === 0 ? "–" : percent(part))) };
  };
  const joules = known(({ joules }) => joules);
  return [
    {
      title: "entry",
      value: ({ label }) => label,
      show: ({ mark, label }) => [markElement(mark), label],
      csv: [
        ["device", ({ entry }) => entry.device],
        ["weights", ({ entry }) => entry.weights],
        ["sparsity", ({ entry }) => entry.sparsity],
        ["step", () => name],
      ],
    },
    bytes("weights held", ({ footprint }) => footprint.weights),
    bytes("keys and values held", ({ footprint }) => footprint.keysAndValues),
    bytes("activations held", ({ footprint }) => footprint.activations),
    bytes("does not fit", ({ missingBytes }) => missingBytes),
    share("weights on chip", ({ residency }) => residency.weights),
    share("keys and values on chip", ({ residency }) => residency.keysAndValues),
    share("activations on chip", ({ residency }) => (residency.activations ? 1 : 0)),
    {
      title: "energy of the step",
      value: joules,
      show: (entry) => {
        const step = stepOf(entry);
        return step === null
          ? "–"
          : `${figureText(step.joules, "J")} ${sigmaText(step.joules, step.uncertaintyJoules)}`;
      },
      csv: [
        ["energy of the step [J]", joules],
        ["± energy of the step [J]", known(({ uncertaintyJoules }) => uncertaintyJoules)],
      ],
    },
  ];
}
