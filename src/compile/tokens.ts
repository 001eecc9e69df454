import { type Instruction, SEQUENCER } from "./instruction.ts";

/** A stretch of a place on the chip that an instruction reads or writes. */
export interface Access {
  readonly space: "words" | "codes" | "exponents" | "descriptors" | "angles";
  readonly from: number;
  /** One behind the last. */
  readonly to: number;
}

/** An instruction before its tokens are known, with everything that it touches. */
export interface Step {
  readonly instruction: Omit<Instruction, "wait" | "release">;
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
  /** The operator it is a part of, for listings, traces and error messages. */
  readonly operator: string;
}

/** Whether two instructions of different units must run one after the other. */
function conflict(earlier: Step, later: Step): boolean {
  return (
    overlap(earlier.writes, later.reads) ||
    overlap(earlier.reads, later.writes) ||
    overlap(earlier.writes, later.writes)
  );
}

function overlap(some: readonly Access[], others: readonly Access[]): boolean {
  return some.some((a) => others.some((b) => a.space === b.space && a.from < b.to && b.from < a.to));
}

/**
 * Puts wait and release bits on the steps between two barriers, so that no two instructions of different units that
 * touch the same place overlap. Units run in order, so of all that an instruction must wait for, one token of each
 * unit is enough: the latest; and none where an earlier instruction of its own unit has waited for that one already.
 */
export function insertTokens(steps: readonly Step[]): Instruction[] {
  const wait = steps.map(() => 0);
  const release = steps.map(() => 0);
  /** awaited[unit][other]: the latest step of `other` that `unit` has waited for. */
  const awaited = new Map<number, Map<number, number>>();
  for (const [index, step] of steps.entries()) {
    const { unit } = step.instruction;
    if (unit === SEQUENCER) continue;
    const seen = awaited.get(unit) ?? new Map<number, number>();
    awaited.set(unit, seen);
    for (const [other, latest] of latestConflicts(steps, index)) {
      if (latest <= (seen.get(other) ?? -1)) continue;
      seen.set(other, latest);
      wait[index]! |= 1 << other;
      release[latest]! |= 1 << unit;
    }
  }
  return steps.map((step, index) => ({ ...step.instruction, wait: wait[index]!, release: release[index]! }));
}

/** For every other unit, its latest step before `index` that conflicts with it. */
function latestConflicts(steps: readonly Step[], index: number): Map<number, number> {
  const step = steps[index]!;
  const latest = new Map<number, number>();
  for (let i = index - 1; i >= 0; i--) {
    const { unit } = steps[i]!.instruction;
    if (unit === SEQUENCER || unit === step.instruction.unit || latest.has(unit)) continue;
    if (conflict(steps[i]!, step)) latest.set(unit, i);
  }
  return latest;
}
