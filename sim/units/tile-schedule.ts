import { PACKET } from "../../models/formats/packet.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { blockCycles, packetCycles, packetsTogether } from "../formats/block-time.ts";
import type { Pass } from "./pass.ts";

/** What a tile of row blocks needs, group of packets by group of packets: bytes first, then cycles. */
export interface TileSchedule {
  /** Bytes that must be there before each group. */
  readonly bytes: Int32Array;
  /** Cycles that the multipliers then work. */
  readonly cycles: Int32Array;
  /** Weights multiplied in the whole tile, those that only fill up a pattern or a block included. */
  readonly weights: number;
}

/**
 * The schedule of a tile of `blocks` row blocks.
 * @param firstBlock number of the tile's first block in stream order, where blocks keep different counts
 */
export function scheduleTile(pass: Pass, blocks: number, firstBlock: number, machine: Machine): TileSchedule {
  const bytes: number[] = [];
  const cycles: number[] = [];
  let weights = 0;
  const step = (count: number, busy: number): void => {
    bytes.push(count);
    cycles.push(busy * pass.tokens);
  };
  for (let col = 0, block = firstBlock; col < pass.cols; col += BLOCK, block += blocks) {
    const endsGroup =
      pass.groupSize !== null && ((col + BLOCK) % pass.groupSize === 0 || col + BLOCK >= pass.cols);
    const kept =
      typeof pass.kept === "number"
        ? uniformStep(pass, pass.kept, blocks, endsGroup, machine.matrix, step)
        : countedStep(pass, pass.kept.subarray(block, block + blocks), endsGroup, machine.matrix, step);
    weights += BLOCK * kept * pass.tokens;
  }
  return { bytes: Int32Array.from(bytes), cycles: Int32Array.from(cycles), weights };
}

type AddStep = (bytes: number, cycles: number) => void;

/** One column step in which all blocks keep equally many. @returns weights kept in a row of each block, added up */
function uniformStep(
  { bits, indexBits }: Pass,
  kept: number,
  blocks: number,
  endsGroup: boolean,
  matrix: Machine["matrix"],
  step: AddStep,
): number {
  const together = packetsTogether(matrix);
  const all = 2 * kept * blocks;
  let scales = 0;
  for (let taken = 0; taken < all; ) {
    const packets = Math.min(together, all - taken);
    taken += packets;
    // A scale byte for every row that begins in these packets.
    const begun = endsGroup ? Math.ceil((PACKET * taken) / kept) : 0;
    step(packets * (bits + indexBits) + begun - scales, packetCycles(packets, kept, matrix));
    scales = begun;
  }
  return kept * blocks;
}

/**
 * One column step whose blocks have a count of their own: each works on its share of the multipliers, and the slowest
 * sets the pace. Counts and scale bytes pass the dequantizer in a cycle before.
 */
function countedStep(
  { bits, indexBits }: Pass,
  counts: Uint8Array,
  endsGroup: boolean,
  { lanes, rowsPerBeat }: Machine["matrix"],
  step: AddStep,
): number {
  const share = (of: number): number => Math.max(1, Math.floor(of / counts.length));
  const own = { lanes: share(lanes), rowsPerBeat: share(rowsPerBeat) };
  const kept = counts.reduce((sum, count) => sum + count, 0);
  const headers = counts.length * (endsGroup ? 1 + BLOCK : 1);
  const slowest = counts.reduce((most, count) => Math.max(most, blockCycles(count, own)), 0);
  step(headers, 1);
  step(2 * kept * (bits + indexBits), slowest);
  return kept;
}
