import { type Instruction, SEQUENCER } from "../../../src/compile/instruction.ts";
import { bitsFor } from "../bits.ts";

/** Instructions of a unit that have been handed over and not started, besides those in its queue: the one it has read. */
const READ_AHEAD = 1;

/**
 * Bits that counts of tokens need for a program. Of what is handed over, each unit has started all but the last `queueDepth` and
 * the one it has read; so many tokens have been taken, and no more than were handed over can have been released.
 */
export function tokenBitsFor(instructions: readonly Instruction[], queueDepth: number): number {
  let most = 1;
  let handed: Instruction[] = [];
  for (const instruction of instructions) {
    // Between two barriers every token is taken.
    if (instruction.unit === SEQUENCER) {
      handed = [];
      continue;
    }
    handed.push(instruction);
    for (const to of unitsIn(instruction.release))
      most = Math.max(
        most,
        released(handed, instruction.unit, to) - taken(handed, instruction.unit, to, queueDepth),
      );
  }
  return bitsFor(most);
}

/** For each of so many units, the units that it ever gives tokens to, as a mask like the instructions'. */
export const releasesOf = (instructions: readonly Instruction[], units: number): readonly number[] =>
  Array.from({ length: units }, (_, i) =>
    instructions.filter(({ unit }) => unit === i + 1).reduce((mask, { release }) => mask | release, 0),
  );

const unitsIn = (mask: number): number[] => [1, 2, 3, 4, 5, 6].filter((unit) => (mask >> unit) & 1);

const released = (handed: readonly Instruction[], from: number, to: number): number =>
  handed.filter(({ unit, release }) => unit === from && (release >> to) & 1).length;

function taken(handed: readonly Instruction[], from: number, to: number, queueDepth: number): number {
  const own = handed.filter(({ unit }) => unit === to);
  return own
    .slice(0, Math.max(0, own.length - queueDepth - READ_AHEAD))
    .filter(({ wait }) => (wait >> from) & 1).length;
}
