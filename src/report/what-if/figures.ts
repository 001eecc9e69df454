import type { Limit } from "../../roofline/predict/operation-time.ts";
import type { StepPrediction } from "../../roofline/predict/step-prediction.ts";
import type { Operation, Traffic } from "../../roofline/workload/operation.ts";
import type { Outcome } from "./evaluate.ts";

type Predicted = Extract<Outcome, { kind: "predicted" }>;

/** A figure of an entry. */
export interface Figure {
  readonly title: string;
  readonly unit: "s" | "token/s" | "B" | "J" | "token/s/k$" | "1";
  /** null: it is not known. */
  readonly value: (predicted: Predicted) => number | null;
  /** One standard deviation, in the same unit; absent where none is estimated. */
  readonly uncertainty?: (predicted: Predicted) => number;
  readonly better: "less" | "more" | null;
}

/** Errors of a reciprocal are, relatively, those of what it is the reciprocal of. */
const ofSpeed = (
  value: (predicted: Predicted) => number,
  of: (predicted: Predicted) => { readonly seconds: number; readonly uncertaintySeconds: number },
) => ({
  value,
  uncertainty: (predicted: Predicted) => relativeUncertainty(of(predicted)) * value(predicted),
});

/** Of a step's, or a whole answer's, time. */
export const relativeUncertainty = ({
  seconds,
  uncertaintySeconds,
}: {
  readonly seconds: number;
  readonly uncertaintySeconds: number;
}): number => uncertaintySeconds / seconds;

/** What entries are compared by. */
export const FIGURES: readonly Figure[] = [
  {
    title: "time to first token",
    unit: "s",
    value: ({ generation }) => generation.timeToFirstTokenSeconds,
    uncertainty: ({ generation }) => generation.prefill.uncertaintySeconds,
    better: "less",
  },
  {
    title: "time per token",
    unit: "s",
    value: ({ generation }) => generation.decode.seconds,
    uncertainty: ({ generation }) => generation.decode.uncertaintySeconds,
    better: "less",
  },
  {
    title: "decode speed",
    unit: "token/s",
    ...ofSpeed(
      ({ generation }) => generation.decodeTokensPerSecond,
      ({ generation }) => generation.decode,
    ),
    better: "more",
  },
  {
    title: "with prompt",
    unit: "token/s",
    ...ofSpeed(
      ({ generation }) => generation.tokensPerSecond,
      ({ generation }) => generation,
    ),
    better: "more",
  },
  {
    title: "bytes per token",
    unit: "B",
    value: ({ generation }) => generation.decode.bytes / generation.batch,
    better: "less",
  },
  {
    title: "of peak bandwidth",
    unit: "1",
    value: ({ generation }) => generation.decode.memoryShare,
    better: null,
  },
  {
    title: "energy per token",
    unit: "J",
    value: ({ generation }) => generation.joulesPerToken,
    uncertainty: ({ generation }) => generation.uncertaintyJoulesPerToken,
    better: "less",
  },
  {
    title: "per 1000 $",
    unit: "token/s/k$",
    value: ({ generation, device: { priceUsd }, formats }) =>
      priceUsd === null
        ? null
        : generation.decodeTokensPerSecond / ((formats.tensorParallel * priceUsd) / 1000),
    better: "more",
  },
];

export type StepName = "prefill" | "decode";

/** A limit in a sentence: "bound by …". */
export function limitPhrase({ kind, resource }: Limit): string {
  switch (kind) {
    case "memory":
      return `the memory ${resource}`;
    case "compute":
      return {
        matrix: "the matrix unit",
        lanes: "operations on lanes",
        decoder: "the decoding of weights",
      }[resource];
    case "link":
      return "the link between devices";
    case "launch":
      return "the launch of kernels";
  }
}

/** A limit in a table. */
export function limitText({ kind, resource }: Limit): string {
  switch (kind) {
    case "memory":
      return `memory: ${resource}`;
    case "compute":
      return `compute: ${resource}`;
    case "link":
      return "link between devices";
    case "launch":
      return "launch of kernels";
  }
}

export type Part = Operation["part"];
export const PARTS = ["embedding", "attention", "feed-forward", "head"] as const satisfies readonly Part[];

/** Seconds of a step's parts. */
export function secondsByPart({ operations }: StepPrediction): Record<Part, number> {
  const seconds = { embedding: 0, attention: 0, "feed-forward": 0, head: 0 };
  for (const one of operations) seconds[one.operation.part] += one.seconds;
  return seconds;
}

/** Sources of bytes as they are shown, reading and writing together. */
export const SOURCES = [
  ["weights", ({ weights }: Traffic) => weights],
  ["scales", ({ scales }: Traffic) => scales],
  ["indices", ({ indices }: Traffic) => indices],
  ["activations", (traffic: Traffic) => traffic.activationsRead + traffic.activationsWritten],
  ["keys and values", (traffic: Traffic) => traffic.keysAndValuesRead + traffic.keysAndValuesWritten],
  ["program", ({ program }: Traffic) => program],
] as const;
