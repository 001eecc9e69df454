import { markdownTable, short } from "../../src/cli/output.ts";
import { decodeSpeedRows } from "../../src/ledger/decode-speeds.ts";
import { KERNEL_SECTIONS, kernelRows } from "../../src/ledger/kernels.ts";
import { decodePowerRows, publishedSpeedRows } from "../../src/ledger/published-speeds.ts";
import { type LedgerRow, residual, summaryOf } from "../../src/ledger/row.ts";
import { frameworkNamed } from "../../src/roofline/calibration/framework-step.ts";
import { FRAMEWORKS } from "../../src/roofline/calibration/measured-steps.ts";

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

const cells = (name: string, rows: readonly LedgerRow[]): string[] => {
  const { rows: count, meanAbsolute, bias, worst, withinDeviation } = summaryOf(rows);
  return [
    name,
    String(count),
    percent(meanAbsolute, 2),
    percent(bias),
    percent(worst),
    percent(withinDeviation, 0),
  ];
};
const HEAD = ["", "measurements", "mean error", "bias", "worst", "within one deviation"];

/** Kernels: sections of the ledger by model. */
export function kernelTable(): string {
  const all = kernelRows();
  const byModel = (section: string): string[][] => {
    const rows = all.filter((row) => row.section === section);
    const models = [...new Set(rows.map(({ groups }) => groups!.model!))];
    return models.map((model) =>
      cells(
        `${section}: ${model}`,
        rows.filter(({ groups }) => groups!.model === model),
      ),
    );
  };
  return markdownTable([HEAD, ...KERNEL_SECTIONS.flatMap(byModel)], [""]);
}

/** Frameworks: their one figure, and their decode steps, each left out of its fit. */
export function frameworkTable(): string {
  const decode = decodeSpeedRows().filter(({ section }) => section === "decode-speeds");
  const of = (name: string) => decode.filter(({ groups }) => groups!.framework === name);
  const [, ...titles] = HEAD;
  return markdownTable(
    [
      ["framework", "start", ...titles],
      ...FRAMEWORKS.map((name) => {
        const [, ...figures] = cells(name, of(name));
        return [name, `${(1e6 * frameworkNamed(name).startSeconds).toFixed(1)} us`, ...figures];
      }),
    ],
    ["framework"],
  );
}

const rowTable = (rows: readonly LedgerRow[]): string =>
  markdownTable(
    [
      ["", "predicted", "±", "published", "unit", "residual", "kind"],
      ...rows.map((row) => [
        row.what,
        short(row.predicted),
        short(row.uncertainty),
        short(row.measured),
        row.unit,
        percent(residual(row), 0),
        row.kind,
      ]),
    ],
    ["", "unit", "kind"],
  );

/** Decode steps on other devices than those of the fits. */
export const publishedTable = (): string => rowTable(publishedSpeedRows());

/** What boards draw while they decode. */
export const powerTable = (): string => rowTable(decodePowerRows());

if (import.meta.url === `file://${process.argv[1]}`)
  process.stdout.write([kernelTable(), frameworkTable(), publishedTable(), powerTable(), ""].join("\n\n"));
