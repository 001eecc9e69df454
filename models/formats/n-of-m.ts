import { BLOCK } from "./quantized-matrix.ts";
import type { SparsityFormat } from "./sparsity.ts";

/** `n` of every `m` neighbours are kept, m a divisor of 16; the index counts within its m neighbours. */
export function nOfM(n: number, m: number): SparsityFormat {
  const windowOf = (slot: number): number => Math.floor(slot / n) * m;
  return {
    name: "n-of-m",
    indexBits: Math.log2(m),
    blockHeaderBytes: 0,
    keptOf: () => (BLOCK / m) * n,
    choose: (nonZero) =>
      Array.from({ length: BLOCK / m }, (_, window) =>
        fill(
          Array.from({ length: m }, (_, i) => window * m + i),
          nonZero,
          n,
        ),
      ).flat(),
    indexOf: (column, slot) => column - windowOf(slot),
    columnOf: (index, slot) => windowOf(slot) + index,
  };
}

/** Takes the columns that are not zero, then others until there are `count`; in ascending order. */
export function fill(
  columns: readonly number[],
  nonZero: (column: number) => boolean,
  count: number,
): number[] {
  const kept = columns.filter(nonZero);
  if (kept.length > count)
    throw new RangeError(`${kept.length} weights kept where the pattern allows ${count}`);
  const others = columns.filter((column) => !nonZero(column));
  return [...kept, ...others.slice(0, count - kept.length)].sort((a, b) => a - b);
}
