import { Command, InvalidArgumentError, Option } from "commander";
import { InputError } from "../../models/errors.ts";
import { openShape, publicShapes } from "../../models/shapes/library.ts";
import { writeRooflineReport } from "../report/html.ts";
import { frameworkNamed, withFramework } from "../roofline/calibration/framework-step.ts";
import { FRAMEWORKS, type FrameworkName } from "../roofline/calibration/measured-steps.ts";
import { compare, entriesOf } from "../roofline/comparison.ts";
import { withBandwidth } from "../roofline/predict/roofline-device.ts";
import { rooflineDeviceNamed, rooflineDevices } from "../roofline/resolve-device.ts";
import { ACTIVATION_BITS, KEY_VALUE_BITS, SCENARIO_BOUNDS } from "../roofline/scenario.ts";
import { between, wholeNumber } from "./options.ts";
import { line, print, printJson } from "./output.ts";
import { runAsLlmViewer } from "./roofline-as-llm-viewer.ts";
import { comparisonText, rooflineJson } from "./roofline-output.ts";

interface RooflineOptions {
  readonly as?: "llm-viewer";
  readonly model: string;
  readonly device: string;
  readonly batch: number;
  readonly context: number;
  readonly tokens: number;
  readonly weights: string;
  readonly sparsity: string;
  readonly kv?: number;
  readonly weightBits?: number;
  readonly activationBits?: number;
  readonly kvBits?: number;
  readonly tensorParallel: number;
  readonly bandwidth: number;
  readonly framework?: FrameworkName;
  readonly flashAttention?: boolean;
  readonly operators?: boolean;
  readonly faults?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

const DEFAULT_KEY_VALUE_BITS = 8;

/** llama.cpp is not among them: it has kernels of its own, so that what its steps take longer are not starts alone. */
const STARTING_FRAMEWORKS = FRAMEWORKS.filter((name) => name !== "llama.cpp");

export function rooflineCommand(): Command {
  const { batch, context, newTokens, tensorParallel } = SCENARIO_BOUNDS;
  return new Command("roofline")
    .description(
      "what a model costs on devices of any kind: operations, bytes, time and energy of each operator",
    )
    .option("--model <name>", "a model's shape, or the path of a config.json", "llama-2-7b")
    .option("--device <names>", "devices, separated by commas, or paths of their files", "a100-80g,u280,up5k")
    .option("--batch <n>", "sequences at once", wholeNumber(batch.least, batch.most), 1)
    .option("--context <n>", "tokens of the prompt", wholeNumber(context.least, context.most), 1024)
    .option("--tokens <n>", "tokens of the answer", wholeNumber(newTokens.least, newTokens.most), 128)
    .option(
      "--weights <formats>",
      "how weights are stored, separated by commas: w16, w8, w4g128; w4 is w4g32, a scale of 8 bits for 32 weights; w4g32s32 has scales of 32 bits",
      "w4g128",
    )
    .option("--sparsity <patterns>", "separated by commas: dense, 2:4, n:16@0.5", "dense")
    .option("--kv <bits>", "bits of cached keys and values (default: 8)", oneOf(KEY_VALUE_BITS))
    .option(
      "--activation-bits <n>",
      "bits of activations (default: what the device computes with)",
      wholeNumber(1, 64),
    )
    .option(
      "--tensor-parallel <n>",
      "devices that share each matrix",
      wholeNumber(tensorParallel.least, tensorParallel.most),
      1,
    )
    .option("--bandwidth <factor>", "memories so many times as fast", between(1 / 64, 64), 1)
    .addOption(
      new Option(
        "--framework <name>",
        "what starts a GPU's kernels (default: nothing stands between them, as in a captured graph)",
      ).choices(STARTING_FRAMEWORKS),
    )
    .option("--flash-attention", "scores stay on the chip (default)")
    .option("--no-flash-attention", "scores are written and read again")
    .option("--operators", "print every operator of prefill and decode")
    .option("--report <file>", "write an HTML report with charts and a what-if panel")
    .option("--json", "print one JSON object (docs/json.md)")
    .addOption(
      new Option("--as <tool>", "count as another tool does, its faults included").choices(["llm-viewer"]),
    )
    .option("--weight-bits <n>", "with --as: bits of a weight (default: 16)", wholeNumber(1, 64))
    .option("--kv-bits <n>", "with --as: bits of a cached key or value", wholeNumber(1, 64))
    .option("--faults", "with --as: what that tool gets wrong, and by how much")
    .addHelpText(
      "after",
      "\nExamples:\n  accel roofline --model llama-2-7b --device a100-80g,u280,up5k --context 2048 --weights w4g128 --kv 8\n  accel roofline --device h100-sxm --weights w16,w8,w4g128 --sparsity dense,2:4 --report roofline.html\n",
    )
    .action(run);
}

const oneOf =
  (choices: readonly number[]) =>
  (text: string): number => {
    const value = choices.find((choice) => String(choice) === text);
    if (value === undefined) throw new InvalidArgumentError(`Choose ${choices.join(", ")}.`);
    return value;
  };

const listed = (text: string): string[] => [...new Set(text.split(",").map((part) => part.trim()))];

/** Options that only one of the two modes knows, and what the other calls them. */
const OF_DEFAULT_MODE = {
  weights: "--weight-bits",
  kv: "--kv-bits",
  sparsity: null,
  tokens: null,
  bandwidth: null,
  framework: null,
  operators: null,
  report: null,
} as const;
const OF_LLM_VIEWER = {
  weightBits: "--weights",
  kvBits: "--kv",
  faults: "--as llm-viewer --faults",
} as const;

/** @throws InputError for an option that would say nothing */
function refuseOthers(command: Command, others: Readonly<Record<string, string | null>>, mode: string): void {
  for (const [name, instead] of Object.entries(others)) {
    if (command.getOptionValueSource(name) !== "cli") continue;
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new InputError(
      `--${option} says nothing ${mode} --as: ${instead === null ? "leave it out" : `write ${instead}`}.`,
    );
  }
}

function activationBits(asked: number | undefined): number | null {
  if (asked === undefined) return null;
  const bits = ACTIVATION_BITS.find((choice) => choice === asked);
  if (bits === undefined)
    throw new InputError(
      `Activations of ${asked} bits are not computed with: choose ${ACTIVATION_BITS.join(", ")}.`,
    );
  return bits;
}

async function run(options: RooflineOptions, command: Command): Promise<void> {
  refuseOthers(
    command,
    options.as === undefined ? OF_LLM_VIEWER : OF_DEFAULT_MODE,
    options.as === undefined ? "without" : "with",
  );
  if (options.as === "llm-viewer") {
    runAsLlmViewer({
      ...options,
      weightBits: options.weightBits ?? 16,
      activationBits: options.activationBits ?? 16,
    });
    return;
  }
  const model = openShape(options.model);
  const devices = listed(options.device).map(rooflineDeviceNamed);
  const twice = devices.find(({ name }, i) => devices.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined)
    throw new InputError(`Two of the devices are called ${twice.name}: give each a name of its own.`);
  const started = devices.map((device) =>
    options.framework === undefined || device.kind !== "gpu"
      ? device
      : withFramework(device, frameworkNamed(options.framework)),
  );
  const assumed = started.map((device) => withBandwidth(device, options.bandwidth));
  const entries = entriesOf(assumed, listed(options.weights), listed(options.sparsity));
  const scenario = {
    batch: options.batch,
    context: options.context,
    newTokens: options.tokens,
    keysAndValuesBits: options.kv ?? DEFAULT_KEY_VALUE_BITS,
    activationBits: activationBits(options.activationBits),
    flashAttention: options.flashAttention ?? true,
    tensorParallel: options.tensorParallel,
  };
  const predicted = compare(model.shape, entries, scenario);
  const notes = [...model.notes, ...positionNotes(model.shape, scenario)];
  if (options.report !== undefined) {
    const others = rooflineDevices().filter(({ name }) => !devices.some((asked) => asked.name === name));
    await writeRooflineReport(options.report, {
      schema: "accel/roofline-report@1",
      title: `${model.name} on ${devices.map(({ name }) => name).join(", ")}`,
      shape: { name: model.name, shape: model.shape },
      shapes: publicShapes()
        .filter(({ name }) => name !== model.name)
        .map(({ name, shape }) => ({ name, shape })),
      devices: [...started, ...others],
      bandwidth: options.bandwidth,
      scenario: { ...scenario, weights: entries[0]!.weights, sparsity: entries[0]!.sparsity },
      entries: entries.map(({ device, weights, sparsity }) => ({ device: device.name, weights, sparsity })),
      notes,
    });
  }
  if (options.json === true) printJson(rooflineJson(model.name, scenario, predicted));
  else
    print(comparisonText(model.name, scenario, predicted, { operators: options.operators === true, notes }));
  if (options.json !== true && options.report !== undefined) print(line("report", options.report));
}

/** What is asked may be longer than what the model was made for; its cost is the same. */
function positionNotes(
  { maxPositions }: { readonly maxPositions: number },
  { context, newTokens }: { readonly context: number; readonly newTokens: number },
): string[] {
  const tokens = context + newTokens;
  return tokens > maxPositions
    ? [`${tokens} tokens are more than the ${maxPositions} positions that the model was made for.`]
    : [];
}
