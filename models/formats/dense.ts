import { BLOCK } from "./quantized-matrix.ts";
import type { SparsityFormat } from "./sparsity.ts";

const ALL = Array.from({ length: BLOCK }, (_, column) => column);

/** Every weight is kept, in order; no index is stored. */
export const dense: SparsityFormat = {
  name: "dense",
  indexBits: 0,
  blockHeaderBytes: 0,
  keptOf: () => BLOCK,
  choose: () => ALL,
  indexOf: () => 0,
  columnOf: (_, slot) => slot,
};
