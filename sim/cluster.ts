import { padded } from "../src/compile/buffers.ts";
import type { Instruction } from "../src/compile/instruction.ts";
import type { Program } from "../src/compile/program.ts";
import type { Chip } from "./chip.ts";
import type { MemoryImage } from "./effects/memory-image.ts";
import { type Meeting, Simulator } from "./simulator.ts";
import { sumOf } from "./token-counts.ts";
import type { TokenInput, TokenResult, Watch } from "./token-result.ts";

/**
 * Several cores, each with the program, the memories and the chip of its share. They run by themselves up to where they meet: an
 * exchange begins when the last of them is there, and gives every core the others' parts.
 */
export class Cluster {
  private readonly cores: readonly Simulator[];

  /** @param images memories of each core; null: time alone */
  constructor(programs: readonly Program[], images: readonly (readonly MemoryImage[])[] | null) {
    this.cores = programs.map((program, core) => new Simulator(program, images?.[core] ?? null));
  }

  get chips(): readonly Chip[] {
    return this.cores.flatMap(({ chip }) => (chip === null ? [] : [chip]));
  }

  /**
   * Takes one token in.
   * @param watchOf what to watch of each core
   * @returns units of the first core, which has the largest share; cycles until all are done; bytes and products of all
   */
  run(input: TokenInput, watchOf: (core: number) => Watch = () => ({})): TokenResult {
    // The token is drawn once; the other cores hear of it.
    const heard = input.sampler === null ? null : () => 0;
    const walks = this.cores.map((core, index) =>
      core.steps(index === 0 ? input : { ...input, sampler: heard }, watchOf(index)),
    );
    for (let cycle = 0; ; ) {
      const steps = walks.map((walk) => walk.next(cycle));
      const meetings = steps.flatMap((step) => (step.done === true ? [] : [step.value]));
      if (meetings.length === 0)
        return together(steps.flatMap((step) => (step.done === true ? [step.value] : [])));
      if (meetings.length < steps.length) throw new RangeError("a core waits for others that have ended");
      cycle = Math.max(...meetings.map((meeting) => meeting.cycle));
      this.exchange(meetings);
    }
  }

  private exchange(meetings: readonly Meeting[]): void {
    if (meetings[0]!.instruction.operation !== "MISC.EXCHANGE") return;
    const chips = this.chips;
    if (chips.length === 0) return;
    for (const [giver, { instruction }] of meetings.entries()) {
      for (const [taker, chip] of chips.entries())
        if (taker !== giver) give(instruction, chips[giver]!, chip);
    }
    const { a, b, d } = meetings[0]!.instruction;
    if (a > 0 || d === 1) return;
    const peak = Math.max(...chips.map(({ descriptors }) => descriptors[b]!.peak));
    for (const { descriptors } of chips) descriptors[b]!.peak = peak;
  }
}

/** One core's part goes to another: descriptors, codes or words. */
function give({ w, x, y, z, a, b, c, d }: Instruction, from: Chip, to: Chip): void {
  if (a > 0) {
    for (let i = b + c; i < b + c + a; i++) Object.assign(to.descriptors[i]!, from.descriptors[i]!);
  } else if (d === 1) {
    to.codes.set(from.codes.subarray(x + y, x + y + z), x + y);
    to.codes.fill(0, x + w, x + padded(w));
  } else if (w > 0) {
    to.words.set(from.words.subarray(x + y, x + y + z), x + y);
  }
}

/** The result of the first core when the last one is done, with what all have moved and multiplied. */
function together(results: readonly TokenResult[]): TokenResult {
  return {
    ...results[0]!,
    ...sumOf(results),
    cycles: Math.max(...results.map(({ cycles }) => cycles)),
  };
}
