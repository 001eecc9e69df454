import type { StoredWeights } from "./stored-weights.ts";

/** One pass through the model for a batch of sequences that are alike. */
export type Step =
  /** Takes in `tokens` new tokens of each sequence, behind `past` that are cached. */
  | { readonly kind: "prefill"; readonly batch: number; readonly tokens: number; readonly past: number }
  /** Takes in one token of each sequence; with it, `context` tokens are attended to. */
  | { readonly kind: "decode"; readonly batch: number; readonly context: number };

/** How numbers are stored and computed, and how attention is. */
export interface Formats {
  readonly weights: StoredWeights;
  /** The output head's. */
  readonly head: StoredWeights;
  readonly activationBits: number;
  readonly keysAndValuesBits: number;
  /** Scores and softmax never leave the chip, and masked blocks are skipped (Dao et al., 2022). */
  readonly flashAttention: boolean;
  /** Devices that share each layer's matrices and heads. */
  readonly tensorParallel: number;
}

/** Bits of the wider operand of the layers' matrices. */
export const operandBits = ({ weights, activationBits }: Formats): number =>
  Math.max(weights.bits, activationBits);

/** New tokens of each sequence. */
export const newTokens = (step: Step): number => (step.kind === "prefill" ? step.tokens : 1);

/** Tokens in each sequence's cache after the step. */
export const cachedTokens = (step: Step): number =>
  step.kind === "prefill" ? step.past + step.tokens : step.context;

/**
 * Pairs of a new token and a token that it attends to, in one sequence: causal, and within a sliding window where
 * the model has one.
 */
export function attendedPairs(step: Step, window: number | null): number {
  const last = cachedTokens(step);
  const first = last - newTokens(step) + 1;
  const reach = window ?? last;
  // Up to `reach` tokens a query attends to all before it and itself; from then on to `reach`.
  const growing = Math.max(0, Math.min(last, reach) - first + 1);
  const grown = newTokens(step) - growing;
  return (growing * (2 * first + growing - 1)) / 2 + grown * reach;
}
