import { fitKernels, isGemm, type TimedKernel } from "./fit.ts";
import { type KernelTimeConstants, kernelSeconds } from "./kernel-time.ts";
import { FITTED_MODELS, type Measurement, PROCESSORS, type ProcessorName } from "./measurements.ts";
import { fitPlain, type PlainConstants, plainSeconds } from "./plain-formula.ts";
import { classOf, deviation, type KernelClass, relativeError } from "./uncertainty.ts";

/** What the fit of a processor's kernels is worth. */
export interface Calibration {
  readonly constants: KernelTimeConstants;
  readonly plain: PlainConstants;
  /** Relative deviations on the model that was not fitted, both ways together. */
  readonly deviations: Readonly<Record<KernelClass, number>>;
  readonly plainDeviation: number;
  /** Of the plain formula's matrix products on other processors: these constants, with their data sheets' peaks. */
  readonly carriedOver: Readonly<Record<Exclude<ProcessorName, "a100">, number>>;
}

/** A kernel of a model that was not fitted, predicted. */
export interface HeldOut {
  readonly measurement: Measurement;
  readonly predicted: number;
}

const ofModels = (measurements: readonly Measurement[], models: readonly string[]): Measurement[] =>
  measurements.filter(({ device, model }) => device === "a100" && models.includes(model));

/** Each fitted model's kernels, predicted with constants that were fitted on the other. */
export function heldOut(measurements: readonly Measurement[]): HeldOut[] {
  return FITTED_MODELS.flatMap((model) => {
    const others = FITTED_MODELS.filter((other) => other !== model);
    const constants = fitKernels(ofModels(measurements, others), PROCESSORS.a100);
    return ofModels(measurements, [model]).map((measurement) => ({
      measurement,
      predicted: kernelSeconds(measurement.kernel, constants, PROCESSORS.a100),
    }));
  });
}

/** Constants fitted on both models, with deviations from fitting one and checking on the other. */
export function calibrate(measurements: readonly Measurement[]): Calibration {
  const both = ofModels(measurements, FITTED_MODELS);
  const checked = heldOut(measurements);
  const deviationOf = (name: KernelClass): number =>
    deviation(
      checked
        .filter(({ measurement }) => classOf(measurement.kernel) === name)
        .map(({ measurement, predicted }) => relativeError(predicted, measurement.seconds)),
    );
  const gemms = (timed: readonly TimedKernel[]) => timed.filter(isGemm);
  const plain = fitPlain(gemms(both), PROCESSORS.a100);
  const carriedTo = (processor: ProcessorName): number =>
    deviation(
      gemms(measurements.filter(({ device }) => device === processor)).map(({ kernel, seconds }) =>
        relativeError(plainSeconds(kernel, plain, PROCESSORS[processor]), seconds),
      ),
    );
  const plainErrors = FITTED_MODELS.flatMap((model) => {
    const others = FITTED_MODELS.filter((other) => other !== model);
    const constants = fitPlain(gemms(ofModels(measurements, others)), PROCESSORS.a100);
    return gemms(ofModels(measurements, [model])).map(({ kernel, seconds }) =>
      relativeError(plainSeconds(kernel, constants, PROCESSORS.a100), seconds),
    );
  });
  return {
    constants: fitKernels(both, PROCESSORS.a100),
    plain,
    deviations: {
      gemm: deviationOf("gemm"),
      gather: deviationOf("gather"),
      norm: deviationOf("norm"),
      rotary: deviationOf("rotary"),
      activation: deviationOf("activation"),
      add: deviationOf("add"),
    },
    plainDeviation: deviation(plainErrors),
    carriedOver: { h100: carriedTo("h100"), a40: carriedTo("a40") },
  };
}
