import { openShape } from "../../../models/shapes/library.ts";
import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import type { RooflineDevice } from "../predict/roofline-device.ts";
import { predictStep } from "../predict/step-prediction.ts";
import { rooflineDeviceNamed } from "../resolve-device.ts";
import { parseStoredWeights } from "../workload/format-words.ts";
import { kernelsOf } from "../workload/operation.ts";
import type { Formats, Step } from "../workload/step.ts";
import { FRAMEWORKS, type FrameworkName, type MeasuredStep, measuredSteps } from "./measured-steps.ts";
import { deviation, relativeError } from "./uncertainty.ts";

/**
 * What a framework adds to the kernels: seconds from the end of one to the start of the next. Small where a step was
 * compiled or captured as a graph, large where a program starts each operation by itself. A fitted figure.
 */
export interface Framework {
  readonly name: FrameworkName;
  readonly startSeconds: number;
  /**
   * Relative, one standard deviation, of measured steps that were left out of the fit one at a time: of this framework's,
   * or of all frameworks', whichever is larger, as one framework has few.
   */
  readonly uncertainty: number;
}

/** A step's seconds as a line: those of its operators, and as many starts as it has operators. */
interface StepLine {
  readonly operatorSeconds: number;
  readonly starts: number;
}

/** A GPU whose kernels are started by a framework. */
export const withFramework = (device: RooflineDevice, { startSeconds }: Framework): RooflineDevice => ({
  ...device,
  gapSeconds: startSeconds,
});

/** @param formats all matrices in the same format, as frameworks store them */
export function frameworkStep(
  device: RooflineDevice,
  framework: Framework,
  shape: TransformerShape,
  formats: Formats,
  step: Step,
): { readonly seconds: number; readonly uncertaintySeconds: number } {
  const { seconds, uncertaintySeconds } = predictStep(shape, withFramework(device, framework), formats, step);
  // Decode steps on the processor of the fit that were left out show its kernels' errors too; elsewhere these come on top.
  const showsKernels = step.kind === "decode" && device.kernelModel?.rowsKnown === true;
  const own = framework.uncertainty * seconds;
  return { seconds, uncertaintySeconds: showsKernels ? own : Math.hypot(own, uncertaintySeconds) };
}

function stepLine(device: RooflineDevice, shape: TransformerShape, formats: Formats, step: Step): StepLine {
  const { seconds, operations } = predictStep(shape, device, formats, step);
  const starts = operations.reduce((sum, { operation }) => sum + operation.repeat * kernelsOf(operation), 0);
  return { operatorSeconds: seconds, starts };
}

/** A measured step's line; where its time has a share of the prompt's in it, so has the line. */
function measuredLine(measured: MeasuredStep): StepLine {
  const { phase, batch, context, prompt, generated, includesPrefill } = measured;
  const device = rooflineDeviceNamed(measured.device);
  const { shape } = openShape(measured.model);
  const formats = formatsOf(measured);
  const line = (step: Step) => stepLine(device, shape, formats, step);
  const whole = line({ kind: "prefill", batch, tokens: prompt, past: 0 });
  if (phase === "prefill") return whole;
  const decode = line({ kind: "decode", batch, context });
  const share = includesPrefill ? 1 / generated : 0;
  return {
    operatorSeconds: decode.operatorSeconds + share * whole.operatorSeconds,
    starts: decode.starts + share * whole.starts,
  };
}

export function formatsOf({ weights, keysAndValuesBits }: MeasuredStep): Formats {
  const stored = parseStoredWeights({ weights, sparsity: "dense" });
  return {
    weights: stored,
    head: stored,
    activationBits: 16,
    keysAndValuesBits,
    flashAttention: true,
    tensorParallel: 1,
  };
}

interface Point extends StepLine {
  readonly measured: MeasuredStep;
  readonly seconds: number;
}

/** The start that makes the squares of relative errors least: relative errors are linear in it. */
function fittedStart(points: readonly Point[]): number {
  let above = 0;
  let below = 0;
  for (const { operatorSeconds, starts, seconds } of points) {
    above += (starts / seconds) * (1 - operatorSeconds / seconds);
    below += (starts / seconds) ** 2;
  }
  return Math.max(0, above / below);
}

