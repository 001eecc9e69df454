/** The queue before a unit, and when the unit is free. An instruction leaves it when the unit has read it. */
export class UnitQueue {
  /** From this cycle on the unit can begin another instruction. */
  free = 0;
  /** From this cycle on all that it began is done; streams of weights, keys and values do not count. */
  done = 0;
  private readonly depth: number;
  /** Cycles from which each instruction so far has left; NaN where it is not known yet. */
  private readonly left: number[] = [];

  constructor(depth: number) {
    this.depth = depth;
  }

  private get last(): number | undefined {
    return this.left[this.left.length - this.depth];
  }

  /** Whether there is room depends on a cycle that is not known yet. */
  get undecided(): boolean {
    return Number.isNaN(this.last);
  }

  /** First cycle in which the queue has room for one more. */
  get room(): number {
    return this.last ?? 0;
  }

  /** Instructions so far. */
  get count(): number {
    return this.left.length;
  }

  state(now: number): readonly number[] {
    return [this.free, this.done, ...this.left.slice(-this.depth)].map((cycle) => cycle - now);
  }

  shift(cycles: number): void {
    this.free += cycles;
    this.done += cycles;
    for (let i = Math.max(0, this.left.length - this.depth); i < this.left.length; i++)
      this.left[i]! += cycles;
  }

  leave(cycle: number): void {
    this.left.push(cycle);
  }

  /** Leaves the cycle open; the returned function tells it. */
  leaveLater(): (cycle: number) => void {
    const index = this.left.push(Number.NaN) - 1;
    return (cycle) => {
      this.left[index] = cycle;
    };
  }
}
