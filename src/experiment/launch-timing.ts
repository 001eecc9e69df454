import type { LlamaShape } from "../../models/decoder/shape.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import { type Counts, sumOf, TokenCounts } from "../../sim/token-counts.ts";
import type { TokenResult } from "../../sim/token-result.ts";
import { compileShape } from "../compile/cores.ts";
import type { Machine } from "../compile/machine.ts";
import type { Program } from "../compile/program.ts";
import type { ShapeFormats } from "../compile/shape-plan.ts";
import { cyclesOf, timePrompt } from "./time-shape.ts";

/** A shape's steps on a machine that takes several tokens together, timed one by one, in any order. */
export class LaunchTiming {
  /** Of the core with the largest share. */
  readonly program: Program;
  private readonly simulator: Simulator;
  private readonly others: readonly Program[];

  constructor(shape: LlamaShape, machine: Machine, formats: ShapeFormats, context: number) {
    [this.program, ...this.others] = compileShape(shape, machine, formats, { context });
    this.simulator = new Simulator(this.program, null);
  }

  /** A step of decode of that core, which attends to `context` tokens, its own included. */
  decode(context: number): TokenResult {
    return this.simulator.run({ token: 0, position: context - 1, sampler: greedy });
  }

  /** Bytes and products of all cores in that step. */
  decodeCounts(context: number): Counts {
    const input = { token: 0, position: context - 1, sampler: greedy };
    return sumOf([this.program, ...this.others].map((core) => new TokenCounts(core).count(input)));
  }

  decodeMs(context: number): number {
    return this.ms(this.decode(context).cycles);
  }

  /** @param attended share of the blocks of 64 × 64 scores that is computed */
  prefillMs(tokens: number, attended = 1): number {
    return this.ms(cyclesOf(timePrompt(this.simulator, tokens, attended)));
  }

  ms(cycles: number): number {
    return cycles / this.program.machine.clockMHz / 1e3;
  }
}
