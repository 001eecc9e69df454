const CROWDS = 1024;

/** Requests under way in a channel: a slot each, freed when its column command goes out. */
export class RequestPool {
  readonly block: Int32Array;
  readonly bank: Int32Array;
  readonly row: Int32Array;
  /** 1 for a write. */
  readonly write: Uint8Array;
  /** First clock in which a command for it can go out. */
  readonly readyAt: Int32Array;
  /** Reads of the same place that one read command answers, and the sum of the clocks in which they came. */
  readonly readers: Int32Array;
  readonly arrivals: Float64Array;
  /** How many under way fall to a place's last bits: 0 says that none goes there, without a search. */
  private readonly crowd = new Int32Array(CROWDS);
  private readonly free: Int32Array;
  private freeCount: number;

  constructor(slots: number) {
    this.block = new Int32Array(slots);
    this.bank = new Int32Array(slots);
    this.row = new Int32Array(slots);
    this.write = new Uint8Array(slots);
    this.readyAt = new Int32Array(slots);
    this.readers = new Int32Array(slots);
    this.arrivals = new Float64Array(slots);
    this.free = Int32Array.from({ length: slots }, (_, slot) => slot);
    this.freeCount = slots;
  }

  /** Whether a request to a place may be under way. */
  mayHold(block: number): boolean {
    return this.crowd[block & (CROWDS - 1)] !== 0;
  }

  take(block: number, bank: number, row: number, write: boolean, clock: number): number {
    const slot = this.free[--this.freeCount]!;
    this.block[slot] = block;
    this.bank[slot] = bank;
    this.row[slot] = row;
    this.write[slot] = write ? 1 : 0;
    this.readers[slot] = 1;
    this.arrivals[slot] = clock;
    this.crowd[block & (CROWDS - 1)]!++;
    return slot;
  }

  release(slot: number): void {
    this.crowd[this.block[slot]! & (CROWDS - 1)]!--;
    this.free[this.freeCount++] = slot;
  }
}
