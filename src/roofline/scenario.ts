import type { TransformerShape } from "../../models/shapes/transformer.ts";
import { type GenerationPrediction, predictGeneration } from "./predict/generation-prediction.ts";
import { type RooflineDevice, usualActivationBits } from "./predict/roofline-device.ts";
import { parseStoredWeights, type WeightWords } from "./workload/format-words.ts";
import type { Formats } from "./workload/step.ts";

/** What is asked of a device: the numbers of the command line, and of a page's controls. */
export interface Scenario extends WeightWords {
  readonly batch: number;
  /** Tokens of the prompt. */
  readonly context: number;
  /** Tokens of the answer. */
  readonly newTokens: number;
  readonly keysAndValuesBits: number;
  /** null: what the device computes with by itself. */
  readonly activationBits: number | null;
  readonly flashAttention: boolean;
  readonly tensorParallel: number;
}

/** What numbers of a scenario may be. */
export const SCENARIO_BOUNDS = {
  batch: { least: 1, most: 65_536 },
  context: { least: 1, most: 1 << 22 },
  newTokens: { least: 1, most: 100_000 },
  tensorParallel: { least: 1, most: 1024 },
} as const;

export const KEY_VALUE_BITS = [2, 3, 4, 5, 6, 8, 16, 32] as const;
export const ACTIVATION_BITS = [4, 8, 16, 32] as const;

/** How a device stores and computes a scenario's numbers. The head keeps the weights' bits, and is not pruned. */
export function formatsOf(scenario: Scenario, device: RooflineDevice): Formats {
  return {
    weights: parseStoredWeights(scenario),
    head: parseStoredWeights({ weights: scenario.weights, sparsity: "dense" }),
    activationBits: scenario.activationBits ?? usualActivationBits(device),
    keysAndValuesBits: scenario.keysAndValuesBits,
    flashAttention: scenario.flashAttention,
    tensorParallel: scenario.tensorParallel,
  };
}

/** Prefill, decode and the whole answer. */
export const predict = (
  shape: TransformerShape,
  device: RooflineDevice,
  scenario: Scenario,
): GenerationPrediction =>
  predictGeneration(shape, device, formatsOf(scenario, device), {
    batch: scenario.batch,
    promptTokens: scenario.context,
    newTokens: scenario.newTokens,
  });
