/** Something with cycles in its state. */
export interface Timed {
  /** Cycles on which what comes next depends, from `now` on; two states that are equal go on alike. */
  state(now: number): readonly number[];
  /** All these cycles are later by so many. */
  shift(cycles: number): void;
}

interface Snapshot {
  readonly layer: number;
  readonly cycle: number;
  readonly state: string;
  readonly counts: readonly number[];
}

/**
 * Skips layers that are copies of those before: where the machine's state after a layer is, but for the time, that after an earlier
 * one, all that follows repeats itself, and cycles and counters can be added up instead of walked through. The result is that of the
 * plain walk to the last cycle and byte.
 */
export class Repetition {
  private readonly snapshots: Snapshot[] = [];

  /**
   * Looks at the state before `layer`, of which `left` are to come, the present one included.
   * @param timed all that has a state and is used in layers
   * @param phase what else tells cycles apart: the turn at the program memory
   * @param counts what was counted so far, always in the same order; later places may come to it
   * @returns layers that were skipped, the cycles that they take, and what they would have counted
   */
  skip(
    layer: number,
    left: number,
    cycle: number,
    phase: number,
    timed: readonly Timed[],
    counts: readonly number[],
  ): Skipped {
    const state = [phase, ...timed.map((one) => one.state(cycle).join())].join("|");
    const earlier = this.snapshots.find((one) => one.state === state && alike(one.layer, layer - 1));
    if (earlier === undefined) {
      this.snapshots.push({ layer, cycle, state, counts });
      return NOTHING;
    }
    this.snapshots.length = 0;
    const period = layer - earlier.layer;
    const times = Math.floor(Math.min(left, endOfAlike(layer - 1) - layer) / period);
    const cycles = times * (cycle - earlier.cycle);
    for (const one of timed) one.shift(cycles);
    return {
      layers: times * period,
      cycles,
      counts: counts.map((count, place) => times * (count - (earlier.counts[place] ?? 0))),
    };
  }
}

export interface Skipped {
  readonly layers: number;
  readonly cycles: number;
  readonly counts: readonly number[];
}

const NOTHING: Skipped = { layers: 0, cycles: 0, counts: [] };

const bits = (layer: number): number => 32 - Math.clz32(layer);

/** Whether channels take equally long to compute these layers' addresses: a cycle for each bit of the number. */
const alike = (some: number, other: number): boolean => bits(some) === bits(other);

/** The first layer behind `layer` that is not alike. */
const endOfAlike = (layer: number): number => 2 ** bits(layer);
