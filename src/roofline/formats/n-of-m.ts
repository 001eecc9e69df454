import type { SparsityCost } from "./cost.ts";

/** n of m: an index of log2(m) bits with each kept weight. */
export const nOfM = (n: number, m: number): SparsityCost => ({
  density: n / m,
  indexBits: Math.log2(m),
  countBits: 0,
});
