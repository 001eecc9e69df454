import { concat, unsignedConstant } from "../builder/index.ts";
import type { PatternCircuit } from "./format.ts";

/** Every weight is kept: a slot is its column. */
export const dense: PatternCircuit = {
  name: "dense",
  kept: [16],
  indexBits: 0,
  counted: false,
  columnsOf: (place) => ({ first: place, count: 1 }),
  columnOf: (_, slot, secondHalf) => concat(secondHalf, unsignedConstant(slot % 8, 3)),
};
