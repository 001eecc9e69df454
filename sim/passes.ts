import { BLOCK } from "../models/formats/quantized-matrix.ts";
import type { Instruction } from "../src/compile/instruction.ts";
import { tileBlocksFor } from "../src/compile/layout.ts";
import type { Machine } from "../src/compile/machine.ts";
import type { StreamPlan } from "../src/compile/stream-plan.ts";
import type { Registers } from "./chip.ts";
import { lastOf } from "./registers.ts";
import { keysPass, type Pass, valuesPass, weightsPass } from "./units/pass.ts";

/** The passes of a program, made when first wanted. */
export class Passes {
  private readonly machine: Machine;
  private readonly keyTileBlocks: number;
  private readonly ofPlans = new WeakMap<StreamPlan, Map<number, Pass>>();
  /** By the number of the instruction. */
  private readonly ofToken = new Map<number, Pass>();
  private registers: Registers = { token: 0, position: 0, layer: 0, vectors: 1 };
  private attended = 1;

  constructor(machine: Machine, keyTileBlocks: number) {
    this.machine = machine;
    this.keyTileBlocks = keyTileBlocks;
  }

  /** @param attended share of the scores that is computed */
  beginToken(registers: Registers, attended: number): void {
    this.registers = registers;
    this.attended = attended;
    this.ofToken.clear();
  }

  /** Passes over weights are the same in every token, and in layers that are alike. */
  weights(plan: StreamPlan, { w: rows, a }: Instruction): Pass {
    const tokens = this.registers.vectors * a;
    const known = this.ofPlans.get(plan) ?? new Map<number, Pass>();
    this.ofPlans.set(plan, known);
    const pass = known.get(tokens) ?? weightsPass(plan, tileBlocksFor(rows, this.machine), tokens);
    known.set(tokens, pass);
    return pass;
  }

  keys(index: number, { x: headDim, a }: Instruction, bits: 4 | 8): Pass {
    return this.ofKeysOrValues(index, a, (tokens, attended) =>
      keysPass(attended, headDim, this.keyTileBlocks, bits, tokens),
    );
  }

  values(index: number, { w: headDim, a }: Instruction, bits: 4 | 8): Pass {
    return this.ofKeysOrValues(index, a, (tokens, attended) =>
      valuesPass(headDim, attended, tileBlocksFor(headDim, this.machine), bits, tokens),
    );
  }

  /** Passes over keys and values are the same in every layer of a token. Blocks of scores that are not wanted are skipped. */
  private ofKeysOrValues(
    index: number,
    heads: number,
    make: (tokens: number, attended: number) => Pass,
  ): Pass {
    const known = this.ofToken.get(index);
    if (known !== undefined) return known;
    const whole = make(this.registers.vectors * heads, lastOf(this.registers).position + 1);
    const pass = this.attended === 1 ? whole : { ...whole, kept: BLOCK * this.attended };
    this.ofToken.set(index, pass);
    return pass;
  }
}
