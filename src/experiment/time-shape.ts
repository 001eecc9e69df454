import { SHIPPED_MODELS } from "../../models/checkpoint/open-model.ts";
import type { LlamaShape } from "../../models/decoder/shape.ts";
import { isShapeAlone } from "../../models/shapes/library.ts";
import type { Span } from "../../sim/accounting.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import type { InstructionTime, TokenResult } from "../../sim/token-result.ts";
import { compile } from "../compile/compile.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { planShape } from "../compile/shape-plan.ts";
import type { CompressionSpec } from "../compress/spec.ts";
import type { Generation } from "./generate.ts";

/** Whether a name or path means a shape without weights; models that ship with weights come first. */
export function isShape(name: string): boolean {
  return !SHIPPED_MODELS.includes(name) && isShapeAlone(name);
}

/** Times decode of a model of which only the shape is known: `tokens` steps from position `from` on. */
export function timeShape(
  shape: LlamaShape,
  machine: Machine,
  spec: CompressionSpec,
  { from, tokens, context }: { from: number; tokens: number; context: number },
): { program: Program; generation: Generation } {
  const format = { bits: spec.weights.bits, groupSize: spec.weights.groupSize, pattern: spec.pattern };
  const program = compile(planShape(shape, format, spec.head, spec.kv), machine, {
    context,
  });
  const simulator = new Simulator(program, null);
  const results: TokenResult[] = [];
  const spans: Span[] = [];
  const times: InstructionTime[] = [];
  for (let position = from; position < from + tokens; position++) {
    // Only the last token is drawn.
    const watch =
      position === from + tokens - 1 ? { spans, timed: (time: InstructionTime) => times.push(time) } : {};
    results.push(simulator.run({ token: 0, position, sampler: greedy }, watch));
  }
  const generation = {
    ids: [],
    promptResults: [],
    results,
    wordsCompared: 0,
    wordsEqual: 0,
    firstDifference: null,
    spans,
    times,
  };
  return { program, generation };
}
