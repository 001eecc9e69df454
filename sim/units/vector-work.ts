import type { Instruction, Operation } from "../../src/compile/instruction.ts";
import { coresOf, type Machine } from "../../src/compile/machine.ts";
import type { Registers } from "../chip.ts";
import type { TokenInput } from "../token-result.ts";
import { exchangeCycles, type VectorWork, vectorCycles, vectorsCycles } from "./vector-time.ts";

/** What every core does alike with the whole vector. */
const ALIKE: ReadonlySet<Operation> = new Set(["MISC.NORM", "MISC.LAYERNORM", "MISC.ADD"]);

const CODES_PER_WORD = 4;

/** Cycles of an instruction of the vector unit, for all vectors that are taken in. */
export function instructionCycles(
  { operation, w, a, d }: Instruction,
  { position, vectors }: Registers,
  { drawing = false, attended = 1 }: TokenInput,
  machine: Machine,
): number {
  if (operation === "MISC.EXCHANGE")
    return exchangeCycles((w * vectors) / (d === 1 ? CODES_PER_WORD : 1), machine);
  const segments = operation === "MISC.QUANTIZE" ? a : 1;
  const work = (vector: number): VectorWork => ({
    operation,
    elements: operation === "MISC.SOFTMAX" ? Math.ceil(attended * (position + vector + 1)) : w,
    segments,
    drawing,
  });
  if (vectors === 1) return vectorCycles(work(0), machine);
  // What every core would do alike, each does for its share of the vectors.
  const sharing = ALIKE.has(operation) ? coresOf(machine) : 1;
  return vectorsCycles(
    Array.from({ length: Math.ceil(vectors / sharing) }, (_, vector) => work(vector)),
    machine,
  );
}
