import type { Generation } from "../../experiment/generate.ts";
import type { Rung } from "../rung.ts";

/** Every word of every token that the program gives in the simulator, against the integer decoder. */
export function programRung({
  wordsCompared,
  wordsEqual,
  firstDifference,
  promptResults,
  results,
}: Generation): Rung {
  const cycles = [...promptResults, ...results].reduce((sum, result) => sum + result.cycles, 0);
  return {
    rung: 2,
    what: "program in the simulator = integer decoder",
    compared: wordsCompared,
    cycles,
    equal: wordsEqual === wordsCompared,
    why:
      firstDifference === null
        ? null
        : `position ${firstDifference.position}, ${firstDifference.operator}, word ${firstDifference.index}: expected ${firstDifference.expected}, got ${firstDifference.got}`,
  };
}
