/** Tokens on their way from one unit to another: the cycle from which each may be taken. */
export class TokenQueues {
  private readonly queues = new Map<number, number[]>();

  private queue(from: number, to: number): number[] {
    const key = from * 16 + to;
    const queue = this.queues.get(key) ?? [];
    this.queues.set(key, queue);
    return queue;
  }

  release(from: number, mask: number, cycle: number): void {
    for (let to = 0; mask >> to; to++) if ((mask >> to) & 1) this.queue(from, to).push(cycle);
  }

  /**
   * Takes a token of every unit in the mask.
   * @returns the cycle from which all are there, and the unit whose token came last
   */
  take(to: number, mask: number): { cycle: number; from: number } {
    let [cycle, latest] = [0, -1];
    for (let from = 0; mask >> from; from++) {
      if (((mask >> from) & 1) === 0) continue;
      const token = this.queue(from, to).shift();
      if (token === undefined)
        throw new RangeError(`unit ${to} waits for a token of unit ${from} that nothing before it releases`);
      if (token >= cycle) [cycle, latest] = [token, from];
    }
    return { cycle, from: latest };
  }

  /** Tokens that nobody took. */
  get left(): number {
    return [...this.queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  clear(): void {
    this.queues.clear();
  }
}
