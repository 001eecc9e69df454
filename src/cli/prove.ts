import { Command } from "commander";
import { versionOf } from "../flow/cache.ts";
import { type Equivalence, equivalenceOf, type Verdict } from "../flow/equivalence.ts";
import { wholeNumber } from "./options.ts";
import { markdownTable, print, printJson, progress, table, whole } from "./output.ts";
import { addUnitOptions, listedUnits, type UnitOptions } from "./unit-list.ts";

interface ProveCommandOptions extends UnitOptions {
  readonly cycles: number;
  readonly seconds: number;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function proveCommand(): Command {
  return addUnitOptions(
    new Command("prove").description(
      "prove that netlists of the circuit's units for an iCE40 UP5K do what their Verilog says",
    ),
  )
    .option("--cycles <n>", "the longest induction", wholeNumber(1, 20), 3)
    .option("--seconds <n>", "how long Yosys may take for each step of a proof", wholeNumber(1, 3600), 120)
    .option("--markdown", "print the table of docs/validation.md")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  accel prove --machine up5k-flash --unit passes\n")
    .action(run);
}

interface Row extends Equivalence {
  readonly unit: string;
  readonly variant: string;
}

async function run(options: ProveCommandOptions): Promise<void> {
  const { machine, variantTitle, units } = listedUnits(options);
  const limits = { cycles: options.cycles, timeoutSeconds: options.seconds };
  const rows: Row[] = [];
  for (const [i, { unit, variant, module }] of units.entries()) {
    progress(`${i + 1} of ${units.length}: ${unit}, ${variant}`);
    rows.push({ unit, variant, ...(await equivalenceOf(module, limits)) });
  }
  const tools = `yosys ${versionOf("yosys")}`;
  const head = ["unit", variantTitle, "LUT4", "flip-flops", "result", "how", "given"];
  if (options.json === true)
    printJson({
      schema: "accel/prove@1",
      device: "up5k",
      ...machine,
      tools,
      ...limits,
      units: rows.map(json),
    });
  else if (options.markdown === true) print(markdownTable([head, ...rows.map(texts)], TEXTS));
  else {
    print(table([head, ...rows.map(texts)]));
    print(`\n${summary(rows)} Synthesised for an iCE40 UP5K and proved by ${tools}.`);
  }
  // A netlist that is known to be wrong is a failure; one that nothing is known of is none.
  if (rows.some(({ verdict }) => verdict.kind === "different")) process.exitCode = 1;
}

const TEXTS = ["unit", "built for", "instance", "result", "how", "given"];

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
