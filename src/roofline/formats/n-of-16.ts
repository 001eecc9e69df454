import type { SparsityCost } from "./cost.ts";

/** N of 16, chosen by block: four bits of index with each kept weight, a byte of count with each block of 256. */
export const nOf16 = (density: number): SparsityCost => ({ density, indexBits: 4, countBits: 8 / 256 });
