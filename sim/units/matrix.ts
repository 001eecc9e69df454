import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { alignmentOf, type Machine } from "../../src/compile/machine.ts";
import { UnitAccount } from "../accounting.ts";
import { BurstChannel } from "./burst-channel.ts";
import { Channel } from "./channel.ts";
import { type Launch, type LaunchUnit, launchesOf } from "./launch.ts";
import type { MemoryChannel } from "./memory-channel.ts";
import type { Pass } from "./pass.ts";
import { scheduleTile, type TileSchedule } from "./tile-schedule.ts";

/** Cycles from which each of a pass' parts is over. */
export interface PassTime {
  /** The next instruction's first weight may be multiplied. */
  readonly issued: number;
  /** The last word is written, and the write port was left to others for a cycle. */
  readonly done: number;
}

/**
 * Timing of the matrix unit: sparse chains that take packets of kept weights from a channel's buffer, add up rows in
 * blocks of 16, and write finished words to the vector memory while the next tile is under way.
 */
export class MatrixUnit {
  readonly account = new UnitAccount("matrix");
  private readonly machine: Machine;
  /** Cycle from which each of the two sets of row sums has been written out. */
  private readonly written: [number, number] = [0, 0];
  private writerFree = 0;
  private readonly schedules = new WeakMap<Pass, Map<number, TileSchedule>>();
  private readonly launches = new WeakMap<Pass, readonly Launch[]>();
  private tile = 0;
  /** Weights multiplied, including those that only fill up a pattern or a block. */
  multiplied = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  reset(): void {
    this.written.fill(0);
    this.writerFree = 0;
    this.tile = 0;
    this.multiplied = 0;
    this.account.reset();
  }

  /** Of launches alone: packets have more to their state. */
  state(now: number): readonly number[] {
    return [this.writerFree - now];
  }

  shift(cycles: number): void {
    this.writerFree += cycles;
  }

  /**
   * Runs a pass from cycle `start` on.
   * @param bytes of its stream, where more than that is loaded at once
   */
  run(pass: Pass, channel: MemoryChannel, start: number, bytes?: number): PassTime {
    const { launch } = this.machine.matrix;
    if (channel instanceof BurstChannel && launch !== undefined)
      return this.runLaunches(pass, channel, launch, start, bytes ?? channel.queuedBytes);
    if (channel instanceof Channel) return this.runPackets(pass, channel, start);
    throw new RangeError(`the matrix unit takes no stream from ${channel.memory.name}`);
  }

  /** Launch after launch: each begins when all its weights are in the buffer and the one before is over. */
  private runLaunches(
    pass: Pass,
    channel: BurstChannel,
    launch: LaunchUnit,
    start: number,
    bytes: number,
  ): PassTime {
    const known = this.launches.get(pass) ?? launchesOf(pass, this.machine, launch);
    this.launches.set(pass, known);
    const capacity =
      pass.tokens === 1
        ? launch.bufferWeights
        : Math.max(launch.bufferWeights, launch.together.bufferWeights);
    let cycle = start;
    let fetched = 0;
    for (const { rows, reached, places, cycles, weights } of known) {
      const until = Math.round(bytes * reached);
      const ready = channel.fetch(until - fetched, places, capacity);
      fetched = until;
      if (ready > cycle) {
        this.account.stall(pass.starvedBy, ready - cycle, cycle);
        cycle = ready;
      }
      cycle += cycles;
      this.account.busy += cycles;
      this.multiplied += weights;
      channel.release(places, cycle);
      const written = Math.ceil((rows * pass.tokens) / launch.wordsPerCycle);
      this.writerFree = Math.max(this.writerFree, cycle + this.machine.matrix.latencyCycles) + written;
    }
    return { issued: cycle, done: this.writerFree };
  }

  private runPackets(pass: Pass, channel: Channel, start: number): PassTime {
    const stream = new StreamReader(channel, this.account, pass.starvedBy, start);
    let cycle = start;
    // What the header says counts from the cycle after.
    if (pass.headerBytes > 0) cycle = stream.take(pass.headerBytes, cycle) + 1;
    let block = 0;
    for (let row = 0; row < pass.rows; row += pass.tileBlocks * BLOCK) {
      const left = Math.ceil((pass.rows - row) / BLOCK);
      const blocks = pass.wholeTiles ? pass.tileBlocks : Math.min(pass.tileBlocks, left);
      const schedule = this.scheduleOf(pass, blocks, block);
      block += blocks * Math.ceil(pass.cols / BLOCK);
      cycle = this.runTile(schedule, stream, this.roomForRows(cycle));
      if (pass.alignedTiles || pass.wholeTiles) stream.align(cycle);
      this.write(Math.min(pass.rows - row, blocks * BLOCK), pass.tokens, cycle);
    }
    stream.align(cycle);
    this.account.count(pass.starvedBy, stream.starvedCycles);
    return { issued: cycle, done: this.writerFree };
  }

