import { fill } from "./n-of-m.ts";
import { BLOCK } from "./quantized-matrix.ts";
import type { SparsityFormat } from "./sparsity.ts";

/** Counts of kept weights that a block may choose (FlightLLM, section 3.2). */
export const KEPT_COUNTS = [0, 2, 4, 8, 16] as const;

const COLUMNS = Array.from({ length: BLOCK }, (_, column) => column);

/** Each block of 16 × 16 chooses how many of 16 neighbours its rows keep, and says so in a byte before its packets. */
export const nOf16: SparsityFormat = {
  name: "n-of-16",
  indexBits: 4,
  blockHeaderBytes: 1,
  keptOf: (nonZero) => {
    const most = Math.max(...COLUMNS.map((row) => COLUMNS.filter((column) => nonZero(row, column)).length));
    return KEPT_COUNTS.find((count) => count >= most)!;
  },
  choose: (nonZero, kept) => fill(COLUMNS, nonZero, kept),
  indexOf: (column) => column,
  columnOf: (index) => index,
};
