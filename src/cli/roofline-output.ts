import pc from "picocolors";
import type { PredictedEntry } from "../roofline/comparison.ts";
import type { OperationPrediction, StepPrediction } from "../roofline/predict/step-prediction.ts";
import type { Scenario } from "../roofline/scenario.ts";
import { TRAFFIC_SOURCES, type Traffic } from "../roofline/workload/operation.ts";
import { storedName } from "../roofline/workload/stored-weights.ts";
import { line, percent, short, table } from "./output.ts";

type Settings = Omit<Scenario, "weights" | "sparsity">;

const SOURCE_NAMES: Readonly<Record<keyof Traffic, string>> = {
  weights: "weights",
  scales: "scales",
  indices: "indices",
  activationsRead: "activations read",
  activationsWritten: "written",
  keysAndValuesRead: "keys and values read",
  keysAndValuesWritten: "written",
  program: "program",
};

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
        "first token",
        "decode",
        "±",
        "tokens/s",
        "bound of decode",
        "bytes/token",
        "energy/token",
      ],
      ...entries.map(comparisonRow),
    ]),
    ...entries.flatMap((entry) => ["", deviceText(entry), ...(operators ? [operatorsText(entry)] : [])]),
    "",
    pc.dim(
      `All times are estimated; ± is one standard deviation.${operators ? "" : " --operators shows each operator, --report draws them."}`,
    ),
  ].join("\n");
}

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
    missingBytes > 0 ? `no: ${amount(missingBytes, "B")} too many` : "yes",
    time(prediction.timeToFirstTokenSeconds),
    time(decode.seconds),
    percent(decode.uncertaintySeconds / decode.seconds),
    short(prediction.decodeTokensPerSecond),
    limitText(decode),
    amount(decode.bytes / decode.step.batch, "B"),
    `${amount(prediction.joulesPerToken, "J")} ± ${amount(prediction.uncertaintyJoulesPerToken, "J")}`,
  ];
}

const limitText = ({ limit }: StepPrediction): string =>
  limit.kind === "launch" || limit.kind === "link" ? limit.kind : `${limit.kind}: ${limit.resource}`;

function deviceText({ device, formats, prediction }: PredictedEntry): string {
  const { prefill, decode } = prediction;
  const { footprint, residency } = decode;
  const stays = [
    residency.activations ? "activations" : "",
    residency.keysAndValues >= 0.001 ? `${percent(residency.keysAndValues)} of keys and values` : "",
    residency.weights >= 0.001 ? `${percent(residency.weights)} of weights` : "",
  ].filter((text) => text !== "");
  return [
    `${pc.bold(device.title)} · ${storedName(formats.weights)}, a${formats.activationBits}, computed in ${decode.numbers}`,
    line("prefill", stepText(prefill)),
    line("decode", stepText(decode)),
    line(
      "holds",
      `${amount(footprint.total, "B")}: weights ${amount(footprint.weights, "B")} · keys and values ${amount(footprint.keysAndValues, "B")} · activations ${amount(footprint.activations, "B")}`,
    ),
    line("on chip", stays.length === 0 ? "nothing stays from step to step" : `${stays.join(", ")} stay`),
    line("constants", device.kernel.origin),
  ].join("\n");
}

function stepText(step: StepPrediction): string {
  const bytes = TRAFFIC_SOURCES.filter((source) => step.traffic[source] > 0)
    .map((source) => `${SOURCE_NAMES[source]} ${amount(step.traffic[source], "B")}`)
    .join(" · ");
  const operations = step.matrixOperations + step.vectorOperations;
  return [
    `${time(step.seconds)} ± ${time(step.uncertaintySeconds)}`,
    `${amount(operations, "op")}`,
    `${amount(step.bytes, "B")} (${bytes})`,
    step.intensity === null ? "" : `${short(step.intensity)} op/B`,
    `${percent(step.memoryShare)} of the memory's peak`,
    limitText(step),
  ]
    .filter((text) => text !== "")
    .join(" · ");
}

function operatorsText({ prediction }: PredictedEntry): string {
  const of = (title: string, step: StepPrediction): string =>
    table([
      [
        title,
        "times",
        "operations",
        "weights",
        "scales",
        "indices",
        "activations",
        "keys and values",
        "op/B",
        "bound",
        "time",
        "share",
      ],
      ...step.operations.map((operation) => operatorRow(operation, step)),
    ]);
  return `\n${of("prefill", prediction.prefill)}\n\n${of("decode", prediction.decode)}`;
}

function operatorRow(prediction: OperationPrediction, step: StepPrediction): string[] {
  const { operation, time: each, intensity, seconds, operations } = prediction;
  const bytes = (...sources: (keyof Traffic)[]): string => {
    const sum = sources.reduce((total, source) => total + operation.repeat * each.moved[source], 0);
    return sum === 0 ? "-" : amount(sum, "B");
  };
  return [
    operation.name,
    String(operation.repeat),
    amount(operations, "op"),
    bytes("weights"),
    bytes("scales"),
    bytes("indices"),
    bytes("activationsRead", "activationsWritten"),
    bytes("keysAndValuesRead", "keysAndValuesWritten"),
    intensity === null ? "-" : short(intensity),
    each.limit.resource,
    time(seconds),
    percent(seconds / step.seconds),
  ];
}

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
