import type { Memory } from "../../src/compile/machine.ts";
import { UnitAccount } from "../accounting.ts";
import {
  type Access,
  Deadlock,
  type MemoryChannel,
  type StreamingLoad,
  type UnitTime,
} from "./memory-channel.ts";

/** What stands in the buffer before the multipliers until its launch is over. */
interface Held {
  readonly weights: number;
  readonly freed: number;
}

/**
 * Timing of a memory that is read and written in bursts: several channels side by side, each access long enough that the rate which
 * streams get tells its time. Loads for the matrix unit are cut into launches, which wait for room in its buffer.
 */
export class BurstChannel implements MemoryChannel {
  readonly memory: Memory;
  readonly account: UnitAccount;
  private readonly readBytesPerCycle: number;
  private readonly writeBytesPerCycle: number;
  private readonly accessBytes: number;
  private portFree = 0;
  private readonly loads: StreamingLoad[] = [];
  /** Bytes of the load at the head of `loads` that are still to come, and its first cycle. */
  private bytesLeft = 0;
  private loadStart = 0;
  /** Bytes that were moved before a launch wanted them, and the end of the last of them. */
  private ahead = 0;
  private aheadArrival = 0;
  private held: Held[] = [];
  private heldWeights = 0;

  constructor(memory: Memory, burst: NonNullable<Memory["burst"]>) {
    this.memory = memory;
    this.account = new UnitAccount(memory.name);
    this.accessBytes = burst.accessBytes;
    this.readBytesPerCycle = burst.bytesPerCycle * burst.readEfficiency.value;
    this.writeBytesPerCycle = burst.bytesPerCycle * burst.writeEfficiency.value;
  }

  reset(): void {
    this.portFree = 0;
    this.loads.length = 0;
    this.bytesLeft = 0;
    this.ahead = 0;
    this.held = [];
    this.heldWeights = 0;
    this.account.reset();
  }

  state(now: number): readonly number[] {
    return [this.portFree - now, ...this.held.flatMap(({ weights, freed }) => [weights, freed - now])];
  }

  shift(cycles: number): void {
    this.portFree += cycles;
    this.held = this.held.map(({ weights, freed }) => ({ weights, freed: freed + cycles }));
  }

  stream(load: StreamingLoad): void {
    if (load.words > 0) this.loads.push(load);
  }

  drain(): number {
    if (this.loads.length > 0)
      throw new Deadlock(
        `channel ${this.memory.name}: a load stands before an access that its launch waits for`,
      );
    return this.portFree;
  }

  /** A load begins when the one before has been moved: ahead of the launch that wants both. */
  beginNext(): void {
    if (this.bytesLeft > 0) {
      const load = this.begun();
      this.ahead += this.bytesLeft;
      this.aheadArrival = this.move(this.portFree, Math.ceil(this.bytesLeft / this.readBytesPerCycle));
      this.bytesLeft = 0;
      this.finish(load, this.aheadArrival);
    }
    this.begun();
  }

  /** Bytes of all loads that wait for launches. */
  get queuedBytes(): number {
    return this.loads.reduce((sum, { words }) => sum + words * this.memory.wordBytes, this.ahead);
  }

  /**
   * Loads the next launch of a stream into the buffer.
   * @param bytes of the stream that belong to it
   * @param weights places that it takes in a buffer of `capacity`
   * @returns cycle from which all of it is there
   */
  fetch(bytes: number, weights: number, capacity: number): number {
    let room = 0;
    while (this.held.length > 0 && this.heldWeights + weights > capacity) {
      const oldest = this.held.shift()!;
      this.heldWeights -= oldest.weights;
      room = Math.max(room, oldest.freed);
    }
    let end = this.ahead > 0 ? this.aheadArrival : this.portFree;
    const there = Math.min(bytes, this.ahead);
    this.ahead -= there;
    for (let left = bytes - there; left > 0; ) {
      const load = this.begun();
      const piece = Math.min(left, this.bytesLeft);
      const start = Math.max(this.portFree, room);
      this.account.stall("buffer full", start - this.portFree, this.portFree);
      end = this.move(start, Math.ceil(piece / this.readBytesPerCycle));
      left -= piece;
      this.bytesLeft -= piece;
      if (this.bytesLeft === 0) this.finish(load, end);
    }
    return end + this.memory.latencyCycles;
  }

  /** The launch is over at `cycle`: its places are free. */
  release(weights: number, cycle: number): void {
    this.held.push({ weights, freed: cycle });
    this.heldWeights += weights;
  }

  /** The load at the head, begun. */
  private begun(): StreamingLoad {
    const load = this.loads[0];
    if (load === undefined)
      throw new Deadlock(`channel ${this.memory.name}: a launch is awaited that no instruction loads`);
    if (this.bytesLeft === 0) {
      this.loadStart = load.begin(this.portFree);
      this.portFree = this.command(this.loadStart, load.setupCycles);
      this.bytesLeft = load.words * this.memory.wordBytes;
    }
    return load;
  }

  private finish(load: StreamingLoad, end: number): void {
    this.portFree = end + 1;
    this.loads.shift();
    load.ended?.(this.loadStart, end);
  }

  /** Transfers follow one another; each moves at least as much as the memory does at a time. */
  access({ start, setupCycles, transfers, tailCycles, write, pieceBytes }: Access): UnitTime {
    const rate = write ? this.writeBytesPerCycle : this.readBytesPerCycle;
    const bytes = transfers * Math.max(pieceBytes, this.accessBytes);
    const begin = this.command(start, setupCycles);
    this.portFree = this.move(begin, Math.ceil(bytes / rate)) + tailCycles;
    return { start, free: this.portFree, end: this.portFree };
  }

  private command(start: number, setupCycles: number): number {
    const { commandCycles } = this.memory;
    this.account.stall("address", setupCycles, start);
    this.account.stall("command", commandCycles, start + setupCycles);
    return start + setupCycles + commandCycles;
  }

  private move(start: number, cycles: number): number {
    this.account.busy += cycles;
    this.portFree = start + cycles;
    return this.portFree;
  }
}
