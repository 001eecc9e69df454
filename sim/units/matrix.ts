import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { PACKET } from "../../models/formats/packet.ts";
import { HEADER_BYTES } from "../../models/formats/stream.ts";
import { type Machine, alignmentOf } from "../../src/compile/machine.ts";
import type { StreamPlan } from "../../src/compile/stream-plan.ts";
import { UnitAccount } from "../accounting.ts";
import { blockCycles, packetCycles, packetsTogether } from "../formats/block-time.ts";
import type { Channel } from "./channel.ts";

/** A pass over a matrix: what the timing of MV and MM depends on. */
export interface Pass {
  readonly rows: number;
  readonly cols: number;
  readonly tileBlocks: number;
  readonly bits: number;
  readonly indexBits: number;
  /** Columns that share a scale byte; null for keys and values, which have none in their stream. */
  readonly groupSize: number | null;
  /** Weights a row of each block, in stream order, or of all blocks. */
  readonly kept: number | Uint8Array;
  readonly headerBytes: number;
  /** Each tile's stream begins with a new word: values are loaded tile by tile. */
  readonly alignedTiles: boolean;
  /** The last tile, too, is loaded and computed whole. */
  readonly wholeTiles: boolean;
  readonly tokens: number;
  /** Cause to be booked while its stream is awaited. */
  readonly starvedBy: string;
}

const PLAIN = { indexBits: 0, kept: BLOCK, groupSize: null, headerBytes: 0, alignedTiles: false, wholeTiles: false } as const;

export function weightsPass(plan: StreamPlan, tileBlocks: number, tokens: number): Pass {
  const { rows, cols, bits, indexBits, groupSize, kept } = plan;
  return { ...PLAIN, rows, cols, bits, indexBits, groupSize, kept, tileBlocks, tokens, headerBytes: HEADER_BYTES, starvedBy: "weights" };
}

/** Dot products with the keys of `tokens` tokens; whole tiles of keys are loaded. */
export function keysPass(keys: number, headDim: number, tileBlocks: number, bits: number, tokens: number): Pass {
  return { ...PLAIN, rows: keys, cols: headDim, bits, tileBlocks, wholeTiles: true, tokens, starvedBy: "keys" };
}

/** Sums over the values of `values` tokens. */
export function valuesPass(headDim: number, values: number, tileBlocks: number, bits: number, tokens: number): Pass {
  return { ...PLAIN, rows: headDim, cols: values, bits, tileBlocks, alignedTiles: true, tokens, starvedBy: "values" };
}

/** Cycles from which each of a pass' parts is over. */
export interface PassTime {
  /** The next instruction's first weight may be multiplied. */
  readonly issued: number;
  /** The last word is written. */
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

  /** Runs a pass from cycle `start` on. */
  run(pass: Pass, channel: Channel, start: number): PassTime {
    const stream = new StreamReader(channel);
    const tileRows = pass.tileBlocks * BLOCK;
    let cycle = stream.take(pass.headerBytes, start, this.account, pass.starvedBy);
    let block = 0;
    for (let row = 0; row < pass.rows; row += tileRows) {
      const blocks = pass.wholeTiles ? pass.tileBlocks : Math.min(pass.tileBlocks, Math.ceil((pass.rows - row) / BLOCK));
      const set = this.tile++ & 1;
      const free = this.written[set]!;
      if (free > cycle) {
        this.account.stall("writing words", free - cycle, cycle);
        cycle = free;
      }
      for (let col = 0; col < pass.cols; col += BLOCK) {
        cycle = this.step(pass, stream, blocks, block, col, cycle);
        block += blocks;
      }
      if (pass.alignedTiles || pass.wholeTiles) stream.align(cycle);
      this.written[set] = this.write(Math.min(pass.rows - row, blocks * BLOCK) * pass.tokens, cycle);
    }
    stream.align(cycle);
    return { issued: cycle, done: this.writerFree };
  }

