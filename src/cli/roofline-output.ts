import pc from "picocolors";
import type { PredictedEntry } from "../roofline/comparison.ts";
import type { OperationPrediction, StepPrediction } from "../roofline/predict/step-prediction.ts";
import type { Scenario } from "../roofline/scenario.ts";
import type { Traffic } from "../roofline/workload/operation.ts";
import { storedName } from "../roofline/workload/stored-weights.ts";
import { line, longLine, percent, short, table } from "./output.ts";

type Settings = Omit<Scenario, "weights" | "sparsity">;

/** Bytes as columns of a table: what is of one kind stands together. */
const BYTE_COLUMNS: readonly (readonly [title: string, sources: readonly (keyof Traffic)[]])[] = [
  ["weights", ["weights"]],
  ["scales", ["scales"]],
  ["indices", ["indices"]],
  ["activations", ["activationsRead", "activationsWritten"]],
  ["kv", ["keysAndValuesRead", "keysAndValuesWritten"]],
  ["program", ["program"]],
];

const bytesOf = (traffic: Traffic, sources: readonly (keyof Traffic)[]): number =>
  sources.reduce((sum, source) => sum + traffic[source], 0);

/** Columns of which some step moves something. */
const columnsMoved = (steps: readonly StepPrediction[]): typeof BYTE_COLUMNS =>
  BYTE_COLUMNS.filter(([, sources]) => steps.some(({ traffic }) => bytesOf(traffic, sources) > 0));

const amountOrNone = (bytes: number): string => (bytes === 0 ? "-" : amount(bytes, "B"));

/** What a person compares first, then what each device does. */
export function comparisonText(
  model: string,
  settings: Settings,
  entries: readonly PredictedEntry[],
  { operators, notes }: { readonly operators: boolean; readonly notes: readonly string[] },
): string {
  return [
    line("model", scenarioText(model, settings)),
    ...notes.map((note) => line("note", note)),
    "",
    table([
      [
        "device",
        "weights",
        "fits",
        "prefill",
        "decode",
        "±",
        "decode tokens/s",
        "decode bound",
        settings.tensorParallel === 1 ? "bytes/token" : "bytes/token, each",
        "energy",
      ],
      ...entries.map(comparisonRow),
    ]),
    ...entries.flatMap((entry) => ["", deviceText(entry), ...(operators ? [operatorsText(entry)] : [])]),
    "",
    pc.dim(legend(settings, operators)),
  ].join("\n");
}

const legend = ({ tensorParallel }: Settings, operators: boolean): string =>
  [
    "All times are estimated; ± is one standard deviation. Prefill gives the first token, each further one is a decode step;",
    tensorParallel === 1
      ? "bytes and energy are those of a token of decode; kv: keys and values."
      : `bytes and operations are one device's, tokens/s and energy (of a token of decode) those of all ${tensorParallel}; kv: keys and values.`,
    ...(operators ? [] : ["--operators shows each operator, --report draws them."]),
  ].join("\n");

function scenarioText(model: string, settings: Settings): string {
  const { batch, context, newTokens, keysAndValuesBits, flashAttention, tensorParallel } = settings;
  return [
    `${pc.bold(model)}, prompt of ${context} tokens, answer of ${newTokens}`,
    ...(batch === 1 ? [] : [`batch ${batch}`]),
    `kv${keysAndValuesBits}`,
    flashAttention ? "flash attention" : "no flash attention",
    ...(tensorParallel === 1 ? [] : [`${tensorParallel} devices share each matrix`]),
  ].join(" · ");
}

function comparisonRow({ device, formats, prediction }: PredictedEntry): string[] {
  const { decode, missingBytes } = prediction;
  return [
    device.name,
    storedName(formats.weights),
    missingBytes > 0 ? "no" : "yes",
    time(prediction.timeToFirstTokenSeconds),
    time(decode.seconds),
    percent(decode.uncertaintySeconds / decode.seconds),
    short(prediction.decodeTokensPerSecond),
    limitText(decode),
    amount(decode.bytes / decode.step.batch, "B"),
    amount(decode.joules / decode.step.batch, "J"),
  ];
}

const limitText = ({ limit }: StepPrediction): string =>
  limit.kind === "launch" || limit.kind === "link" ? limit.kind : `${limit.kind}: ${limit.resource}`;

function deviceText({ device, formats, prediction }: PredictedEntry): string {
  const { prefill, decode } = prediction;
  const columns = columnsMoved([prefill, decode]);
  return [
    pc.bold(device.title),
    line(
      "format",
      `${storedName(formats.weights)}, a${formats.activationBits}, computed in ${decode.numbers}`,
    ),
    table([
      ["", "time", "±", "operations", ...columns.map(([title]) => title), "op/B", "of peak", "bound"],
      stepRow("prefill", prefill, columns),
      stepRow("decode", decode, columns),
    ]),
    longLine(formats.tensorParallel === 1 ? "holds" : "each holds", holdsText(prediction)),
    line("on chip", staysText(decode)),
    longLine("energy", energyText(prediction)),
    longLine("constants", device.kernel.origin),
  ].join("\n");
}

