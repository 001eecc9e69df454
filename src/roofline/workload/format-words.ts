import { InputError } from "../../../models/errors.ts";
import type { Pattern } from "../../../models/formats/quantized-matrix.ts";
import type { StoredWeights } from "./stored-weights.ts";

/** How matrices are stored, in the words of the command line and of a page's controls. */
export interface WeightWords {
  /** `w16` and `w32` as trained; else `w<bits>`, `w<bits>g<group>` or `w<bits>g<group>s<bits of a scale>`. */
  readonly weights: string;
  /** `dense`, `n:m` as in `2:4`, or `n:16@<density>`. */
  readonly sparsity: string;
}

const DEFAULT_GROUP = 32;
/** The project's own scale is a byte: a mantissa and a shift (docs/numerics.md). */
const DEFAULT_SCALE_BITS = 8;
const BITS = [1, 2, 3, 4, 5, 6, 8];

/** @throws InputError saying which word is not understood, and what would be */
export function parseStoredWeights({ weights, sparsity }: WeightWords): StoredWeights {
  const pattern = parseStoredPattern(sparsity);
  const match = /^w(\d{1,2})(?:g(\d{1,5}))?(?:s(\d{1,2}))?$/.exec(weights.toLowerCase());
  if (match === null)
    throw new InputError(`Weights "${weights}" are not understood: write w16, w8 or w4g128, for example.`);
  const bits = Number(match[1]);
  if (bits === 16 || bits === 32) {
    if (match[2] !== undefined || match[3] !== undefined)
      throw new InputError(
        `Weights "${weights}" ask for scales: numbers of ${bits} bits have none, write w${bits}.`,
      );
    if (pattern.kind === "dense") return { kind: "float", bits };
    // Kept as they are, with indices; without scales, the group says nothing.
    return { kind: "quantized", bits, groupSize: 1, scaleBits: 0, pattern };
  }
  if (!BITS.includes(bits))
    throw new InputError(`Weights "${weights}" ask for ${bits} bits: choose ${BITS.join(", ")}, 16 or 32.`);
  const groupSize = Number(match[2] ?? DEFAULT_GROUP);
  const scaleBits = Number(match[3] ?? DEFAULT_SCALE_BITS);
  if (groupSize < 1 || groupSize > 65_536)
    throw new InputError(`Weights "${weights}" ask for groups of ${groupSize}: choose 1 to 65536.`);
  if (scaleBits > 64)
    throw new InputError(`Weights "${weights}" ask for scales of ${scaleBits} bits: choose 0 to 64.`);
  return { kind: "quantized", bits, groupSize, scaleBits, pattern };
}

/** Of a roofline any n of m will do, where the circuit has fewer. */
export function parseStoredPattern(word: string): Pattern {
  const lower = word.toLowerCase();
  if (lower === "dense" || lower === "none") return { kind: "dense" };
  const blocks = /^n:16@(\d*\.?\d+)$/.exec(lower);
  if (blocks !== null) {
    const density = Number(blocks[1]);
    if (density > 0 && density <= 1) return { kind: "n:16", density };
  }
  const window = /^(\d{1,2}):(\d{1,2})$/.exec(lower);
  const n = Number(window?.[1]);
  const m = Number(window?.[2]);
  if (n >= 1 && n < m && [2, 4, 8, 16, 32].includes(m)) return { kind: "n:m", n, m };
  throw new InputError(
    `Sparsity "${word}" is not understood: write dense, n:m with m of 2, 4, 8, 16 or 32 as in 2:4, or n:16@0.5.`,
  );
}
