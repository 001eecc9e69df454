import { heldOut } from "../calibration/calibrate.ts";
import { a100Calibration } from "../calibration/constants.ts";
import { kernelSeconds } from "../calibration/kernel-time.ts";
import { FITTED_MODELS, type Measurement, measuredKernels, PROCESSORS } from "../calibration/measurements.ts";
import { classOf } from "../calibration/uncertainty.ts";
import type { LedgerRow } from "./row.ts";

const MEASURED_BY = "authors of Vidur";

/** Profilers' times are whole microseconds: a uniform error of one of them, as a standard deviation. */
const RESOLUTION_SECONDS = 1e-6 / Math.sqrt(12);

/**
 * Kernels of an A100, each of two models predicted with constants fitted on the other; then kernels of models that
 * had no part in the fit, and matrix products of other processors with the A100's constants.
 */
export function kernelRows(): readonly LedgerRow[] {
  const { source, measurements } = measuredKernels();
  const { constants, deviations } = a100Calibration();
  const row = (
    section: string,
    measurement: Measurement,
    predicted: number,
    kind: LedgerRow["kind"],
  ): LedgerRow => {
    const { name, device, model, tokens, parallel, kernel, seconds } = measurement;
    return {
      section,
      what: `${name} of ${model}, ${tokens} tokens, on ${parallel} ${device}`,
      unit: "us",
      predicted: predicted * 1e6,
      uncertainty: Math.hypot(deviations[classOf(kernel)] * predicted, RESOLUTION_SECONDS) * 1e6,
      measured: seconds * 1e6,
      kind,
      measuredBy: MEASURED_BY,
      source,
      groups: { model: `${model} on ${device}`, kernel: name, tokens: String(tokens) },
    };
  };
  const fitted: readonly string[] = FITTED_MODELS;
  const others = measurements.filter(({ device, model }) => device !== "a100" || !fitted.includes(model));
  const predicted = (measurement: Measurement): number =>
    kernelSeconds(measurement.kernel, constants, PROCESSORS[measurement.device]);
  return [
    ...heldOut(measurements).map((one) => row("kernels", one.measurement, one.predicted, "held out")),
    ...others
      .filter(({ device }) => device === "a100")
      .map((one) => row("kernels-other-models", one, predicted(one), "predicted")),
    ...others
      .filter(({ device, kernel }) => device !== "a100" && kernel.kind === "gemm")
      .map((one) => row("kernels-other-processors", one, predicted(one), "predicted")),
  ];
}
