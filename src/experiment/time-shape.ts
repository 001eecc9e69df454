import type { LlamaShape } from "../../models/decoder/shape.ts";
import type { Span } from "../../sim/accounting.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { type InstructionTime, Simulator, type TokenResult } from "../../sim/simulator.ts";
import { compile } from "../compile/compile.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import { planShape } from "../compile/shape-plan.ts";
import type { CompressionSpec } from "../compress/spec.ts";
import type { Generation } from "./generate.ts";

/** Times decode of a model of which only the shape is known: `tokens` steps from position `from` on. */
export function timeShape(shape: LlamaShape, machine: Machine, spec: CompressionSpec, from: number, tokens: number): { program: Program; generation: Generation } {
  const format = { bits: spec.weights.bits, groupSize: spec.weights.groupSize, pattern: spec.pattern };
  const program = compile(planShape(shape, format, spec.head, spec.kv), machine, { context: Math.min(shape.maxPositions, from + tokens) });
  const simulator = new Simulator(program, null);
  const results: TokenResult[] = [];
  let spans: Span[] = [];
  let times: InstructionTime[] = [];
  for (let position = from; position < from + tokens; position++) {
    spans = [];
    times = [];
    results.push(simulator.run({ token: 0, position, sampler: greedy }, { spans, timed: (time) => times.push(time) }));
  }
  const generation = { ids: [], promptResults: [], results, wordsCompared: 0, wordsEqual: 0, firstDifference: null, spans, times };
  return { program, generation };
}