const stepRow = (name: string, step: StepPrediction, columns: typeof BYTE_COLUMNS): string[] => [
  name,
  time(step.seconds),
  percent(step.uncertaintySeconds / step.seconds),
  amount(step.matrixOperations + step.vectorOperations, "op"),
  ...columns.map(([, sources]) => amountOrNone(bytesOf(step.traffic, sources))),
  step.intensity === null ? "-" : short(step.intensity),
  percent(step.memoryShare),
  limitText(step),
];

function holdsText({ decode, missingBytes }: PredictedEntry["prediction"]): string {
  const { footprint } = decode;
  return [
    `${amount(footprint.total, "B")}: weights ${amount(footprint.weights, "B")}`,
    `keys and values ${amount(footprint.keysAndValues, "B")}`,
    `activations ${amount(footprint.activations, "B")}`,
    ...(missingBytes > 0 ? [`at the answer's end ${amount(missingBytes, "B")} too many`] : []),
  ].join(" · ");
}

function staysText({ residency }: StepPrediction): string {
  const stays = [
    residency.activations ? "activations" : "",
    residency.keysAndValues >= 0.001 ? `${percent(residency.keysAndValues)} of keys and values` : "",
    residency.weights >= 0.001 ? `${percent(residency.weights)} of weights` : "",
  ].filter((text) => text !== "");
  return stays.length === 0 ? "nothing stays from step to step" : `${stays.join(", ")} stay`;
}

/** The prompt's energy, a decode step's for a token, and all of an answer's for each of its tokens. */
function energyText({ prefill, decode, ...whole }: PredictedEntry["prediction"]): string {
  const spread = (joules: number, uncertainty: number): string =>
    `${amount(joules, "J")} ± ${percent(uncertainty / joules)}`;
  const { batch } = decode.step;
  return [
    `prefill ${spread(prefill.joules, prefill.uncertaintyJoules)}`,
    `decode ${spread(decode.joules / batch, decode.uncertaintyJoules / batch)} a token`,
    `with its share of the prompt ${spread(whole.joulesPerToken, whole.uncertaintyJoulesPerToken)}`,
  ].join(" · ");
}

function operatorsText({ prediction }: PredictedEntry): string {
  const of = (title: string, step: StepPrediction): string => {
    const columns = columnsMoved([step]);
    return table([
      [title, "×", "ops", ...columns.map(([name]) => name), "op/B", "bound", "time", "share"],
      ...step.operations.map((operation) => operatorRow(operation, step, columns)),
    ]);
  };
  return `\n${of("prefill", prediction.prefill)}\n\n${of("decode", prediction.decode)}`;
}

const operatorRow = (
  { operation, time: each, intensity, seconds, operations }: OperationPrediction,
  step: StepPrediction,
  columns: typeof BYTE_COLUMNS,
): string[] => [
  operation.name,
  String(operation.repeat),
  amount(operations, "op"),
  ...columns.map(([, sources]) => amountOrNone(operation.repeat * bytesOf(each.moved, sources))),
  intensity === null ? "-" : short(intensity),
  each.limit.resource,
  time(seconds),
  percent(seconds / step.seconds),
];

/** One JSON object with every figure, unrounded. */
export function rooflineJson(model: string, settings: Settings, entries: readonly PredictedEntry[]): unknown {
  return {
    schema: "accel/roofline@1",
    model,
    scenario: settings,
    entries: entries.map(({ device, weights, sparsity, formats, prediction }) => ({
      device: device.name,
      weights,
      sparsity,
      formats,
      constants: device.kernel,
      prediction,
    })),
  };
}

const PREFIXES = [
  [1e18, "E"],
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "µ"],
  [1e-9, "n"],
] as const;

/** 3.44 GB, 12.1 ms. */
function amount(value: number, unit: string): string {
  if (value === 0) return `0 ${unit}`;
  const [factor, prefix] =
    PREFIXES.find(([least]) => Math.abs(value) >= least * 0.9995) ?? PREFIXES[PREFIXES.length - 1]!;
  return `${Number((value / factor).toPrecision(3))} ${prefix}${unit}`;
}

/** 12.1 ms, 4.94 s, 3.2 min, 12 h. */
function time(seconds: number): string {
  if (seconds < 120) return amount(seconds, "s");
  return seconds < 7200 ? `${short(seconds / 60)} min` : `${short(seconds / 3600)} h`;
}
