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
  let decodeSeconds = 0;
  let { joules, missingBytes } = prefill;
  for (let context = promptTokens + 1; context < promptTokens + newTokens; context++) {
    const step = decodeAt(context);
    decodeSeconds += step.seconds;
    joules += step.joules;
    missingBytes = Math.max(missingBytes, step.missingBytes);
  }
  const seconds = prefill.seconds + decodeSeconds;
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
    uncertaintySeconds: device.kernel.uncertainty * seconds,
    tokensPerSecond: tokens / seconds,
    decodeTokensPerSecond:
      newTokens === 1 ? batch / decode.seconds : (batch * (newTokens - 1)) / decodeSeconds,
    joules,
    joulesPerToken: joules / tokens,
    uncertaintyJoulesPerToken: (energyUncertainty(device) * joules) / tokens,
    missingBytes,
  };
}
