import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { chooseMachine } from "../devices/library.ts";
import { type AblationStep, ablate, boardWatts } from "../experiment/ablation.ts";
import { wholeNumber } from "./options.ts";
import { line, print, printJson, short, table, tokens } from "./output.ts";

interface AblateOptions {
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly context: number;
  readonly json?: boolean;
}

export function ablateCommand(): Command {
  return new Command("ablate")
    .description("what sparsity, mixed precision and always-on-chip decode each bring, simulated")
    .option("--model <name>", "a shape: a name of `accel models` or a config.json", "llama-2-7b")
    .option(
      "--machine <name|file>",
      "a machine that is started launch by launch, or a description of your own (default: u280-flightllm)",
    )
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--context <n>", "tokens that the step attends to", wholeNumber(1, 1 << 16), 512)
    .option("--json", "print one JSON object (docs/json.md)")
    .action(run);
}

function run(options: AblateOptions): void {
  const { model, context, json } = options;
  const asked = options.machine ?? options.device;
  const { machine } = chooseMachine(asked === undefined ? { machine: "u280-flightllm" } : options);
  const shape = timedShape(model);
  if (context > shape.maxPositions)
    throw new InputError(`${model} knows ${shape.maxPositions} tokens, but the context shall be ${context}.`);
  const { steps, alone, schedules } = ablate(shape, machine, context);
  if (json === true) {
    printJson({ schema: "accel/ablation@1", model, machine: machine.name, context, steps, alone, schedules });
    return;
  }
  print(line("model", `${model} on ${machine.name}, a step that attends to ${tokens(context)} (simulated)`));
  const watts = boardWatts(machine);
  if (watts !== null)
    print(line("energy", `if the board draws ${watts} W in every row, as in FlightLLM's figure 1 (quoted)`));
  if (steps[0]?.fits === false)
    print(
      line(
        "speed-up",
        "over the first row; int8, dense, does not fit the memories and is timed all the same",
      ),
    );
  for (const rows of [steps, alone, schedules]) if (rows.length > 0) print(`\n${ablationTable(rows)}`);
}

type Column = readonly [title: string, cell: (step: AblationStep) => string];

const COLUMNS: readonly Column[] = [
  ["what", ({ name }) => name],
  ["ms/token", ({ msPerToken }) => msPerToken.toFixed(2)],
  ["tokens/s", ({ tokensPerSecond }) => tokensPerSecond.toFixed(1)],
  ["speed-up", ({ speedUp }) => speedUp.toFixed(2)],
  ["bits/weight", ({ bitsPerWeight }) => bitsPerWeight.toFixed(2)],
  ["MB/token", ({ bytesPerToken }) => (bytesPerToken / 1e6).toFixed(0)],
  ["J/token", ({ joulesPerToken }) => joulesPerToken?.toFixed(2) ?? ""],
  ["prefill ms", ({ prefillMs }) => short(prefillMs)],
  ["fits", ({ fits }) => (fits ? "yes" : "no")],
];

/** A column that says nothing is left out. */
function ablationTable(steps: readonly AblationStep[]): string {
  const columns = COLUMNS.filter(([, cell]) => steps.some((step) => cell(step) !== ""));
  return table([
    columns.map(([title]) => title),
    ...steps.map((step) => columns.map(([, cell]) => cell(step))),
  ]);
}
