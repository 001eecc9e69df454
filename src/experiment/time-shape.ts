import { SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { isShapeAlone } from "../../models/shapes/library.ts";
import type { Span } from "../../sim/accounting.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import { sumOf, TokenCounts } from "../../sim/token-counts.ts";
import type { InstructionTime, TokenResult } from "../../sim/token-result.ts";
import { compileShape } from "../compile/cores.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import type { ShapeFormats } from "../compile/shape-plan.ts";
import type { Generation } from "./generate.ts";

/** Whether a name or path means a shape without weights; models that ship with weights come first. */
export function isShape(name: string): boolean {
  return !SHIPPED_MODELS.includes(name) && isShapeAlone(name);
}

/** Which steps of a shape are timed. */
export interface TimedSteps {
  /** Position of the first step of decode, and how many there are. */
  readonly from: number;
  readonly tokens: number;
  readonly context: number;
}

/**
 * Times decode of a model of which only the shape is known: `tokens` steps from position `from` on; and where the machine takes
 * several vectors together, the prompt before.
 */
export function timeShape(
  shape: LlamaShape,
  machine: Machine,
  formats: ShapeFormats,
  { from, tokens, context }: TimedSteps,
): { program: Program; others: readonly Program[]; generation: Generation } {
  const [program, ...others] = compileShape(shape, machine, formats, { context });
  const simulator = new Simulator(program, null);
  const counts = others.map((other) => new TokenCounts(other));
  const promptResults = machine.matrix.launch === undefined ? [] : timePrompt(simulator, from + 1);
  const results: TokenResult[] = [];
  const spans: Span[] = [];
  const times: InstructionTime[] = [];
  for (let position = from; position < from + tokens; position++) {
    // Only the last token is drawn.
    const watch =
      position === from + tokens - 1 ? { spans, timed: (time: InstructionTime) => times.push(time) } : {};
    const input = { token: 0, position, sampler: greedy };
    const result = simulator.run(input, watch);
    // The cores with smaller shares are never the last; what they move counts.
    results.push({ ...result, ...sumOf([result, ...counts.map((core) => core.count(input))]) });
  }
  const generation = {
    ids: [],
    promptResults,
    results,
    firstTokenCycles: promptResults.length === 0 ? null : cyclesOf(promptResults),
    wordsCompared: 0,
    wordsEqual: 0,
    firstDifference: null,
    spans,
    times,
  };
  return { program, others, generation };
}

export const cyclesOf = (results: readonly TokenResult[]): number =>
  results.reduce((sum, { cycles }) => sum + cycles, 0);

/**
 * Times a prompt of `length` tokens, as many together as share a pass over the weights.
 * @param attended share of the scores that is computed
 */
export function timePrompt(simulator: Simulator, length: number, attended = 1): TokenResult[] {
  const { matrix, schedule } = simulator.machine;
  const together = matrix.launch?.together.tokens ?? 1;
  const results: TokenResult[] = [];
  for (let position = 0; position < length; position += together) {
    const vectors = Math.min(together, length - position);
    const sampling = schedule?.prefillLogits === "all" || position + vectors === length;
    const sampler = sampling ? greedy : null;
    results.push(simulator.run({ token: 0, position, vectors, sampler, attended }));
  }
  return results;
}
