import { readFileSync } from "node:fs";

/** What another implementation (PyTorch in float64) computed from llama-tiny. */
export interface GoldenLogits {
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly meanNll: number;
    readonly greedy: readonly number[];
    readonly logitsAtLast: readonly number[];
  }[];
  readonly heldOutStories: {
    readonly fromSeed: number;
    readonly stories: number;
    readonly tokens: number;
    readonly meanNll: number;
    readonly perplexity: number;
  };
}

export function goldenLogits(): GoldenLogits {
  return JSON.parse(
    readFileSync(new URL("../../models/llama-tiny/golden-logits.json", import.meta.url), "utf8"),
  );
}