  /** Where all blocks keep equally many weights, tiles of one size are alike. */
  private scheduleOf(pass: Pass, blocks: number, firstBlock: number): TileSchedule {
    if (typeof pass.kept !== "number") return scheduleTile(pass, blocks, firstBlock, this.machine);
    const known = this.schedules.get(pass) ?? new Map<number, TileSchedule>();
    this.schedules.set(pass, known);
    const schedule = known.get(blocks) ?? scheduleTile(pass, blocks, firstBlock, this.machine);
    known.set(blocks, schedule);
    return schedule;
  }

  /** Waits until one of the two sets of row sums has been written out. */
  private roomForRows(cycle: number): number {
    const free = this.written[this.tile & 1]!;
    this.account.stall("writing words", free - cycle, cycle);
    return Math.max(cycle, free);
  }

  private runTile({ bytes, cycles, weights }: TileSchedule, stream: StreamReader, start: number): number {
    let cycle = start;
    let busy = 0;
    for (let i = 0; i < bytes.length; i++) {
      cycle = stream.take(bytes[i]!, cycle) + cycles[i]!;
      busy += cycles[i]!;
    }
    this.multiplied += weights;
    this.account.busy += busy;
    return cycle;
  }

  /**
   * Writes a tile's words, vector after vector, as many together as the vector memory has lanes: in every second cycle,
   * as its port is shared with the vector unit.
   */
  private write(rows: number, tokens: number, cycle: number): void {
    const ready = cycle + this.machine.matrix.latencyCycles;
    const writes = tokens * Math.ceil(rows / this.machine.vector.lanes);
    this.writerFree = Math.max(this.writerFree, ready) + 2 * writes;
    this.written[this.tile & 1] = this.writerFree;
    this.tile++;
  }
}

/**
 * Reads a matrix' bytes from a channel's buffer into the register that the dequantizer unpacks: a word a cycle, the
 * next packets' words while the last packets are multiplied. A matrix begins with a new word.
 */
class StreamReader {
  /** Cycles in which the multipliers waited for words. */
  starvedCycles = 0;
  private readonly channel: Channel;
  private readonly account: UnitAccount;
  private readonly cause: string;
  private readonly wordBytes: number;
  private readonly firstWord: number;
  private bytes = 0;
  private lastRead = -1;
  /** Cycle from which the register has room for the next packets. */
  private registerFree: number;

  constructor(channel: Channel, account: UnitAccount, cause: string, start: number) {
    this.registerFree = start;
    this.channel = channel;
    this.account = account;
    this.cause = cause;
    this.wordBytes = channel.memory.wordBytes;
    this.firstWord = channel.position;
  }

  /** Takes `count` bytes as soon as they are there; returns the cycle in which they are. */
  take(count: number, cycle: number): number {
    if (count === 0) return cycle;
    this.bytes += count;
    const ready = this.readUntil(Math.ceil(this.bytes / this.wordBytes));
    const at = ready > cycle ? ready : cycle;
    if (at > cycle) {
      this.starvedCycles += at - cycle;
      if (this.account.spans !== null) this.account.drawPause("stall", this.cause, at - cycle, cycle);
    }
    this.registerFree = at + 1;
    return at;
  }

  /** Drops what fills up the stretch: everything in memory begins at a multiple of the alignment. */
  align(cycle: number): void {
    const { memory } = this.channel;
    const alignment = alignmentOf(memory);
    this.bytes = Math.ceil(this.bytes / alignment) * alignment;
    this.registerFree = Math.max(this.registerFree, cycle);
    this.readUntil(this.bytes / memory.wordBytes);
  }

  /** Reads the matrix' words up to (not including) `end`; returns the cycle of the last read. */
  private readUntil(end: number): number {
    const { channel } = this;
    const count = this.firstWord + end - channel.position;
    if (count > 0) this.lastRead = channel.readWords(count, Math.max(this.lastRead + 1, this.registerFree));
    return this.lastRead;
  }
}
