/** The queue before a unit, and when the unit is free. */
export class UnitQueue {
  /** From this cycle on the unit can begin another instruction. */
  free = 0;
  /** From this cycle on all that it began is done; streams of weights, keys and values do not count. */
  done = 0;
  private readonly depth: number;
  /** Starts of all instructions so far; NaN where it is not known yet. */
  private readonly starts: number[] = [];

  constructor(depth: number) {
    this.depth = depth;
  }

  private get last(): number | undefined {
    return this.starts[this.starts.length - this.depth];
  }

  /** Whether there is room depends on a start that is not known yet. */
  get undecided(): boolean {
    return Number.isNaN(this.last);
  }

  /** First cycle in which the queue has room for one more. */
  get room(): number {
    return this.last === undefined ? 0 : this.last + 1;
  }

  begin(start: number): void {
    this.starts.push(start);
  }

  /** Leaves a start open; the returned function tells it. */
  beginLater(): (start: number) => void {
    const index = this.starts.push(Number.NaN) - 1;
    return (start) => {
      this.starts[index] = start;
    };
  }
}
