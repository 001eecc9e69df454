import type { BankQueue } from "./bank-queue.ts";
import type { DramController } from "./config.ts";
import type { RequestPool } from "./request-pool.ts";
import { SlotList } from "./slot-list.ts";

/** With more writes than this, idle banks begin to take them. */
const WRITES_WORTH_DRAINING = 8;

/**
 * Requests that a channel has accepted and that wait for a place in their bank's queue; one moves on in a clock. Writes
 * are kept back until their queue is full, or the banks are idle, and then go all together: each turn of the data bus costs.
 */
export class RequestQueues {
  private readonly reads: SlotList;
  private readonly writes: SlotList;
  private readonly banks: readonly BankQueue[];
  private readonly pool: RequestPool;
  /** Writes that still go before the next read. */
  private draining = 0;
  /** Nothing can move until a request comes or a bank has room again. */
  private stuck = true;

  constructor({ requestQueue, unified }: DramController, pool: RequestPool, banks: readonly BankQueue[]) {
    this.reads = new SlotList(requestQueue);
    this.writes = unified ? this.reads : new SlotList(requestQueue);
    this.pool = pool;
    this.banks = banks;
  }

  accepts(write: boolean): boolean {
    return !(write ? this.writes : this.reads).full;
  }

  add(slot: number): void {
    (this.pool.write[slot] === 1 ? this.writes : this.reads).push(slot);
    this.stuck = false;
  }

  /** A bank's queue has one request less. */
  bankHasRoom(): void {
    this.stuck = false;
  }

  /** The slot of a waiting read, or write, to a place, in a bank's queue or before it; -1 where there is none. */
  find(bank: number, block: number, write: 0 | 1): number {
    if (!this.pool.mayHold(block)) return -1;
    const { slots, length } = write === 1 ? this.writes : this.reads;
    const { pool } = this;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (pool.block[slot] === block && pool.write[slot] === write) return slot;
    }
    return this.banks[bank]!.find(block, write);
  }

  /** Moves the oldest request whose bank has room; returns its slot, or -1. */
  next(banksIdle: boolean): number {
    if (this.stuck) return -1;
    const { reads, writes } = this;
    const apart = reads !== writes;
    if (apart && this.draining === 0) {
      if (writes.full || (banksIdle && writes.length > WRITES_WORTH_DRAINING)) this.draining = writes.length;
    }
    if (this.draining > 0) {
      const place = this.oldestWithRoom(writes);
      if (place < 0 || !this.readComesFirst(writes.slots[place]!)) {
        if (place >= 0) this.draining--;
        return this.take(writes, place);
      }
      this.draining = 0;
    }
    return this.take(reads, this.oldestWithRoom(reads));
  }

  /** Whether a read still waits for what a write would overwrite, perhaps even among the reads here. */
  private readComesFirst(write: number): boolean {
    return this.find(this.pool.bank[write]!, this.pool.block[write]!, 0) >= 0;
  }

  /** The place of the oldest request whose bank has room; -1 where none has. */
  private oldestWithRoom({ slots, length }: SlotList): number {
    for (let place = 0; place < length; place++) {
      if (!this.banks[this.pool.bank[slots[place]!]!]!.full) return place;
    }
    return -1;
  }

  private take(queue: SlotList, place: number): number {
    if (place < 0) {
      this.stuck = true;
      return -1;
    }
    const slot = queue.slots[place]!;
    queue.removeAt(place);
    return slot;
  }
}
