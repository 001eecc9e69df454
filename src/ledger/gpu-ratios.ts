import type { FrameworkName } from "../roofline/calibration/measured-steps.ts";
import { gpuPlatform, machinePlatform, type Platform } from "./platforms.ts";
import type { LedgerRow } from "./row.ts";

const SOURCE = "FlightLLM, arXiv 2401.03868";
const MEASURED_BY = "authors of FlightLLM";

/** Lengths that FlightLLM's artefact compares at; the paper does not name its own six. */
const REQUESTS = [128, 512].flatMap((prompt) => [512, 1024, 1536].map((answer) => ({ prompt, answer })));

/** What the paper's GPUs run without and with an optimised program: PyTorch as Hugging Face has it, and vLLM. */
const NAIVE = "transformers";
const OPTIMISED = "vllm-0.1.7";

/** Relative; picojoules are estimates on both sides, of different processes. */
const ENERGY_UNCERTAINTY = 0.4;

type Compared = "latency" | "energy" | "cost";
type OnGpu = readonly [device: string, framework: typeof NAIVE | typeof OPTIMISED];

/** How many times as good the U280 is, as published. */
const PUBLISHED: readonly {
  readonly model: string;
  readonly of: Compared;
  readonly against: OnGpu;
  readonly value: number;
}[] = [
  { model: "llama-2-7b", of: "latency", against: ["v100s", NAIVE], value: 1.6 },
  { model: "llama-2-7b", of: "latency", against: ["v100s", OPTIMISED], value: 1.2 },
  { model: "opt-6.7b", of: "latency", against: ["v100s", NAIVE], value: 1.5 },
  { model: "opt-6.7b", of: "latency", against: ["v100s", OPTIMISED], value: 1.3 },
  { model: "llama-2-7b", of: "energy", against: ["v100s", NAIVE], value: 6.0 },
  { model: "llama-2-7b", of: "energy", against: ["a100-80g", NAIVE], value: 4.4 },
  { model: "llama-2-7b", of: "energy", against: ["v100s", OPTIMISED], value: 5.5 },
  { model: "llama-2-7b", of: "energy", against: ["a100-80g", OPTIMISED], value: 3.8 },
  { model: "opt-6.7b", of: "energy", against: ["v100s", NAIVE], value: 6.7 },
  { model: "opt-6.7b", of: "energy", against: ["a100-80g", NAIVE], value: 4.6 },
  { model: "opt-6.7b", of: "energy", against: ["v100s", OPTIMISED], value: 6.0 },
  { model: "opt-6.7b", of: "energy", against: ["a100-80g", OPTIMISED], value: 4.2 },
  { model: "llama-2-7b", of: "cost", against: ["v100s", OPTIMISED], value: 2.3 },
  { model: "llama-2-7b", of: "cost", against: ["a100-80g", OPTIMISED], value: 1.4 },
  { model: "opt-6.7b", of: "cost", against: ["v100s", OPTIMISED], value: 1.9 },
  { model: "opt-6.7b", of: "cost", against: ["a100-80g", OPTIMISED], value: 1.5 },
];

/** Of its steps, published by the same authors, frameworks' starts are fitted (framework-step.ts). */
const FITTED_GPU = "a100-80g";

/**
 * Whether a published figure had a part in the constants. On the A100, latencies, costs and utilisation are those of the
 * steps that the starts are fitted on, in other words. Of energies, what a GPU draws beside its kernels is set from the
 * authors' V100S. Times on the V100S went into nothing: its kernels are not measured, and the starts come from the A100.
 */
const kindOnGpu = (of: Compared | "utilisation", device: string): LedgerRow["kind"] =>
  of === "energy" || device === FITTED_GPU ? "fitted" : "predicted";

interface Request {
  readonly seconds: number;
  readonly joules: number;
}

interface Runs {
  readonly platform: Platform;
  readonly requests: readonly Request[];
}

