import type { TransformerShape } from "../../models/shapes/transformer.ts";
import type { GenerationPrediction } from "./predict/generation-prediction.ts";
import type { RooflineDevice } from "./predict/roofline-device.ts";
import { formatsOf, predict, type Scenario } from "./scenario.ts";
import type { WeightWords } from "./workload/format-words.ts";
import type { Formats } from "./workload/step.ts";

/** A device with a way to store weights on it. */
export interface Entry extends WeightWords {
  readonly device: RooflineDevice;
}

export interface PredictedEntry extends Entry {
  readonly formats: Formats;
  readonly prediction: GenerationPrediction;
}

/** Every device with every format and pattern. */
export const entriesOf = (
  devices: readonly RooflineDevice[],
  weights: readonly string[],
  sparsity: readonly string[],
): Entry[] =>
  devices.flatMap((device) =>
    weights.flatMap((bits) => sparsity.map((pattern) => ({ device, weights: bits, sparsity: pattern }))),
  );

/** What each entry takes; `scenario` says the rest. */
export const compare = (
  shape: TransformerShape,
  entries: readonly Entry[],
  scenario: Omit<Scenario, keyof WeightWords>,
): PredictedEntry[] =>
  entries.map((entry) => {
    const own = { ...scenario, weights: entry.weights, sparsity: entry.sparsity };
    return {
      ...entry,
      formats: formatsOf(own, entry.device),
      prediction: predict(shape, entry.device, own),
    };
  });
