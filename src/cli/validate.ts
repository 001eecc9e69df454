import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { brief } from "../../models/validate.ts";
import { ledgerRows, ledgerSections } from "../ledger/ledger.ts";
import { type LedgerRow, type LedgerSummary, residual, summaryOf } from "../ledger/row.ts";
import { longLine, print, printJson, short, table } from "./output.ts";

interface ValidateOptions {
  readonly section?: string;
  readonly rows?: boolean;
  readonly json?: boolean;
}

/** Rows of longer sections are printed when asked for. */
const MOST_ROWS = 60;

export function validateCommand(): Command {
  return new Command("validate")
    .description("what was predicted, what was measured, by whom, and how far apart they are")
    .option("--section <name>", "one section")
    .option("--rows", "every row, of long sections too")
    .option("--json", "print one JSON object")
    .action(run);
}

interface Section {
  readonly name: string;
  readonly rows: readonly LedgerRow[];
}

function run(options: ValidateOptions): void {
  const sections = sectionsOf(options.section);
  if (options.json === true) {
    printJson({
      schema: "accel/validate@1",
      sections: sections.map(({ name, rows }) => ({
        name,
        ...summaryOf(rows),
        rows: rows.map((row) => ({ ...row, residual: residual(row) })),
      })),
    });
    return;
  }
  for (const { name, rows } of sections) {
    print(`${name}: ${summaryText(summaryOf(rows))}`);
    if (options.rows === true || rows.length <= MOST_ROWS) print(rowTables(rows));
    if (rows.some(({ groups }) => groups !== undefined)) print(`\n${groupTables(rows)}`);
    print("");
  }
}

/** @throws InputError naming the sections that there are */
function sectionsOf(asked: string | undefined): readonly Section[] {
  const names = ledgerSections();
  if (asked !== undefined && !names.includes(asked))
    throw new InputError(`There is no section "${brief(asked)}": choose ${names.join(", ")}.`);
  const rows = ledgerRows(asked);
  return names
    .map((name) => ({ name, rows: rows.filter(({ section }) => section === name) }))
    .filter((section) => section.rows.length > 0);
}

const signed = (share: number): string => `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)} %`;

const summaryText = ({ rows, meanAbsolute, bias, worst, withinDeviation }: LedgerSummary): string =>
  `${rows} measurements, mean error ${(100 * meanAbsolute).toFixed(2)} % (bias ${signed(bias)}, worst ${signed(worst)}), ${(100 * withinDeviation).toFixed(0)} % within one deviation`;

/** Rows of one measurement stand together, under who made it. */
const rowTables = (rows: readonly LedgerRow[]): string =>
  measurements(rows)
    .map((own) => {
      const [{ measuredBy, source }] = own;
      return `${longLine("measured by", `${measuredBy}: ${source}`)}\n${rowTable(own)}`;
    })
    .join("\n\n");

function measurements(rows: readonly LedgerRow[]): readonly (readonly [LedgerRow, ...LedgerRow[]])[] {
  const bySource = new Map<string, [LedgerRow, ...LedgerRow[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.measuredBy, row.source]);
    const known = bySource.get(key);
    if (known === undefined) bySource.set(key, [row]);
    else known.push(row);
  }
  return [...bySource.values()];
}

const rowTable = (rows: readonly LedgerRow[]): string =>
  table([
    ["what", "predicted", "±", "measured", "unit", "residual", "kind"],
    ...rows.map((row) => [
      row.what,
      short(row.predicted),
      short(row.uncertainty),
      short(row.measured),
      row.unit,
      signed(residual(row)),
      row.kind,
    ]),
  ]);

/** One table for each thing that rows are grouped by. */
function groupTables(rows: readonly LedgerRow[]): string {
  const titles = [...new Set(rows.flatMap(({ groups }) => Object.keys(groups ?? {})))];
  return titles.map((title) => groupTable(title, rows)).join("\n\n");
}

function groupTable(title: string, rows: readonly LedgerRow[]): string {
  const names = [...new Set(rows.map(({ groups }) => groups?.[title] ?? "others"))];
  return table([
    [`by ${title}`, "measurements", "mean error", "bias", "worst"],
    ...names.map((name) => {
      const {
        rows: count,
        meanAbsolute,
        bias,
        worst,
      } = summaryOf(rows.filter(({ groups }) => (groups?.[title] ?? "others") === name));
      return [name, String(count), `${(100 * meanAbsolute).toFixed(2)} %`, signed(bias), signed(worst)];
    }),
  ]);
}
