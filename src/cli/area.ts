import { Command, Option } from "commander";
import { decoder } from "../../hdl/decoder/decoder.ts";
import { fpgaNamed } from "../devices/library.ts";
import { familyLines, familyTable } from "../estimate/family-table.ts";
import { type Area, areaOf } from "../flow/area.ts";
import { versionOf } from "../flow/cache.ts";
import type { Family } from "../flow/synthesize.ts";
import { costedUnits } from "../verify/unit-costs.ts";
import { seedList } from "./options.ts";
import { markdownTable, print, printJson, progress, table, whole } from "./output.ts";
import {
  addUnitOptions,
  type ListedUnit,
  listedUnits,
  machineCircuit,
  type UnitOptions,
  unitsNamed,
} from "./unit-list.ts";

interface AreaCommandOptions extends UnitOptions {
  readonly seeds: readonly number[];
  readonly family?: Family;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function areaCommand(): Command {
  return addUnitOptions(
    new Command("area").description(
      "synthesise the circuit's units for an iCE40 UP5K: cells, DSP blocks, block RAMs and clock",
    ),
  )
    .addOption(
      new Option(
        "--family <name>",
        "count the cells of another family (such as that of an Alveo U280), by synthesis alone; with --machine",
      ).choices(["ecp5", "ultrascale-plus"]),
    )
    .option("--seeds <list>", "placer seeds; the fastest clock counts", seedList(16), [1, 2, 3])
    .option(
      "--markdown",
      "print the page that docs/area.md is; of a machine, the table of docs/architecture.md",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  accel area --machine up5k-flash --unit matrix_path\n")
    .action(run);
}

interface Row extends Omit<ListedUnit, "module"> {
  readonly area: Area;
}

async function run(options: AreaCommandOptions): Promise<void> {
  if (options.family !== undefined) return runFamily(options, options.family);
  const { machine, variantTitle, units } = listedUnits(options);
  const rows: Row[] = [];
  for (const [i, { module, ...unit }] of units.entries()) {
    progress(`${i + 1} of ${units.length}: ${unit.unit}, ${unit.variant}`);
    rows.push({ ...unit, area: await areaOf(module, { seeds: options.seeds }) });
  }
  const tools = `yosys ${versionOf("yosys")}, nextpnr-ice40 ${versionOf("nextpnr-ice40")}`;
  const head = ["unit", variantTitle, ...HEAD];
  if (options.json === true)
    printJson({
      schema: "accel/area@1",
      device: "up5k",
      ...machine,
      tools,
      seeds: options.seeds,
      units: rows.map(({ depth, ...row }) => (machine === null ? row : { depth, ...row })),
    });
  else if (options.markdown === true)
    print(machine === null ? page(rows, head, tools, options.seeds) : part(rows, head, tools, options.seeds));
  else printTable(rows, head, tools, options.seeds);
}

/** Another family's cells, of a machine's units before its memories: products are left to synthesis. */
async function runFamily(options: AreaCommandOptions, family: Family): Promise<void> {
  const { circuit, ...what } = machineCircuit(options, options.machine ?? "up5k-flash", "soft");
  const units = unitsNamed(costedUnits(decoder(circuit.sizes)), ({ module }) => module.name, options.unit);
  const rows = await familyTable(units, family, {
    progress: ({ module }, i) => progress(`${i + 1} of ${units.length}: ${module.name}`),
  });
  const tools = `yosys ${versionOf("yosys")}`;
  if (options.json === true)
    printJson({ schema: "accel/area-family@1", family, ...what, tools, units: rows });
  else {
    const [head = [], ...lines] = familyLines(rows);
    if (options.markdown === true) print(markdownTable([head, ...lines], TEXTS));
    else print(table([head, ...lines]));
    print(`\nCells of ${family} by synthesis alone (${tools}); each unit by itself.`);
  }
}

const HEAD = ["LUT4", "flip-flops", "SB_MAC16", "block RAMs", "SPRAMs", "MHz", "limited by"];

const cells = ({ unit, variant, depth, area }: Row): string[] => [
  `${"· ".repeat(depth)}${unit}`,
  variant,
  ...counts(area),
  area.clockMHz === null || !Number.isFinite(area.clockMHz) ? "-" : area.clockMHz.toFixed(0),
  // Which path it is changes with every seed; the JSON says it.
  area.limitedBy.startsWith("the path") ? "logic" : area.limitedBy,
];

const counts = ({ lut4, flipFlops, dsp, blockRam, spram }: CellSums): string[] =>
  [lut4, flipFlops, dsp, blockRam, spram].map(whole);

type CellSums = Pick<Area, "lut4" | "flipFlops" | "dsp" | "blockRam" | "spram">;

/** What all units take together, parts not counted twice. */
function sum(rows: readonly Row[]): string[] {
  const outer = rows.filter(({ depth }) => depth === 0).map(({ area }) => area);
  const total = (count: keyof CellSums): number => outer.reduce((all, area) => all + area[count], 0);
  const all = {
    lut4: total("lut4"),
    flipFlops: total("flipFlops"),
    dsp: total("dsp"),
    blockRam: total("blockRam"),
    spram: total("spram"),
  };
  return ["all, added up", "", ...counts(all), "", ""];
}

const BLOCK_RAM_BYTES = 512;
const SPRAM_BYTES = 32768;

/** What the part has: a flip-flop beside each LUT4, two products in each SB_MAC16. */
function available(): string[] {
  const { title, lut4, multipliers, blockRamBytes, largeRamBytes } = fpgaNamed("up5k");
  const logic = lut4 === null ? "-" : whole(lut4.value);
  const blocks = [
    multipliers.value / 2,
    blockRamBytes.value / BLOCK_RAM_BYTES,
    largeRamBytes.value / SPRAM_BYTES,
  ];
  return [`${title} has`, "", logic, logic, ...blocks.map(whole), "", ""];
}

const how = (tools: string, seeds: readonly number[]): string =>
  `Synthesised, placed and routed for an iCE40 UP5K (SG48) by ${tools}, the best of the placer seeds ${seeds.join(", ")}; each unit by itself, its ports registered.`;

function printTable(
  rows: readonly Row[],
  head: readonly string[],
  tools: string,
  seeds: readonly number[],
): void {
  print(table([head, ...rows.map(cells)]));
  print("");
  print(how(tools, seeds));
}

const TEXTS = ["unit", "built for", "instance", "limited by"];
/** The page of the documentation that this command builds. */
function page(
  rows: readonly Row[],
  head: readonly string[],
  tools: string,
  seeds: readonly number[],
): string {
  return [
    "# What each unit takes",
    "",
    "`accel area --markdown` prints this page.",
    how(tools, seeds),
    "The clock is the longest path by nextpnr's delays, corrected by the true timing of DSP and memory blocks",
    "(`src/flow/ice40-timing.ts`), and never above the data sheet's limits.",
    "",
    markdownTable([head, ...rows.map(cells)], TEXTS),
    "",
  ].join("\n");
}

/** The table of a machine's units, for a page about it. */
const part = (
  rows: readonly Row[],
  head: readonly string[],
  tools: string,
  seeds: readonly number[],
): string =>
  [
    how(tools, seeds),
    "So every number here is out of context. What stands behind a point is a part of the unit above it, and counted there too.",
    "",
    markdownTable([head, ...rows.map(cells), sum(rows), available()], TEXTS),
    "",
  ].join("\n");
