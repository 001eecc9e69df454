import { type HeldOut, heldOut } from "../roofline/calibration/calibrate.ts";
import { a100Calibration } from "../roofline/calibration/constants.ts";
import { kernelSeconds } from "../roofline/calibration/kernel-time.ts";
import { MEASURED_KERNELS } from "../roofline/calibration/kernels.ts";
import {
  FITTED_MODELS,
  type Measurement,
  measuredKernels,
  PROCESSORS,
  type ProcessorName,
} from "../roofline/calibration/measurements.ts";
import {
  classOf,
  deviation,
  deviationOfSum,
  type KernelClass,
  relativeError,
} from "../roofline/calibration/uncertainty.ts";
import type { LedgerRow } from "./row.ts";

export const KERNEL_SECTIONS = [
  "kernels",
  "layers",
  "kernels-other-models",
  "kernels-other-processors",
] as const;

/** Profilers' times are whole microseconds: a uniform error of one of them, as a standard deviation. */
const RESOLUTION_SECONDS = 1e-6 / Math.sqrt(12);

type Deviations = Readonly<Record<KernelClass, number>>;

/**
 * Kernels of an A100, each of two models predicted with constants fitted on the other, and their sums over a layer;
 * then kernels of models that had no part in the fit, and matrix products of other processors with the A100's
 * constants.
 */
export function kernelRows(): readonly LedgerRow[] {
  const { source, measurements } = measuredKernels();
  const { constants, deviations } = a100Calibration();
  const fitted: readonly string[] = FITTED_MODELS;
  const checked = heldOut(measurements);
  const others = measurements
    .filter(({ device, model }) => device !== "a100" || !fitted.includes(model))
    .map((measurement) => ({
      measurement,
      predicted: kernelSeconds(measurement.kernel, constants, PROCESSORS[measurement.device]),
    }));
  const rows = (
    section: (typeof KERNEL_SECTIONS)[number],
    kind: LedgerRow["kind"],
    pairs: readonly HeldOut[],
    stated: Deviations = deviations,
  ): LedgerRow[] => pairs.map((pair) => ({ section, kind, ...kernelRow(pair, stated, source) }));
  return [
    ...rows("kernels", "held out", checked),
    ...layersOf(checked).map((layer) => layerRow(layer, deviations, source)),
    ...rows(
      "kernels-other-models",
      "predicted",
      others.filter(({ measurement }) => measurement.device === "a100"),
    ),
    ...CARRIED_OVER.flatMap(({ to, judgedBy }) =>
      rows("kernels-other-processors", "predicted", productsOn(to, others), {
        ...deviations,
        gemm: deviation(
          productsOn(judgedBy, others).map(({ measurement: { seconds }, predicted }) =>
            relativeError(predicted, seconds),
          ),
        ),
      }),
    ),
  ];
}

/** How far constants carry to a processor is stated from the other one: a row has no part in its own deviation. */
const CARRIED_OVER = [
  { to: "h100", judgedBy: "a40" },
  { to: "a40", judgedBy: "h100" },
] as const;

const productsOn = (processor: ProcessorName, pairs: readonly HeldOut[]): readonly HeldOut[] =>
  pairs.filter(({ measurement: { device, kernel } }) => device === processor && kernel.kind === "gemm");

const nameOf = ({ model, tokens, parallel, device }: Measurement): string =>
  `${model}, ${tokens} tokens, ${parallel} ${device}`;

function kernelRow({ measurement, predicted }: HeldOut, deviations: Deviations, source: string) {
  const { name, device, model, tokens, kernel, seconds } = measurement;
  return {
    what: `${name} of ${nameOf(measurement)}`,
    unit: "us",
    predicted: predicted * 1e6,
    uncertainty: Math.hypot(deviations[classOf(kernel)] * predicted, RESOLUTION_SECONDS) * 1e6,
    measured: seconds * 1e6,
    measuredBy: "authors of Vidur",
    source,
    groups: { model: `${model} on ${device}`, kernel: name, tokens: String(tokens) },
  };
}

/** Kernels of a layer stand together in the measurements. */
const layersOf = (pairs: readonly HeldOut[]): (readonly HeldOut[])[] =>
  Array.from({ length: pairs.length / MEASURED_KERNELS.length }, (_, i) =>
    pairs.slice(i * MEASURED_KERNELS.length, (i + 1) * MEASURED_KERNELS.length),
  );

function layerRow(layer: readonly HeldOut[], deviations: Deviations, source: string): LedgerRow {
  const sum = (of: (pair: HeldOut) => number): number => layer.reduce((total, pair) => total + of(pair), 0);
  const classes = [...new Set(layer.map(({ measurement }) => classOf(measurement.kernel)))].map((name) => ({
    seconds: sum(({ measurement, predicted }) => (classOf(measurement.kernel) === name ? predicted : 0)),
    deviation: deviations[name],
  }));
  const { measurement } = layer[0]!;
  return {
    section: "layers",
    what: `ten kernels of ${nameOf(measurement)}`,
    unit: "us",
    predicted: sum(({ predicted }) => predicted) * 1e6,
    uncertainty: deviationOfSum(classes) * 1e6,
    measured: sum(({ measurement: { seconds } }) => seconds) * 1e6,
    kind: "held out",
    measuredBy: "authors of Vidur",
    source,
    groups: { model: `${measurement.model} on ${measurement.device}`, tokens: String(measurement.tokens) },
  };
}
