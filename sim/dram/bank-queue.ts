import { CLOSED } from "./bank-times.ts";
import type { RequestPool } from "./request-pool.ts";
import { SlotList } from "./slot-list.ts";

/** After so many column commands a waiting row may close the open one, even if more hits wait. */
const ROW_HITS_BEFORE_OTHERS = 4;

/** What a bank could do next, time allowing; a set of these, where more than one can hold. */
export const WANTS_NOTHING = 0;
export const WANTS_READ = 1;
export const WANTS_WRITE = 2;
export const WANTS_CLOSE = 4;
export const WANTS_OPEN = 8;

/** What waits for one bank, and which of it could go next, by the open row: first ready, first come. */
export class BankQueue {
  /** The oldest read, and the oldest write, to the open row; -1 where there is none. */
  readHit = -1;
  writeHit = -1;
  private readonly waiting: SlotList;
  private readonly pool: RequestPool;

  constructor(pool: RequestPool, places: number) {
    this.pool = pool;
    this.waiting = new SlotList(places);
  }

  get full(): boolean {
    return this.waiting.full;
  }

  /** The slot at a place, oldest first. */
  at(place: number): number {
    return this.waiting.slots[place]!;
  }

  add(slot: number): void {
    this.waiting.push(slot);
  }

  take(place: number): number {
    const slot = this.waiting.slots[place]!;
    this.waiting.removeAt(place);
    return slot;
  }

  /** The slot of a waiting read, or write, to a place; -1 where there is none. */
  find(block: number, write: 0 | 1): number {
    const { waiting, pool } = this;
    for (let i = 0; i < waiting.length; i++) {
      const slot = waiting.slots[i]!;
      if (pool.block[slot] === block && pool.write[slot] === write) return slot;
    }
    return -1;
  }

  /** Looks again at what could go, after the queue or the open row has changed; returns a set of wants. */
  look(openRow: number, columnsSinceOpen: number): number {
    const { waiting, pool } = this;
    this.readHit = -1;
    this.writeHit = -1;
    if (waiting.length === 0) return WANTS_NOTHING;
    if (openRow === CLOSED) return WANTS_OPEN;
    let hits = false;
    for (let i = 0; i < waiting.length; i++) {
      const slot = waiting.slots[i]!;
      if (pool.row[slot] !== openRow) continue;
      hits = true;
      if (pool.write[slot] === 0) {
        if (this.readHit < 0) this.readHit = i;
      } else if (this.writeHit < 0 && !this.readBefore(i)) this.writeHit = i;
    }
    const oldestHits = pool.row[waiting.slots[0]!] === openRow;
    const mayClose = !oldestHits && (!hits || columnsSinceOpen >= ROW_HITS_BEFORE_OTHERS);
    return (
      (this.readHit < 0 ? 0 : WANTS_READ) |
      (this.writeHit < 0 ? 0 : WANTS_WRITE) |
      (mayClose ? WANTS_CLOSE : 0)
    );
  }

  /** Whether an older read wants what a write would overwrite. */
  private readBefore(place: number): boolean {
    const { waiting, pool } = this;
    const block = pool.block[waiting.slots[place]!];
    for (let i = 0; i < place; i++) {
      const slot = waiting.slots[i]!;
      if (pool.write[slot] === 0 && pool.block[slot] === block) return true;
    }
    return false;
  }
}
