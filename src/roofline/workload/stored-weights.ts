import type { Pattern } from "../../../models/formats/quantized-matrix.ts";
import { type WeightCost, weightCost } from "../formats/cost.ts";

/** How a matrix stands in memory. */
export type StoredWeights =
  /** As trained: fp16, bf16 or fp32. */
  | { readonly kind: "float"; readonly bits: 16 | 32 }
  | {
      readonly kind: "quantized";
      readonly bits: number;
      /** Columns that share a scale. */
      readonly groupSize: number;
      /** Bits of a group's scale, with its zero point where it has one. */
      readonly scaleBits: number;
      readonly pattern: Pattern;
    };

/** Bits that a weight of the dense matrix costs in memory, by what they are, and the share of weights kept. */
export function storedCost(stored: StoredWeights): WeightCost {
  if (stored.kind === "float") {
    return { codes: stored.bits, indices: 0, scales: 0, counts: 0, total: stored.bits, density: 1 };
  }
  const cost = weightCost(stored);
  const scales = stored.scaleBits / stored.groupSize;
  return { ...cost, scales, total: cost.total - cost.scales + scales };
}

/**
 * Lane instructions that turn a stored weight into a number a multiplier takes, on a processor without a decoder of
 * its own: shift, mask, convert and scale for codes below a byte, convert and scale for bytes, one more to place a
 * kept weight by its index. Floats need none.
 */
export function decodeOperations(stored: StoredWeights): number {
  if (stored.kind === "float") return 0;
  return unpackingOperations(stored.bits) + (stored.pattern.kind === "dense" ? 0 : 1);
}

/** Of a number of so many bits alone. */
export function unpackingOperations(bits: number): number {
  if (bits >= 16) return 0;
  return bits < 8 ? 4 : 2;
}

/** Whether of every four neighbours at least two are zero, wherever the pattern puts them. */
export const isTwoOfFour = (stored: StoredWeights): boolean =>
  stored.kind === "quantized" &&
  stored.pattern.kind === "n:m" &&
  ((stored.pattern.m === 2 && stored.pattern.n === 1) || (stored.pattern.m === 4 && stored.pattern.n <= 2));

/** The words of the command line: `w16`, or `w4g128` with its pattern; a scale of a byte is the usual one. */
export function storedName(stored: StoredWeights): string {
  if (stored.kind === "float") return `w${stored.bits}`;
  const { bits, groupSize, scaleBits, pattern } = stored;
  const group = scaleBits === 0 ? "" : `g${groupSize}`;
  const scale = scaleBits === 0 || scaleBits === 8 ? "" : `s${scaleBits}`;
  return `w${bits}${group}${scale}${patternWord(pattern)}`;
}

function patternWord(pattern: Pattern): string {
  switch (pattern.kind) {
    case "dense":
      return "";
    case "n:m":
      return ` ${pattern.n}:${pattern.m}`;
    case "n:16":
      return ` n:16@${pattern.density}`;
  }
}
