import { describe, expect, it } from "vitest";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { Channel } from "../../sim/units/channel.ts";
import { MatrixUnit } from "../../sim/units/matrix.ts";
import { type Pass, weightsPass } from "../../sim/units/pass.ts";
import { scheduleTile } from "../../sim/units/tile-schedule.ts";
import { alignmentOf, type Machine, type Memory } from "../../src/compile/machine.ts";
import { planFor } from "../../src/compile/stream-plan.ts";
import { randomMachine } from "../support/random-machine.ts";
import { FORMATS } from "../support/random-model.ts";

/**
 * The same channel, buffer, register and multipliers as in `docs/timing.md`, stepped cycle by cycle with no cleverness
 * at all: what the event-driven simulator has to equal.
 */
function stepped(
  memory: Memory,
  machine: Machine,
  pass: Pass,
  words: number,
): { issued: number; portBusy: number } {
  const groups = groupsOf(machine, pass);
  const arrivals: number[] = [];
  let moved = 0;
  let read = 0;
  let portFree = memory.commandCycles;
  let portBusy = 0;
  let lastRead = -1;
  let registerFree = 0;
  let multiplierFree = 0;
  let group = 0;
  let bytes = groups[0]!.bytes;
  /** Finished tiles wait for their words to be written; two sets of row sums. */
  const written = [0, 0];
  let writerFree = 0;
  let tile = 0;
  for (let cycle = 0; cycle < 1e6; cycle++) {
    // The port moves a word, unless it rests; it sees what was read up to the cycle before.
    const rest =
      memory.refresh === null
        ? false
        : cycle % memory.refresh.intervalCycles >= memory.refresh.intervalCycles - memory.refresh.cycles;
    if (moved < words && cycle >= portFree && !rest && moved - read < memory.bufferWords) {
      portFree = cycle + memory.cyclesPerWord;
      portBusy += memory.cyclesPerWord;
      arrivals.push(portFree + memory.latencyCycles);
      moved++;
    }
    // A word leaves the buffer for the register.
    const needed = Math.ceil(bytes / memory.wordBytes);
    if (
      group < groups.length &&
      read < needed &&
      read < moved &&
      arrivals[read]! <= cycle &&
      cycle >= registerFree &&
      cycle > lastRead
    ) {
      read++;
      lastRead = cycle;
    }
    // The next packets are multiplied.
    while (
      group < groups.length &&
      read >= Math.ceil(bytes / memory.wordBytes) &&
      cycle >= multiplierFree &&
      cycle >= groups[group]!.notBefore(written)
    ) {
      const { cycles, ends } = groups[group]!;
      multiplierFree = cycle + cycles;
      registerFree = cycle + 1;
      if (ends > 0) {
        writerFree =
          Math.max(writerFree, multiplierFree + machine.matrix.latencyCycles) +
          2 * Math.ceil(ends / machine.vector.lanes);
        written[tile++ & 1] = writerFree;
      }
      group++;
      if (group === groups.length) return { issued: multiplierFree, portBusy };
      bytes += groups[group]!.bytes;
      if (cycles > 0) break;
    }
  }
  throw new Error("the stepped model does not end");
}

interface Group {
  readonly bytes: number;
  readonly cycles: number;
  /** Rows that end with this group. */
  readonly ends: number;
  readonly notBefore: (written: readonly number[]) => number;
}

function groupsOf(machine: Machine, pass: Pass): Group[] {
  const groups: Group[] = [{ bytes: pass.headerBytes, cycles: 1, ends: 0, notBefore: () => 0 }];
  let block = 0;
  for (let row = 0, tile = 0; row < pass.rows; row += 16 * pass.tileBlocks, tile++) {
    const blocks = Math.min(pass.tileBlocks, Math.ceil((pass.rows - row) / 16));
    const { bytes, cycles } = scheduleTile(pass, blocks, block, machine);
    block += blocks * Math.ceil(pass.cols / 16);
    bytes.forEach((count, i) => {
      const last = i === bytes.length - 1;
      groups.push({
        bytes: count,
        cycles: cycles[i]!,
        ends: last ? Math.min(pass.rows - row, 16 * blocks) : 0,
        notBefore: (written) => (i === 0 ? written[tile & 1]! : 0),
      });
    });
  }
  return groups;
}

const DEEP = process.env.ACCEL_DEEP === "1";

describe("the matrix unit and its channel", () => {
  it("take the cycles that a model stepped cycle by cycle takes, for any memory, machine and format", () => {
    for (let seed = 0; seed < (DEEP ? 5000 : 150); seed++) {
      const random = new Random(seed);
      const machine = randomMachine(random);
      const memory = random.pick(machine.memories);
      const format = FORMATS[seed % FORMATS.length]!;
      const plan = planFor(1 + random.below(80), 1 + random.below(120), format);
      const pass = weightsPass(plan, Math.min(machine.matrix.tileBlocks, Math.ceil(plan.rows / 16)), 1);
      const alignment = alignmentOf(memory);
      const words = (Math.ceil(plan.bytes.total / alignment) * alignment) / memory.wordBytes;
      const channel = new Channel(memory);
      channel.reset();
      channel.stream({ words, setupCycles: 0, begin: () => 0, ended: () => {} });
      const { issued } = new MatrixUnit(machine).run(pass, channel, 0);
      const reference = stepped(memory, machine, pass, words);
      expect(issued, `seed ${seed}`).toBe(reference.issued);
    }
  });
});
