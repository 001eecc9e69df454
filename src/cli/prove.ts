import { Command } from "commander";
import { unitCatalog } from "../../hdl/units/catalog.ts";
import { InputError } from "../../models/errors.ts";
import { parseCompression, patternName } from "../compress/spec.ts";
import { machineFrom } from "../devices/library.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { versionOf } from "../flow/cache.ts";
import {
  type Equivalence,
  type EquivalenceOptions,
  equivalenceOf,
  type Verdict,
} from "../flow/equivalence.ts";
import { closeTools } from "../flow/tool.ts";
import { buildableCircuit } from "../verify/circuit.ts";
import { costedUnits, partFor } from "../verify/unit-costs.ts";
import { addCompressionOptions, addModelOption, type CompressionOptions, wholeNumber } from "./options.ts";
import { print, printJson, progress, table, whole } from "./output.ts";

interface ProveCommandOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly unit?: string;
  readonly cycles: number;
  readonly seconds: number;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function proveCommand(): Command {
  const command = addModelOption(
    new Command("prove").description(
      "prove that netlists of the circuit's units for an iCE40 UP5K do what their Verilog says",
    ),
  );
  addCompressionOptions(command);
  // What the documentation shows, where nothing is said.
  command.options.find((option) => option.attributeName() === "sparsity")?.default("2:4");
  command.setOptionValueWithSource("sparsity", "2:4", "default");
  return command
    .option(
      "--machine <name|file>",
      "the units of this machine's circuit for the model; otherwise the catalogue's",
    )
    .option("--unit <name>", "one unit only, such as dequantizer")
    .option("--cycles <n>", "the longest induction", wholeNumber(1, 20), 3)
    .option("--seconds <n>", "how long Yosys may take for each step of a proof", wholeNumber(1, 3600), 120)
    .option("--markdown", "print the table of docs/validation.md")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  accel prove --machine up5k-flash --unit passes\n")
    .action(run);
}

interface ListedUnit {
  readonly unit: string;
  readonly variant: string;
  prove(options: EquivalenceOptions): Promise<Equivalence>;
}

interface Row extends Equivalence {
  readonly unit: string;
  readonly variant: string;
}

async function run(options: ProveCommandOptions): Promise<void> {
  const { machine, units } = listed(options);
  const limits = { cycles: options.cycles, timeoutSeconds: options.seconds };
  const rows: Row[] = [];
  try {
    for (const [i, { unit, variant, prove }] of chosen(units, options.unit).entries()) {
      progress(`${i + 1}: ${unit}, ${variant}`);
      rows.push({ unit, variant, ...(await prove(limits)) });
    }
  } finally {
    closeTools();
  }
  const tools = `yosys ${versionOf("yosys")}`;
  const head = [
    "unit",
    machine === null ? "built for" : "instance",
    "LUT4",
    "flip-flops",
    "result",
    "how",
    "given",
  ];
  if (options.json === true)
    printJson({
      schema: "accel/prove@1",
      device: "up5k",
      ...machine,
      tools,
      ...limits,
      units: rows.map(json),
    });
  else if (options.markdown === true) print(markdown([head, ...rows.map(texts)]));
  else {
    print(table([head, ...rows.map(texts)]));
    print(`\n${summary(rows)} Synthesised for an iCE40 UP5K and proved by ${tools}.`);
  }
  // A netlist that is known to be wrong is a failure; one that nothing is known of is none.
  if (rows.some(({ verdict }) => verdict.kind === "different")) process.exitCode = 1;
}

/** Units of a machine, or the catalogue. */
function listed(options: ProveCommandOptions): {
  readonly machine: Readonly<Record<"machine" | "model" | "compression", string>> | null;
  readonly units: readonly ListedUnit[];
} {
  if (options.machine === undefined)
    return {
      machine: null,
      units: unitCatalog().map(({ unit, variant, module }) => ({
        unit,
        variant,
        prove: (limits) => equivalenceOf(module, limits),
      })),
    };
  const spec = parseCompression(options);
  const machine = machineFrom(options.machine);
  progress("compressing");
  const model = integerModel(new LoadedModel(options.model).compress(spec).model);
  const compression = `${patternName(spec.pattern)}, ${options.weights}, kv${options.kv}`;
  const circuit = buildableCircuit(model, machine, { multiplier: "mac16" });
  return {
    machine: { machine: machine.name, model: options.model, compression },
    units: costedUnits(partFor(circuit)).map(({ path, module }) => ({
      unit: module.name,
      variant: path,
      prove: (limits) => equivalenceOf(module, limits),
    })),
  };
}

function chosen(all: readonly ListedUnit[], name: string | undefined): readonly ListedUnit[] {
  const units = name === undefined ? all : all.filter(({ unit }) => unit === name);
  if (units.length > 0) return units;
  const names = [...new Set(all.map(({ unit }) => unit))].join(", ");
  throw new InputError(`There is no unit called "${name}"; there are ${names}.`);
}

const RESULTS = {
  proved: "proved",
  bounded: "bounded",
  different: "different",
  unknown: "not proved",
} as const;

/** What a verdict rests on, or why there is none. */
function how(verdict: Verdict): string {
  switch (verdict.kind) {
    case "proved":
      return `induction over ${cycles(verdict.depth)}`;
    case "bounded":
      return `equal in the first ${cycles(verdict.cycles)} only; no induction for ${list(verdict.maybe)}`;
    case "different":
      return `wrong in cycle ${verdict.cycle}: ${list(verdict.at)}`;
    case "unknown":
      return verdict.reason;
  }
}

/** Blocks that stand on both sides, and how many memories of the design some of them are. */
function given({ boxes, memories }: Equivalence["given"]): string {
  const of = memories.length === 1 ? "of a memory" : `of ${memories.length} memories`;
  const kinds = Object.entries(boxes).map(
    ([type, count]) => `${count} ${type}${type.startsWith("SB_RAM") && memories.length > 0 ? ` ${of}` : ""}`,
  );
  return kinds.length === 0 ? "-" : kinds.join(", ");
}

const cycles = (count: number): string => (count === 1 ? "1 cycle" : `${count} cycles`);

const LISTED = 4;

function list(names: readonly string[]): string {
  const more = names.length - LISTED;
  return `${names.slice(0, LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const texts = ({ unit, variant, verdict, cells, given: boxes }: Row): string[] => [
  unit,
  variant,
  whole(cells.lut4),
  whole(cells.flipFlops),
  RESULTS[verdict.kind],
  how(verdict),
  given(boxes),
];

const json = ({ verdict, ...row }: Row): unknown => ({
  ...row,
  result: RESULTS[verdict.kind],
  how: how(verdict),
  verdict,
});

function summary(rows: readonly Row[]): string {
  const count = (result: string): number =>
    rows.filter(({ verdict }) => RESULTS[verdict.kind] === result).length;
  return `Of ${rows.length}: ${count("proved")} proved, ${count("bounded")} bounded, ${count("not proved")} not proved, ${count("different")} different.`;
}

const markdown = ([head = [], ...rows]: readonly (readonly string[])[]): string => {
  const line = (columns: readonly string[]): string =>
    `| ${columns.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((name) => (name === "LUT4" || name === "flip-flops" ? "---:" : "---"));
  return [head, rule, ...rows].map(line).join("\n");
};
