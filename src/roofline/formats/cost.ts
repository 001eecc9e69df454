import type { Pattern } from "../../../models/formats/quantized-matrix.ts";
import { dense } from "./dense.ts";
import { nOf16 } from "./n-of-16.ts";
import { nOfM } from "./n-of-m.ts";

/** Bits that a weight of the dense matrix costs in memory, by what they are. */
export interface WeightCost {
  readonly codes: number;
  readonly indices: number;
  readonly scales: number;
  /** Counts of kept weights before blocks. */
  readonly counts: number;
  readonly total: number;
  /** Share of the products that are computed. */
  readonly density: number;
}

/** What a format's room says: the share of weights kept, and the bits beside their codes. */
export interface SparsityCost {
  readonly density: number;
  readonly indexBits: number;
  /** Bits a weight of the dense matrix for what stands before a block. */
  readonly countBits: number;
}

function sparsityCost(pattern: Pattern): SparsityCost {
  switch (pattern.kind) {
    case "dense":
      return dense;
    case "n:m":
      return nOfM(pattern.n, pattern.m);
    case "n:16":
      return nOf16(pattern.density);
  }
}

/** Cost of a format for matrices whose rows and columns are multiples of 16 and of the group. */
export function weightCost(format: {
  readonly bits: number;
  readonly groupSize: number;
  readonly pattern: Pattern;
}): WeightCost {
  const { density, indexBits, countBits } = sparsityCost(format.pattern);
  const codes = density * format.bits;
  const indices = density * indexBits;
  const scales = 8 / format.groupSize;
  return { codes, indices, scales, counts: countBits, total: codes + indices + scales + countBits, density };
}