/** A measured step beside what is predicted for it. */
export interface PredictedStep {
  readonly measured: MeasuredStep;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
  /**
   * Held out: the framework's start is fitted on its other decode steps; predicted: on all its decode steps, and this
   * is none.
   */
  readonly kind: "held out" | "predicted";
  readonly uncertaintySeconds: number;
}

/** A framework's start, and its steps: decode steps without themselves, prompts from decode steps alone. */
interface Fit {
  readonly startSeconds: number;
  readonly decode: readonly StepPair[];
  readonly prefill: readonly StepPair[];
}
type StepPair = Pick<PredictedStep, "measured" | "measuredSeconds" | "predictedSeconds">;

function fitFramework(name: FrameworkName): Fit {
  const points = measuredSteps()
    .filter(({ framework }) => framework === name)
    .map(
      (measured): Point => ({ measured, seconds: measured.milliseconds / 1e3, ...measuredLine(measured) }),
    );
  const decode = points.filter(({ measured }) => measured.phase === "decode");
  const prefill = points.filter(({ measured }) => measured.phase === "prefill");
  const startSeconds = fittedStart(decode);
  const pair = (point: Point, start: number): StepPair => ({
    measured: point.measured,
    measuredSeconds: point.seconds,
    predictedSeconds: point.operatorSeconds + point.starts * start,
  });
  return {
    startSeconds,
    decode: decode.map((point) => pair(point, fittedStart(decode.filter((other) => other !== point)))),
    prefill: prefill.map((point) => pair(point, startSeconds)),
  };
}

const errorsOf = (steps: readonly StepPair[]): number[] =>
  steps.map(({ predictedSeconds, measuredSeconds }) => relativeError(predictedSeconds, measuredSeconds));

interface Fits {
  readonly of: Readonly<Record<FrameworkName, Fit>>;
  /** Relative deviation of all decode steps together. */
  readonly deviation: number;
}

let made: Fits | undefined;
/** Fitted once: every fit predicts some dozens of steps. */
function allFits(): Fits {
  if (made !== undefined) return made;
  const of = {
    "gpt-fast": fitFramework("gpt-fast"),
    torchao: fitFramework("torchao"),
    turbomind: fitFramework("turbomind"),
    "llama.cpp": fitFramework("llama.cpp"),
    transformers: fitFramework("transformers"),
    "vllm-0.1.7": fitFramework("vllm-0.1.7"),
  };
  made = { of, deviation: deviation(Object.values(of).flatMap(({ decode }) => errorsOf(decode))) };
  return made;
}

export function frameworkNamed(name: FrameworkName): Framework {
  const fits = allFits();
  const { startSeconds, decode } = fits.of[name];
  return { name, startSeconds, uncertainty: Math.max(deviation(errorsOf(decode)), fits.deviation) };
}

/** Relative, one standard deviation. */
function uncertaintyOf(framework: Framework, measured: MeasuredStep): number {
  const { model, phase, batch, context, prompt } = measured;
  const { seconds, uncertaintySeconds } = frameworkStep(
    rooflineDeviceNamed(measured.device),
    framework,
    openShape(model).shape,
    formatsOf(measured),
    phase === "decode"
      ? { kind: "decode", batch, context }
      : { kind: "prefill", batch, tokens: prompt, past: 0 },
  );
  return uncertaintySeconds / seconds;
}

/** Every measured step, predicted without it. */
export const predictedSteps = (): readonly PredictedStep[] =>
  FRAMEWORKS.flatMap((name) => {
    const { decode, prefill } = allFits().of[name];
    const framework = frameworkNamed(name);
    const step = (pair: StepPair, kind: PredictedStep["kind"]): PredictedStep => ({
      ...pair,
      kind,
      uncertaintySeconds: pair.predictedSeconds * uncertaintyOf(framework, pair.measured),
    });
    return [
      ...decode.map((pair) => step(pair, "held out")),
      ...prefill.map((pair) => step(pair, "predicted")),
    ];
  });
