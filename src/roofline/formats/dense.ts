import type { SparsityCost } from "./cost.ts";

/** All weights, no index. */
export const dense: SparsityCost = { density: 1, indexBits: 0, countBits: 0 };
