import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { dense } from "../formats/dense.ts";
import { nOf16 } from "../formats/n-of-16.ts";
import { nOfM } from "../formats/n-of-m.ts";
import type { StepTime } from "../formats/step.ts";
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

/** The room of a pass' format. */
function timeOf({ kept }: Pass): StepTime {
  if (typeof kept !== "number") return nOf16;
  return kept === BLOCK ? dense : nOfM;
}

/**
 * The schedule of a tile of `blocks` row blocks.
 * @param firstBlock number of the tile's first block in stream order, where blocks keep different counts
 */
export function scheduleTile(
  pass: Pass,
  blocks: number,
  firstBlock: number,
  { matrix }: Machine,
): TileSchedule {
  const { cols, groupSize, bits, indexBits, tokens } = pass;
  const time = timeOf(pass);
  const bytes: number[] = [];
  const cycles: number[] = [];
  let weights = 0;
  for (let col = 0, block = firstBlock; col < cols; col += BLOCK, block += blocks) {
    const endsGroup = groupSize !== null && ((col + BLOCK) % groupSize === 0 || col + BLOCK >= cols);
    const kept =
      typeof pass.kept === "number"
        ? new Array<number>(blocks).fill(pass.kept)
        : pass.kept.subarray(block, block + blocks);
    for (const group of time({ kept, bits, indexBits, endsGroup }, matrix)) {
      bytes.push(group.bytes);
      cycles.push(group.cycles * tokens);
    }
    for (const count of kept) weights += BLOCK * count * tokens;
  }
  return { bytes: Int32Array.from(bytes), cycles: Int32Array.from(cycles), weights };
}
