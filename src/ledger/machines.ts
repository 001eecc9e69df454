import { openShape } from "../../models/shapes/library.ts";
import { parseCompression } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { formatsOf as streamFormats } from "../experiment/shape-formats.ts";
import { timeShape } from "../experiment/time-shape.ts";
import { predictStep } from "../roofline/predict/step-prediction.ts";
import { rooflineDeviceNamed } from "../roofline/resolve-device.ts";
import { formatsOf } from "../roofline/scenario.ts";
import type { LedgerRow } from "./row.ts";

interface Case {
  readonly machine: string;
  readonly model: string;
  readonly weights: string;
  readonly sparsity: string;
  readonly context: number;
}

const on = (machine: string, model: string, contexts: readonly number[]): Case[] =>
  contexts.flatMap((context) =>
    ["dense", "2:4"].map((sparsity) => ({ machine, model, weights: "w4g32", sparsity, context })),
  );

const CASES: readonly Case[] = [
  ...on("up5k-flash", "llama-tiny", [16, 128]),
  ...on("ecp5-bram", "llama-tiny", [16, 128]),
  ...on("generic-hbm", "llama-tiny", [128]),
  ...on("generic-hbm", "llama-2-7b", [128, 1024]),
  ...on("u280-flightllm", "llama-2-7b", [128]),
  ...on("vhk158-flightllm", "llama-2-7b", [128]),
];

/**
 * A machine's roofline, from its description alone, beside its cycle-level simulation: what waiting for each other costs
 * the units. The simulation stands in for a measurement here; circuits take its cycles exactly (docs/validation.md).
 */
export function machineRows(): readonly LedgerRow[] {
  return CASES.map(({ machine: name, model, weights, sparsity, context }) => {
    const { shape, llama } = openShape(model);
    if (llama === null) throw new RangeError(`no machine runs ${model}`);
    const { machine } = chooseMachine({ machine: name });
    const spec = parseCompression({ weights, sparsity });
    const { generation } = timeShape(llama, machine, streamFormats(spec), {
      from: context - 1,
      tokens: 1,
      context,
    });
    const device = rooflineDeviceNamed(name);
    const scenario = {
      weights,
      sparsity,
      batch: 1,
      context,
      newTokens: 1,
      keysAndValuesBits: spec.kv,
      activationBits: null,
      flashAttention: true,
      tensorParallel: 1,
    };
    const { seconds, uncertaintySeconds } = predictStep(shape, device, formatsOf(scenario, device), {
      kind: "decode",
      batch: 1,
      context,
    });
    return {
      section: "machines",
      what: `${model} ${weights} ${sparsity} on ${name}, token ${context}`,
      unit: "ms",
      predicted: 1e3 * seconds,
      uncertainty: 1e3 * uncertaintySeconds,
      measured: generation.results[0]!.cycles / (1e3 * machine.clockMHz),
      kind: "predicted",
      measuredBy: "the cycle-level simulator",
      source: "simulated in this run",
    };
  });
}
