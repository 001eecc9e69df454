/**
 * What LLM-Viewer reads of a model, and what it assumes of its family.
 * Source: the files under configs/ of github.com/hahnyuan/LLM-Viewer at commit 1893e4b.
 */
export interface ViewerModel {
  /** As LLM-Viewer's users write it, such as meta-llama/Llama-2-7b-hf. */
  readonly id: string;
  readonly family: ViewerFamily;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** 0 where the family has no head. */
  readonly vocabSize: number;
}

export const VIEWER_FAMILIES = ["Llama", "opt", "chatglm3", "gpt-j", "DiT"] as const;
export type ViewerFamily = (typeof VIEWER_FAMILIES)[number];

/** The rows that a family's layer is made of, besides those that every family has. */
export interface FamilyRows {
  readonly gate: boolean;
  readonly norms: readonly string[];
  readonly head: boolean;
}

const WITH_GATE: FamilyRows = { gate: true, norms: ["attn_norm", "mlp_norm"], head: true };

/** OPT has a gate here although the model has none: one of the faults that are kept (faults.ts). */
export const FAMILY_ROWS: Readonly<Record<ViewerFamily, FamilyRows>> = {
  Llama: WITH_GATE,
  opt: WITH_GATE,
  chatglm3: WITH_GATE,
  "gpt-j": { gate: false, norms: ["attn_norm"], head: true },
  DiT: { ...WITH_GATE, head: false },
};
