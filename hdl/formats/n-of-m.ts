import { concat, unsignedConstant } from "../builder/index.ts";
import type { PatternCircuit } from "./format.ts";

/** `n` of every `m` neighbours: the slot says which neighbours, the index which of them. */
export function nOfM(n: number, m: number): PatternCircuit {
  const windows = 16 / m;
  const kept = n * windows;
  return {
    name: "n-of-m",
    kept: [kept],
    indexBits: Math.log2(m),
    counted: false,
    columnsOf: (place) => ({ first: Math.floor(place / n) * m, count: m }),
    columnOf: (index, slot) => {
      if (index === null) throw new RangeError("n:m stores an index for each weight");
      const window = Math.floor((slot % kept) / n);
      return windows === 1 ? index : concat(unsignedConstant(window, Math.log2(windows)), index);
    },
  };
}
