import { Command } from "commander";
import { InputError } from "../../models/errors.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { chooseMachine } from "../devices/library.ts";
import { type AblationStep, ablate, BOARD_WATTS } from "../experiment/ablation.ts";
import { wholeNumber } from "./options.ts";
import { line, print, printJson, short, table } from "./output.ts";

interface AblateOptions {
  readonly model: string;
  readonly device: string;
  readonly context: number;
  readonly json?: boolean;
}

export function ablateCommand(): Command {
  return new Command("ablate")
    .description("what sparsity, mixed precision and always-on-chip decode each bring, simulated")
    .option("--model <name>", "a shape: a name of `accel models` or a config.json", "llama-2-7b")
    .option("--device <name|file>", "a machine that is started launch by launch", "u280-flightllm")
    .option("--context <n>", "tokens that the step attends to", wholeNumber(1, 1 << 16), 512)
    .option("--json", "print one JSON object (docs/json.md)")
    .action(run);
}

function run({ model, device, context, json }: AblateOptions): void {
  const { machine } = chooseMachine(/[./\\]/.test(device) ? { machine: device } : { device });
  const shape = timedShape(model);
  if (context > shape.maxPositions)
    throw new InputError(`${model} knows ${shape.maxPositions} tokens, but the context shall be ${context}.`);
  const { steps, alone, schedules } = ablate(shape, machine, context);
  if (json === true) {
    printJson({ schema: "accel/ablation@1", model, machine: machine.name, context, steps, alone, schedules });
    return;
  }
  print(line("model", `${model} on ${machine.name}, a step that attends to ${context} tokens (simulated)`));
  print(line("energy", `at ${BOARD_WATTS} W, the board's power as FlightLLM's figure 1 has it (quoted)`));
  for (const rows of [steps, alone, schedules]) if (rows.length > 0) print(`\n${ablationTable(rows)}`);
}

function ablationTable(steps: readonly AblationStep[]): string {
  const head = [
    "what",
    "ms/token",
    "tokens/s",
    "speed-up",
    "bits/weight",
    "MB/token",
    "J/token",
    "prefill ms",
  ];
  const rows = steps.map((step) => [
    step.name,
    step.msPerToken.toFixed(2),
    step.tokensPerSecond.toFixed(1),
    step.speedUp.toFixed(2),
    step.bitsPerWeight.toFixed(2),
    (step.bytesPerToken / 1e6).toFixed(0),
    step.joulesPerToken.toFixed(2),
    short(step.prefillMs),
    step.fits ? "yes" : "no",
  ]);
  return table([head, ...rows]);
}
