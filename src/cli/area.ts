import { Command, InvalidArgumentError } from "commander";
import { type CatalogUnit, unitCatalog } from "../../hdl/units/catalog.ts";
import { InputError } from "../../models/errors.ts";
import { type Area, areaOf } from "../flow/area.ts";
import { versionOf } from "../flow/cache.ts";
import { closeTools } from "../flow/tool.ts";
import { print, printJson, table, whole } from "./output.ts";

interface AreaCommandOptions {
  readonly unit?: string;
  readonly seeds: readonly number[];
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function areaCommand(): Command {
  return new Command("area")
    .description("synthesise the circuit's units for an iCE40 UP5K: cells, DSP blocks, block RAMs and clock")
    .option("--unit <name>", "one unit only, such as sparse_chain")
    .option("--seeds <list>", "placer seeds; the fastest clock counts", seedsFrom, [1, 2, 3])
    .option("--markdown", "print the page that docs/area.md is")
    .option("--json", "print one JSON object")
    .action(run);
}

interface Row extends Omit<CatalogUnit, "module"> {
  readonly area: Area;
}

async function run(options: AreaCommandOptions): Promise<void> {
  const units = chosen(options.unit);
  const rows: Row[] = [];
  try {
    for (const [i, { unit, variant, module }] of units.entries()) {
      if (process.stderr.isTTY)
        process.stderr.write(`\r${i + 1} of ${units.length}: ${unit}, ${variant}`.padEnd(100));
      rows.push({ unit, variant, area: await areaOf(module, { seeds: options.seeds }) });
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write(`\r${"".padEnd(100)}\r`);
    closeTools();
  }
  const tools = `yosys ${versionOf("yosys")}, nextpnr-ice40 ${versionOf("nextpnr-ice40")}`;
  if (options.json === true)
    printJson({ schema: "accel/area@1", device: "up5k", tools, seeds: options.seeds, units: rows });
  else if (options.markdown === true) print(page(rows, tools, options.seeds));
  else printTable(rows, tools, options.seeds);
}

function seedsFrom(text: string): number[] {
  const seeds = text.split(",").map(Number);
  if (
    seeds.length > 16 ||
    seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 1 || seed > 2 ** 31 - 1)
  )
    throw new InvalidArgumentError("Give up to 16 whole numbers from 1 on, such as 1,2,3.");
  return seeds;
}

function chosen(name: string | undefined): readonly CatalogUnit[] {
  const all = unitCatalog();
  if (name === undefined) return all;
  const units = all.filter(({ unit }) => unit === name);
  if (units.length > 0) return units;
  const names = [...new Set(all.map(({ unit }) => unit))].join(", ");
  throw new InputError(`There is no unit called "${name}"; there are ${names}.`);
}

const HEAD = ["unit", "built for", "LUT4", "flip-flops", "SB_MAC16", "block RAMs", "MHz", "limited by"];

const cells = ({ unit, variant, area }: Row): string[] => [
  unit,
  variant,
  whole(area.lut4),
  whole(area.flipFlops),
  whole(area.dsp),
  whole(area.blockRam),
  area.clockMHz === null || !Number.isFinite(area.clockMHz) ? "-" : area.clockMHz.toFixed(0),
  // Which path it is changes with every seed; the JSON says it.
  area.limitedBy.startsWith("the path") ? "logic" : area.limitedBy,
];

const how = (tools: string, seeds: readonly number[]): string =>
  `Synthesised, placed and routed for an iCE40 UP5K (SG48) by ${tools}, the best of the placer seeds ${seeds.join(", ")}; each unit by itself, its ports registered.`;

function printTable(rows: readonly Row[], tools: string, seeds: readonly number[]): void {
  print(table([HEAD, ...rows.map(cells)]));
  print("");
  print(how(tools, seeds));
}

/** The page of the documentation that this command builds. */
function page(rows: readonly Row[], tools: string, seeds: readonly number[]): string {
  const row = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  return [
    "# What each unit takes",
    "",
    "`accel area --markdown` prints this page.",
    how(tools, seeds),
    "The clock is the longest path by nextpnr's delays, corrected by the true timing of DSP and memory blocks",
    "(`src/flow/ice40-timing.ts`), and never above the data sheet's limits.",
    "",
    row(HEAD),
    row(["---", "---", "---:", "---:", "---:", "---:", "---:", "---"]),
    ...rows.map((one) => row(cells(one).map((text) => text.replaceAll("|", "\\|")))),
    "",
  ].join("\n");
}
