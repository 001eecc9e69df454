import { INT4, UNIT } from "../src/compile/emit.ts";
import { FIRST_CHANNEL, INSTRUCTION_BYTES, type Instruction, MATRIX } from "../src/compile/instruction.ts";
import type { Machine } from "../src/compile/machine.ts";
import type { Program } from "../src/compile/program.ts";
import type { StreamPlan } from "../src/compile/stream-plan.ts";
import { ByteCounts, type BytesBySource } from "./byte-counts.ts";
import type { Registers } from "./chip.ts";
import { Passes } from "./passes.ts";
import type { TokenInput } from "./token-result.ts";
import { countMatrix, countMoved } from "./traffic.ts";
import { type LaunchUnit, launchesOf } from "./units/launch.ts";
import type { Pass } from "./units/pass.ts";

/** What a token moves and multiplies. */
export interface Counts {
  readonly bytes: BytesBySource;
  readonly multiplications: number;
}

/**
 * Counts what the simulator counts, without the time that it takes: enough of the cores that are never the last. For machines that
 * are started launch by launch.
 */
export class TokenCounts {
  private readonly program: Program;
  private readonly machine: Machine;
  private readonly launch: LaunchUnit;
  private readonly passes: Passes;
  private readonly plans: ReadonlyMap<number, StreamPlan>;
  /** All layers have the same streams, and a loop runs them. */
  private readonly alike: boolean;
  private readonly weightsOf = new WeakMap<Pass, number>();

  constructor(program: Program) {
    const { machine, layout } = program;
    const { launch } = machine.matrix;
    if (launch === undefined) throw new RangeError(`machine ${machine.name} is not started launch by launch`);
    this.program = program;
    this.machine = machine;
    this.launch = launch;
    this.passes = new Passes(machine, layout.keyValues.keyTileBlocks);
    const { layers } = program.plan;
    const streamed = program.instructions.findIndex(({ operation }) => operation === "LD.WEIGHTS");
    const loop = program.instructions.findIndex(({ operation }) => operation === "SYS.LOOP");
    this.alike = streamed > loop && layers.every((layer) => layer === layers[0]);
    this.plans = new Map(layout.streams.map((stream) => [stream.address, stream.plan]));
  }

  count({ token, position, vectors = 1, attended = 1, sampler }: TokenInput): Counts {
    const registers: Registers = { token, position, layer: 0, vectors };
    this.passes.beginToken(registers, attended);
    const all = new Tally();
    let tally = all;
    let [address, loopStart, left] = [0, 0, 0];
    const { instructions } = this.program;
    for (let pc = 0; pc < instructions.length; ) {
      const index = pc++;
      const instruction = instructions[index]!;
      const { operation, unit } = instruction;
      tally.instructions++;
      if (operation === "SYS.LOOP") {
        [loopStart, left, registers.layer] = [pc, instruction.w, instruction.x];
        tally = new Tally();
      } else if (operation === "SYS.NEXT") {
        // Layers that are alike are counted once.
        const times = this.alike ? left : 1;
        all.add(tally, times);
        registers.layer += times;
        left -= times;
        tally = left > 0 ? new Tally() : all;
        if (left > 0) pc = loopStart;
      } else if (operation === "SYS.END_UNLESS_SAMPLING") {
        if (sampler === null) break;
        if (this.machine.schedule?.prefillLogits !== "all") registers.vectors = 1;
      } else if (operation === "LD.WEIGHTS") {
        address = UNIT * (instruction.w + registers.layer * instruction.y);
      } else if (unit >= FIRST_CHANNEL) {
        countMoved(instruction, registers, this.machine.memories[unit - FIRST_CHANNEL]!, tally.bytes);
      } else if (unit === MATRIX) {
        const plan = operation.endsWith(".WEIGHTS") ? this.planAt(address) : undefined;
        if (plan !== undefined) address += countMatrix(plan, this.memoryOf(instruction), tally.bytes);
        tally.multiplications += this.multiplied(this.passOf(index, instruction, plan));
      }
    }
    all.bytes.program += all.instructions * INSTRUCTION_BYTES;
    return { bytes: all.bytes, multiplications: all.multiplications };
  }

  private planAt(address: number): StreamPlan {
    const plan = this.plans.get(address);
    if (plan === undefined) throw new RangeError(`no matrix begins at ${address}`);
    return plan;
  }

  private memoryOf({ d }: Instruction) {
    return this.machine.memories[(d & ~INT4) - FIRST_CHANNEL]!;
  }

  private passOf(index: number, instruction: Instruction, plan: StreamPlan | undefined): Pass {
    if (plan !== undefined) return this.passes.weights(plan, instruction);
    const bits = (instruction.d & INT4) !== 0 ? 4 : 8;
    return instruction.operation.endsWith(".KEYS")
      ? this.passes.keys(index, instruction, bits)
      : this.passes.values(index, instruction, bits);
  }

  private multiplied(pass: Pass): number {
    const known =
      this.weightsOf.get(pass) ??
      launchesOf(pass, this.machine, this.launch).reduce((sum, { weights }) => sum + weights, 0);
    this.weightsOf.set(pass, known);
    return known;
  }
}

/** What was counted so far. */
class Tally {
  readonly bytes = new ByteCounts();
  multiplications = 0;
  instructions = 0;

  add(other: Tally, times: number): void {
    this.bytes.countMore(other.bytes.counts.map((count) => times * count));
    this.multiplications += times * other.multiplications;
    this.instructions += times * other.instructions;
  }
}

/** Several cores together. */
export function sumOf(counts: readonly Counts[]): Counts {
  const bytes = new ByteCounts();
  for (const one of counts) bytes.countMore(ByteCounts.of(one.bytes));
  return { bytes, multiplications: counts.reduce((sum, one) => sum + one.multiplications, 0) };
}
