import type { PatternCircuit } from "./format.ts";

/** A block says how many of 16 neighbours it keeps; the index is the column. */
export const nOf16: PatternCircuit = {
  name: "n-of-16",
  kept: [2, 4, 8, 16],
  indexBits: 4,
  counted: true,
  columnsOf: () => ({ first: 0, count: 16 }),
  columnOf: (index) => {
    if (index === null) throw new RangeError("n:16 stores an index for each weight");
    return index;
  },
};