/** A step in the middle of the answer stands for all of them: times are all but straight lines of the context. */
const runsOf = (platform: Platform): Runs => ({
  platform,
  requests: REQUESTS.map(({ prompt, answer }) => {
    const first = platform.step({ kind: "prefill", batch: 1, tokens: prompt, past: 0 });
    const later = platform.step({ kind: "decode", batch: 1, context: prompt + answer / 2 });
    return {
      seconds: first.seconds + answer * later.seconds,
      joules: first.joules + answer * later.joules,
    };
  }),
});

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** How many times as much of something the other platform takes, over all requests. */
function ratioOf(of: Compared, own: Runs, other: Runs): number {
  const each = (taken: (request: Request, platform: Platform) => number): number =>
    geometricMean(
      other.requests.map(
        (request, i) => taken(request, other.platform) / taken(own.requests[i]!, own.platform),
      ),
    );
  switch (of) {
    case "latency":
      return each(({ seconds }) => seconds);
    case "energy":
      return each(({ joules }) => joules);
    case "cost":
      return each(({ seconds }, { priceUsd }) => seconds * priceUsd);
  }
}

/** Latency, energy and cost of whole requests on GPUs over those on the U280. */
export function gpuRatioRows(): readonly LedgerRow[] {
  const known = new Map<string, Runs>();
  const runs = (key: string, make: () => Platform): Runs => {
    const made = known.get(key) ?? runsOf(make());
    known.set(key, made);
    return made;
  };
  return PUBLISHED.map(({ model, of, against: [device, framework], value }) => {
    const own = runs(model, () => machinePlatform("u280-flightllm", model));
    const other = runs(`${device} ${framework} ${model}`, () => gpuPlatform(device, framework, model));
    const ratio = ratioOf(of, own, other);
    const relative = Math.hypot(
      own.platform.uncertainty,
      other.platform.uncertainty,
      of === "energy" ? ENERGY_UNCERTAINTY : 0,
    );
    return {
      section: "gpu-ratios",
      what: `${of} of ${model}: ${other.platform.name} over ${own.platform.name}`,
      unit: "x",
      predicted: ratio,
      uncertainty: relative * ratio,
      measured: value,
      kind: kindOnGpu(of, device),
      measuredBy: MEASURED_BY,
      source: SOURCE,
    };
  });
}

const MODEL = "llama-2-7b";
const CONTEXT = 512;

interface Utilisation {
  readonly platform: () => Platform;
  readonly kind: LedgerRow["kind"];
  /** Share of the memory's bandwidth, as published. */
  readonly percent: number;
}

const gpuUtilisation = (device: string, framework: FrameworkName, percent: number): Utilisation => ({
  platform: () => gpuPlatform(device, framework, MODEL),
  kind: kindOnGpu("utilisation", device),
  percent,
});

const machineUtilisation = (machine: string, percent: number): Utilisation => ({
  platform: () => machinePlatform(machine, MODEL),
  kind: "predicted",
  percent,
});

const UTILISATION: readonly Utilisation[] = [
  gpuUtilisation("v100s", NAIVE, 42.5),
  gpuUtilisation("v100s", OPTIMISED, 65.5),
  gpuUtilisation("a100-80g", NAIVE, 28.6),
  gpuUtilisation("a100-80g", OPTIMISED, 57.4),
  machineUtilisation("u280-flightllm", 65.9),
  machineUtilisation("vhk158-flightllm", 64.8),
];

/**
 * Utilisation of the memory in a decode step, counted in two ways: stored weights alone, and all bytes that pass the
 * ports, each over the step's time and the part's peak.
 */
export function utilisationRows(): readonly LedgerRow[] {
  return UTILISATION.flatMap(({ platform: make, kind, percent }) => {
    const platform = make();
    const { seconds, weightBytes, bytes } = platform.step({ kind: "decode", batch: 1, context: CONTEXT });
    const row = (counted: string, moved: number): LedgerRow => {
      const predicted = (100 * moved) / seconds / platform.peakBytesPerSecond;
      return {
        section: "utilisation",
        what: `${platform.name}, ${counted}`,
        unit: "%",
        predicted,
        uncertainty: platform.uncertainty * predicted,
        measured: percent,
        kind,
        measuredBy: MEASURED_BY,
        source: SOURCE,
      };
    };
    return [row("stored weights", weightBytes), row("all bytes moved", bytes)];
  });
}
