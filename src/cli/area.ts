import { Command, InvalidArgumentError, Option } from "commander";
import { decoder } from "../../hdl/decoder/decoder.ts";
import { type CatalogUnit, unitCatalog } from "../../hdl/units/catalog.ts";
import type { MultiplierKind } from "../../hdl/units/matrix/parameters.ts";
import { InputError } from "../../models/errors.ts";
import { parseCompression, patternName } from "../compress/spec.ts";
import { deviceNamed, machineFrom } from "../devices/library.ts";
import { familyLines, familyTable } from "../estimate/family-table.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { type Area, areaOf } from "../flow/area.ts";
import { versionOf } from "../flow/cache.ts";
import type { Family } from "../flow/synthesize.ts";
import { closeTools } from "../flow/tool.ts";
import { buildableCircuit, type Circuit } from "../verify/circuit.ts";
import { costedUnits, partFor } from "../verify/unit-costs.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions } from "./options.ts";
import { print, printJson, progress, table, whole } from "./output.ts";

interface AreaCommandOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly unit?: string;
  readonly seeds: readonly number[];
  readonly family?: Family;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function areaCommand(): Command {
  const command = addModelOption(
    new Command("area").description(
      "synthesise the circuit's units for an iCE40 UP5K: cells, DSP blocks, block RAMs and clock",
    ),
  );
  addCompressionOptions(command);
  // What the documentation shows, where nothing is said.
  command.options.find((option) => option.attributeName() === "sparsity")?.default("2:4");
  command.setOptionValueWithSource("sparsity", "2:4", "default");
  return command
    .option(
      "--machine <name|file>",
      "the units of this machine's circuit for the model, as it is built of them",
    )
    .option("--unit <name>", "one unit only, such as sparse_chain")
    .addOption(
      new Option(
        "--family <name>",
        "count the cells of another family (such as that of an Alveo U280), by synthesis alone; with --machine",
      ).choices(["ecp5", "ultrascale-plus"]),
    )
    .option("--seeds <list>", "placer seeds; the fastest clock counts", seedsFrom, [1, 2, 3])
    .option(
      "--markdown",
      "print the page that docs/area.md is; of a machine, the table of docs/architecture.md",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  accel area --machine up5k-flash --unit matrix_path\n")
    .action(run);
}

/** A unit, and where it stands in a machine. */
interface ListedUnit extends CatalogUnit {
  /** Units around it that are listed too. */
  readonly depth: number;
}

interface Row extends Omit<ListedUnit, "module"> {
  readonly area: Area;
}

interface Units {
  /** Title of the column that tells units of one name apart. */
  readonly variantTitle: string;
  /** What they are units of; null: of nothing in particular. */
  readonly machine: {
    readonly machine: string;
    readonly model: string;
    readonly compression: string;
  } | null;
  readonly units: readonly ListedUnit[];
}

async function run(options: AreaCommandOptions): Promise<void> {
  if (options.family !== undefined) return runFamily(options, options.family);
  const list = listed(options);
  const units = chosen(list.units, options.unit);
  const rows: Row[] = [];
  try {
    for (const [i, { module, ...unit }] of units.entries()) {
      progress(`${i + 1} of ${units.length}: ${unit.unit}, ${unit.variant}`);
      rows.push({ ...unit, area: await areaOf(module, { seeds: options.seeds }) });
    }
  } finally {
    closeTools();
  }
  const tools = `yosys ${versionOf("yosys")}, nextpnr-ice40 ${versionOf("nextpnr-ice40")}`;
  const { machine, variantTitle } = list;
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
  const units = named(costedUnits(decoder(circuit.sizes)), ({ module }) => module.name, options.unit);
  try {
    const rows = await familyTable(units, family, {
      progress: ({ module }, i) => progress(`${i + 1} of ${units.length}: ${module.name}`),
    });
    const tools = `yosys ${versionOf("yosys")}`;
    if (options.json === true)
      printJson({ schema: "accel/area-family@1", family, ...what, tools, units: rows });
    else {
      const [head = [], ...lines] = familyLines(rows);
      if (options.markdown === true) print(markdownTable(head, lines).join("\n"));
      else print(table([head, ...lines]));
      print(`\nCells of ${family} by synthesis alone (${tools}); each unit by itself.`);
    }
  } finally {
    closeTools();
  }
}

/** Units of a machine, or the catalogue. */
function listed(options: AreaCommandOptions): Units {
  if (options.machine === undefined)
    return {
      variantTitle: "built for",
      machine: null,
      units: unitCatalog().map((unit) => ({ ...unit, depth: 0 })),
    };
  const { circuit, ...machine } = machineCircuit(options, options.machine, "mac16");
  return {
    variantTitle: "instance",
    machine,
    units: costedUnits(partFor(circuit)).map(({ path, depth, module }) => ({
      unit: module.name,
      variant: path,
      depth,
      module,
    })),
  };
}

function machineCircuit(
  options: AreaCommandOptions,
  nameOrPath: string,
  multiplier: MultiplierKind,
): NonNullable<Units["machine"]> & { readonly circuit: Circuit } {
  const spec = parseCompression(options);
  const machine = machineFrom(nameOrPath);
  progress("compressing");
  const model = integerModel(new LoadedModel(options.model).compress(spec).model);
  const compression = `${patternName(spec.pattern)}, ${options.weights}, kv${options.kv}`;
  const circuit = buildableCircuit(model, machine, { multiplier });
  return { machine: machine.name, model: options.model, compression, circuit };
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

const chosen = (all: readonly ListedUnit[], name: string | undefined): readonly ListedUnit[] =>
  named(all, ({ unit }) => unit, name);

/** Units of one name, as if they stood alone; all where none is asked for. */
function named<T extends { readonly depth: number }>(
  all: readonly T[],
  nameOf: (unit: T) => string,
  name: string | undefined,
): readonly T[] {
  if (name === undefined) return all;
  const units = all.filter((unit) => nameOf(unit) === name);
  if (units.length > 0) return units.map((unit) => ({ ...unit, depth: 0 }));
  throw new InputError(
    `There is no unit called "${name}"; there are ${[...new Set(all.map(nameOf))].join(", ")}.`,
  );
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
  const { title, lut4, multipliers, blockRamBytes, largeRamBytes } = deviceNamed("up5k");
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

const markdownRow = (texts: readonly string[]): string =>
  `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  markdownRow(head),
  markdownRow(
    head.map((name) => (["unit", "built for", "instance", "limited by"].includes(name) ? "---" : "---:")),
  ),
  ...rows.map(markdownRow),
];

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
    ...markdownTable(head, rows.map(cells)),
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
    ...markdownTable(head, [...rows.map(cells), sum(rows), available()]),
    "",
  ].join("\n");
