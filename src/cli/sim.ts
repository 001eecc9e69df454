import { Command } from "commander";
import pc from "picocolors";
import { InputError } from "../../models/errors.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { parseCompression } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { LoadedModel } from "../experiment/prepare.ts";
import { QualityThread } from "../experiment/quality.ts";
import { reportData } from "../experiment/report-data.ts";
import { CODES_ONLY, type SimulationResult } from "../experiment/result.ts";
import { type Simulation, simulate, simulateShape, type Target } from "../experiment/simulate.ts";
import { isShape } from "../experiment/time-shape.ts";
import { writeReport } from "../report/html.ts";
import {
  addCompressionOptions,
  addModelOption,
  between,
  type CompressionOptions,
  saysNoFormat,
  wholeNumber,
} from "./options.ts";
import { line, percent, print, printJson, progress, short, tokens, whole } from "./output.ts";

interface SimOptions extends CompressionOptions {
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly prompt?: string;
  readonly promptTokens?: number;
  readonly tokens?: number;
  readonly context?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly text?: string;
  readonly stories: number;
  readonly questions: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** Temperature of a seed without one. */
const DEFAULT_TEMPERATURE = 0.8;

export function simCommand(): Command {
  const command = addModelOption(
    new Command("sim").description("compress a model, run it on a simulated machine, and say what it costs"),
  );
  return addCompressionOptions(command)
    .option("--machine <name|file>", "a machine that ships, or a description of your own")
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--prompt <text>", 'text that the model continues (default: "Once upon a time, there was a")')
    .option(
      "--tokens <n>",
      "tokens to generate (default: 32, or as many as there is room for)",
      wholeNumber(1, 100_000),
    )
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option(
      "--prompt-tokens <n>",
      "tokens of prompt before the first timed one, for shapes without weights (default: 128)",
      wholeNumber(1, 1 << 20),
    )
    .option("--temperature <t>", "draw tokens instead of taking the likeliest", between(0.01, 100))
    .option(
      "--seed <n>",
      `seed of the draw; without a temperature it is ${DEFAULT_TEMPERATURE}`,
      wholeNumber(0, 2 ** 31 - 1),
    )
    .option(
      "--text <file>",
      "text to calibrate with and to measure on, one passage a line, for models without their own",
    )
    .option("--stories <n>", "held-out stories that perplexity is measured on", wholeNumber(1, 10_000), 12)
    .option("--questions <n>", "held-out questions", wholeNumber(1, 10_000), 16)
    .option("--report <file>", "write an HTML report")
    .option("--json", "print one JSON object (docs/json.md)")
    .addHelpText(
      "after",
      "\nExamples:\n  accel sim --model llama-tiny --sparsity 2:4\n  accel sim --weights w8 --kv 4 --device generic --report out.html\n",
    )
    .action(run);
}

async function run(options: SimOptions, command: Command): Promise<void> {
  const target = { ...chooseMachine(options), spec: parseCompression(options) };
  const simulation = isShape(options.model)
    ? runShape(options, target, saysNoFormat(command))
    : await runModel(options, target);
  const { result } = simulation;
  if (options.report !== undefined) await writeReport(options.report, reportData(simulation, target.device));
  if (options.json === true) printJson(result);
  else print(summary(result));
  if (options.json !== true && options.report !== undefined) print(line("report", options.report));
  if (result.wordsEqual !== result.wordsCompared) process.exitCode = 1;
}

async function runModel(options: SimOptions, target: Target): Promise<Simulation> {
  progress(`loading ${options.model}`);
  const model = new LoadedModel(options.model, options.text);
  if (options.promptTokens !== undefined) {
    throw new InputError(`--prompt-tokens is for shapes without weights: give ${options.model} a prompt.`);
  }
  const quality = new QualityThread({
    model: options.model,
    ...(options.text === undefined ? {} : { textFile: options.text }),
    size: { stories: options.stories, questions: options.questions, seed: 0 },
  });
  const drawing = options.temperature !== undefined || options.seed !== undefined;
  progress("compressing, simulating and measuring");
  const request = {
    ...target,
    ...(options.prompt === undefined ? {} : { prompt: options.prompt }),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    sampling: drawing
      ? { temperature: options.temperature ?? DEFAULT_TEMPERATURE, seed: options.seed ?? 0 }
      : null,
    ...(options.context === undefined ? {} : { context: options.context }),
  };
  try {
    return await simulate(model, request, quality.measure);
  } finally {
    await quality.close();
  }
}

/** A shape has no weights: its time alone is simulated. */
function runShape(options: SimOptions, target: Target, packaged: boolean): Simulation {
  const useless = (["prompt", "text", "temperature", "seed"] as const).find(
    (name) => options[name] !== undefined,
  );
  if (useless !== undefined) {
    throw new InputError(
      `--${useless} says nothing for ${options.model}: a shape has no weights, only its time is simulated.`,
    );
  }
  return simulateShape(options.model, timedShape(options.model), target, {
    packaged,
    promptTokens: options.promptTokens ?? 128,
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
}

/** What a person wants to know, in about ten lines. */
function summary(result: SimulationResult): string {
  const { bytesPerToken: bytes, bound, quality, compression } = result;
  const kilo = (count: number): string => `${short(count / 1000)} kB`;
  const busy = Object.entries(result.utilisation)
    .sort(([, a], [, b]) => b - a)
    .map(([unit, share]) => `${unit} ${percent(share)}`)
    .join(" · ");
  return [
    line(
      "model",
      `${result.model}, ${compression.sparsity}, ${compression.weights} (head ${compression.head}), kv${compression.keysAndValues}: ${short(result.bitsPerWeight)} bits a weight${compression.codesOnly ? ` (${CODES_ONLY})` : ""}`,
    ),
    line(
      "machine",
      `${result.machine} on ${result.device} at ${result.clockMHz} MHz (${result.provenance.clockMHz}), room for ${tokens(result.context)}`,
    ),
    ...(result.text === "" ? [] : [line("text", `${pc.dim(result.prompt)}${pc.bold(result.text)}`)]),
    line(
      "speed",
      `${pc.bold(`${short(result.tokensPerSecond)} tokens/s`)} · ${whole(result.cyclesPerToken)} cycles a token over ${tokens(result.tokens)} · ${firstToken(result)}(simulated)`,
    ),
    ...(result.wordsCompared === 0 ? [line("step", stepText(result))] : []),
    line(
      "bytes/token",
      `${kilo(bytes.total)}: weights ${kilo(bytes.weights)} · ${compression.codesOnly ? "filling up" : "scales and indices"} ${kilo(bytes.metadata)} · keys and values ${kilo(bytes.keysAndValues)} · tables ${kilo(bytes.tables)} · program ${kilo(bytes.program)}${bytes.vectors === 0 ? "" : ` · vectors ${kilo(bytes.vectors)}`}`,
    ),
    line(
      "bound",
      `${bound.kind}: ${bound.resource}; ${percent(result.rooflineShare)} of the roofline reached`,
    ),
    line("busy", busy),
    ...(result.wordsCompared === 0 ? [] : [line("quality", qualityText(quality))]),
    line("check", checkText(result)),
  ].join("\n");
}

/** Of a shape: how long a step takes, and how far it looks back. */
function stepText({ cyclesPerToken, clockMHz, promptTokens, tokens: timed }: SimulationResult): string {
  const last = tokens(promptTokens + timed - 1);
  const attended = timed === 1 ? last : `${whole(promptTokens)} to ${last}`;
  return `${(cyclesPerToken / clockMHz / 1000).toFixed(2)} ms a token that attends to ${attended}, its own included`;
}

function firstToken({ timeToFirstTokenSeconds, promptTokens }: SimulationResult): string {
  return timeToFirstTokenSeconds === null
    ? `behind ${tokens(promptTokens)} `
    : `first after ${short(timeToFirstTokenSeconds)} s `;
}

function qualityText(quality: SimulationResult["quality"]): string {
  if (quality === null) return "not measured: this model has no text of its own; name some with --text";
  const { perplexity, densePerplexity, answers, denseAnswers, note } = quality;
  const asked =
    answers === null || denseAnswers === null
      ? ""
      : ` · answers ${percent(answers)} (uncompressed ${percent(denseAnswers)})`;
  return `perplexity ${perplexity.toFixed(4)} (uncompressed ${densePerplexity.toFixed(4)})${asked} on ${note}`;
}

function checkText({ wordsCompared, wordsEqual, firstDifference }: SimulationResult): string {
  if (wordsCompared === 0) return "only time was simulated: a shape has no weights";
  if (firstDifference === null)
    return pc.green(`all ${whole(wordsCompared)} words equal those of the integer decoder, in every token`);
  const { position, operator, index, expected, got } = firstDifference;
  return pc.red(
    `${whole(wordsCompared - wordsEqual)} of ${whole(wordsCompared)} words differ from the integer decoder; the first: position ${position}, ${operator}, word ${index}: expected ${expected}, got ${got ?? "nothing"}`,
  );
}
