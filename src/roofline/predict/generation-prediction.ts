import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { heldWeights } from "../workload/footprint.ts";
import type { Formats } from "../workload/step.ts";
import type { RooflineDevice } from "./roofline-device.ts";
import { energyUncertainty, predictStep, type StepPrediction } from "./step-prediction.ts";

/** A whole answer: the prompt is taken in at once, which gives the first token; each further token is a decode step. */
export interface GenerationPrediction {
  readonly batch: number;
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly prefill: StepPrediction;
  /** The decode step at the prompt's end. */
  readonly decode: StepPrediction;
  readonly timeToFirstTokenSeconds: number;
  readonly seconds: number;
  readonly uncertaintySeconds: number;
  /** New tokens of all sequences over the whole time. */
  readonly tokensPerSecond: number;
  /** The same without the prompt's time. */
  readonly decodeTokensPerSecond: number;
  readonly joules: number;
  readonly joulesPerToken: number;
  /** One standard deviation, of a token. */
  readonly uncertaintyJoulesPerToken: number;
  /** Of the last step, which is the largest: does the whole answer fit. */
  readonly missingBytes: number;
}

export function predictGeneration(
  shape: TransformerShape,
  device: RooflineDevice,
  formats: Formats,
  {
    batch,
    promptTokens,
    newTokens,
  }: { readonly batch: number; readonly promptTokens: number; readonly newTokens: number },
): GenerationPrediction {
  const weights = heldWeights(shape, formats);
  const prefill = predictStep(shape, device, formats, {
    kind: "prefill",
    batch,
    tokens: promptTokens,
    past: 0,
  });
  const decodeAt = (context: number): StepPrediction =>
    predictStep(shape, device, formats, { kind: "decode", batch, context }, weights);
  const steps = sumOverContexts(promptTokens + 1, promptTokens + newTokens, decodeAt);
  const decodeSeconds = steps.seconds;
  const joules = prefill.joules + steps.joules;
  const missingBytes = Math.max(prefill.missingBytes, steps.missingBytes);
  const seconds = prefill.seconds + decodeSeconds;
  const uncertaintySeconds = prefill.uncertaintySeconds + steps.uncertaintySeconds;
  const tokens = batch * newTokens;
  const decode = decodeAt(promptTokens + 1);
  return {
    batch,
    promptTokens,
    newTokens,
    prefill,
    decode,
    timeToFirstTokenSeconds: prefill.seconds,
    seconds,
    uncertaintySeconds,
    tokensPerSecond: tokens / seconds,
    decodeTokensPerSecond:
      newTokens === 1 ? batch / decode.seconds : (batch * (newTokens - 1)) / decodeSeconds,
    joules,
    joulesPerToken: joules / tokens,
    uncertaintyJoulesPerToken: (energyUncertainty(uncertaintySeconds / seconds) * joules) / tokens,
    missingBytes,
  };
}

/** Steps that are predicted of an answer; between two of them, times and energies are taken as straight lines. */
const MOST_STEPS = 512;

interface StepSums {
  readonly seconds: number;
  readonly uncertaintySeconds: number;
  readonly joules: number;
  /** Of the step that lacks most. */
  readonly missingBytes: number;
}

/** Sums over the contexts from `first` to before `end`; step by step where there are no more than `MOST_STEPS`. */
function sumOverContexts(first: number, end: number, at: (context: number) => StepPrediction): StepSums {
  let sums: StepSums = { seconds: 0, uncertaintySeconds: 0, joules: 0, missingBytes: 0 };
  if (end <= first) return sums;
  const stride = Math.ceil((end - first) / MOST_STEPS);
  let here = at(first);
  for (let context = first; context < end; ) {
    const next = Math.min(context + stride, end - 1);
    // The last step stands alone.
    const count = Math.max(1, next - context);
    const there = next === context ? here : at(next);
    const line = (from: number, to: number): number => count * from + ((count - 1) / 2) * (to - from);
    sums = {
      seconds: sums.seconds + line(here.seconds, there.seconds),
      uncertaintySeconds: sums.uncertaintySeconds + line(here.uncertaintySeconds, there.uncertaintySeconds),
      joules: sums.joules + line(here.joules, there.joules),
      missingBytes: Math.max(sums.missingBytes, here.missingBytes, there.missingBytes),
    };
    context += count;
    here = there;
  }
  return sums;
}