  /** One tile × 16 columns: the packets of all its blocks. */
  private step(pass: Pass, stream: StreamReader, blocks: number, firstBlock: number, col: number, start: number): number {
    const endsGroup = pass.groupSize !== null && ((col + BLOCK) % pass.groupSize === 0 || col + BLOCK >= pass.cols);
    const packetBytes = pass.bits + pass.indexBits;
    let cycle = start;
    if (typeof pass.kept !== "number") return this.countedStep(pass, pass.kept, stream, blocks, firstBlock, endsGroup, cycle);
    const { kept } = pass;
    const { matrix } = this.machine;
    const together = packetsTogether(matrix);
    const all = 2 * kept * blocks;
    let scales = 0;
    for (let taken = 0; taken < all; ) {
      const packets = Math.min(together, all - taken);
      taken += packets;
      // A scale byte for every row that begins in these packets.
      const begun = endsGroup ? Math.ceil((PACKET * taken) / kept) : 0;
      cycle = stream.take(packets * packetBytes + begun - scales, cycle, this.account, pass.starvedBy);
      scales = begun;
      cycle = this.multiply(PACKET * packets, packetCycles(packets, kept, matrix) * pass.tokens, pass.tokens, cycle);
    }
    return cycle;
  }

  /** As `step`, where each block has a count of its own before its packets: the slowest block sets the pace. */
  private countedStep(pass: Pass, counts: Uint8Array, stream: StreamReader, blocks: number, firstBlock: number, endsGroup: boolean, start: number): number {
    const { lanes, rowsPerBeat } = this.machine.matrix;
    const own = { lanes: Math.max(1, Math.floor(lanes / blocks)), rowsPerBeat: Math.max(1, Math.floor(rowsPerBeat / blocks)) };
    const blockHeader = endsGroup ? 1 + BLOCK : 1;
    let bytes = 0;
    let weights = 0;
    let slowest = 0;
    for (let i = 0; i < blocks; i++) {
      const kept = counts[firstBlock + i]!;
      bytes += blockHeader + 2 * kept * (pass.bits + pass.indexBits);
      weights += BLOCK * kept;
      slowest = Math.max(slowest, blockCycles(kept, own));
    }
    const cycle = stream.take(bytes, start, this.account, pass.starvedBy);
    // Counts and scale bytes pass the dequantizer in a cycle of their own.
    this.account.stall("block headers", 1, cycle);
    return this.multiply(weights, slowest * pass.tokens, pass.tokens, cycle + 1);
  }

  private multiply(weights: number, cycles: number, tokens: number, cycle: number): number {
    this.multiplied += weights * tokens;
    this.account.busy += cycles;
    return cycle + cycles;
  }

  /** Writes `count` words, as many a cycle as the vector memory has lanes; returns when the last is written. */
  private write(count: number, cycle: number): number {
    const ready = cycle + this.machine.matrix.latencyCycles;
    this.writerFree = Math.max(this.writerFree, ready) + Math.ceil(count / this.machine.vector.lanes);
    return this.writerFree;
  }
}

/**
 * Reads a matrix' bytes from a channel's buffer into the register that the dequantizer unpacks: a word a cycle, the
 * next packets' words while the last packets are multiplied. A matrix begins with a new word.
 */
class StreamReader {
  private readonly channel: Channel;
  private readonly firstWord: number;
  private bytes = 0;
  private lastRead = -1;
  /** Cycle from which the register has room for the next packets. */
  private registerFree = 0;

  constructor(channel: Channel) {
    this.channel = channel;
    this.firstWord = channel.position;
  }

  /** Takes `count` bytes as soon as they are there; returns the cycle in which they are. */
  take(count: number, cycle: number, account: UnitAccount, cause: string): number {
    if (count === 0) return cycle;
    this.bytes += count;
    const ready = this.readUntil(Math.ceil(this.bytes / this.channel.memory.wordBytes));
    const at = ready > cycle ? ready : cycle;
    account.stall(cause, at - cycle, cycle);
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
    for (let word = channel.position; word < this.firstWord + end; word++) {
      const arrival = channel.arrivalOf(word);
      const next = this.lastRead + 1;
      this.lastRead = Math.max(arrival, next, this.registerFree);
      channel.pop(this.lastRead);
    }
    return this.lastRead;
  }
}
