import type { Memory } from "../../src/compile/machine.ts";
import { UnitAccount } from "../accounting.ts";
import {
  type Access,
  Deadlock,
  type MemoryChannel,
  type StreamingLoad,
  type UnitTime,
} from "./memory-channel.ts";

/**
 * Timing of a memory's port and of the buffer behind it. Words are moved in order; a word needs a free place in the
 * buffer when it is asked for. Loads for the matrix unit are worked off only as far as somebody needs to know, which
 * is what lets one pass over the program time units that run at once: a word's time depends on earlier events alone.
 */
export class Channel implements MemoryChannel {
  readonly memory: Memory;
  readonly account: UnitAccount;
  /** First cycle in which the port can move another word, or the channel begin another instruction. */
  private portFree = 0;
  private readonly loads: StreamingLoad[] = [];
  /** Words of the load at the head of `loads` that have been moved. */
  private movedOfLoad = 0;
  private loadStart = 0;
  private begunLoads = 0;
  /** Words moved into the buffer and read out of it, and the places of the next ones. */
  private moved = 0;
  private read = 0;
  private movePlace = 0;
  private readPlace = 0;
  private lastRead = -1;
  /** For each place: the cycle in which its word stood in it, and the one in which it was free again. */
  private readonly arrivals: Float64Array;
  private readonly freed: Float64Array;
  /** Start of the port's next rest, and its end. */
  private restStart = 0;
  private restEnd = 0;

  constructor(memory: Memory) {
    this.memory = memory;
    this.account = new UnitAccount(memory.name);
    this.arrivals = new Float64Array(memory.bufferWords);
    this.freed = new Float64Array(memory.bufferWords);
  }

  reset(): void {
    this.portFree = 0;
    this.loads.length = 0;
    this.movedOfLoad = 0;
    this.moved = 0;
    this.read = 0;
    this.movePlace = 0;
    this.readPlace = 0;
    this.lastRead = -1;
    this.freed.fill(0);
    this.restEnd = this.memory.refresh?.intervalCycles ?? Number.POSITIVE_INFINITY;
    this.restStart = this.restEnd - (this.memory.refresh?.cycles ?? 0);
    this.account.reset();
  }

  stream(load: StreamingLoad): void {
    if (load.words > 0) this.loads.push(load);
  }

  drain(): number {
    while (this.loads.length > 0) this.moveWord();
    return this.portFree;
  }

  beginNext(): void {
    const before = this.begunLoads;
    while (this.begunLoads === before) this.moveWord();
  }

  /**
   * Reads `count` words out of the buffer, at most one a cycle.
   * @param earliest first cycle in which one can be read
   * @returns the cycle of the last read
   */
  readWords(count: number, earliest: number): number {
    const { arrivals, freed } = this;
    let cycle = Math.max(earliest - 1, this.lastRead);
    for (let i = 0; i < count; i++) {
      if (this.moved === this.read) this.moveWord();
      const arrival = arrivals[this.readPlace]!;
      cycle = arrival > cycle ? arrival : cycle + 1;
      // The port knows a cycle later.
      freed[this.readPlace] = cycle + 1;
      this.readPlace = this.readPlace + 1 === freed.length ? 0 : this.readPlace + 1;
      this.read++;
    }
    if (count > 0) this.lastRead = cycle;
    return cycle;
  }

  /** Words read from the buffer so far: the next matrix begins here. */
  get position(): number {
    return this.read;
  }

  access({ start, setupCycles, transfers, cyclesEach, tailCycles }: Access): UnitTime {
    let cycle = this.command(start, setupCycles);
    for (let i = 0; i < transfers; i++) cycle = this.afterRefresh(cycle) + cyclesEach;
    this.account.busy += transfers * cyclesEach;
    this.portFree = cycle + tailCycles;
    return { start, free: this.portFree, end: this.portFree };
  }

  /** The port is told an address; returns the first cycle in which a word can be moved. */
  private command(start: number, setupCycles: number): number {
    const { commandCycles } = this.memory;
    this.account.stall("address", setupCycles, start);
    this.account.stall("command", commandCycles, start + setupCycles);
    return start + setupCycles + commandCycles;
  }

  /** The port rests at the end of every refresh interval; calls come in the order of time. */
  private afterRefresh(cycle: number): number {
    if (cycle < this.restStart) return cycle;
    const { refresh } = this.memory;
    if (refresh === null) return cycle;
    while (cycle >= this.restEnd) {
      this.restEnd += refresh.intervalCycles;
      this.restStart = this.restEnd - refresh.cycles;
    }
    if (cycle < this.restStart) return cycle;
    this.account.stall("refresh", this.restEnd - cycle, cycle);
    return this.restEnd;
  }

  private moveWord(): void {
    const load = this.loads[0];
    if (load === undefined)
      throw new Deadlock(`channel ${this.memory.name}: a word is awaited that no instruction loads`);
    if (this.movedOfLoad === 0) {
      this.loadStart = load.begin(this.portFree);
      this.begunLoads++;
      this.portFree = this.command(this.loadStart, load.setupCycles);
    }
    if (this.moved - this.read === this.freed.length)
      throw new Deadlock(`channel ${this.memory.name}: its buffer is full and nothing before empties it`);
    const room = this.freed[this.movePlace]!;
    if (room > this.portFree) {
      this.account.stall("buffer full", room - this.portFree, this.portFree);
      this.portFree = room;
    }
    const end = this.afterRefresh(this.portFree) + this.memory.cyclesPerWord;
    this.account.busy += this.memory.cyclesPerWord;
    this.portFree = end;
    this.arrivals[this.movePlace] = end + this.memory.latencyCycles;
    this.movePlace = this.movePlace + 1 === this.freed.length ? 0 : this.movePlace + 1;
    this.moved++;
    this.movedOfLoad++;
    if (this.movedOfLoad === load.words) {
      this.portFree = end + 1;
      this.movedOfLoad = 0;
      this.loads.shift();
      load.ended?.(this.loadStart, end);
    }
  }
}
