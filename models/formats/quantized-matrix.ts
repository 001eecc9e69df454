/** Bits of a weight code, two's complement. */
export const WEIGHT_BITS = [2, 3, 4, 5, 8] as const;
export type WeightBits = (typeof WEIGHT_BITS)[number];

/**
 * Which weights of a row may be kept.
 * - `dense`: all of them.
 * - `n:m`: `n` of every `m` neighbours along the input; `m` divides 16 (2:4, 4:8, 8:16, 4:16, ...).
 * - `n:16`: a count of 0, 2, 4, 8 or 16 of every 16 neighbours, chosen for each block of 16 rows × 16 columns
 *   (FlightLLM, section 3.2); `density` is the share of weights kept over the matrix.
 */
export type Pattern =
  | { readonly kind: "dense" }
  | { readonly kind: "n:m"; readonly n: number; readonly m: number }
  | { readonly kind: "n:16"; readonly density: number };

/** Rows and columns of the block that every format is laid out in. */
export const BLOCK = 16;

/**
 * A weight matrix as the hardware computes with it:
 *
 *     weight[r][c] = codes[r·cols + c] · mantissa · 2^(shift + exponent)
 *
 * where `mantissa` (low 5 bits) and `shift` (high 3 bits) are the scale byte of row r's group c div `groupSize`.
 */
export interface QuantizedMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly bits: WeightBits;
  /** Columns that share a scale; a multiple of 16. The last group of a row may be shorter. */
  readonly groupSize: number;
  readonly pattern: Pattern;
  /** [rows × cols]; a pruned weight is 0. */
  readonly codes: Int8Array;
  /** [rows × ceil(cols / groupSize)] */
  readonly scales: Uint8Array;
  /** Power of two common to the whole matrix. */
  readonly exponent: number;
}
