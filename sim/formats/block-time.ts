import type { Machine } from "../../src/compile/machine.ts";

/** How the matrix unit goes through the packets of a column step (one tile of row blocks × 16 columns). */
export interface StepTime {
  /** Packets of 8 kept weights that are taken from the buffer together. */
  readonly packets: number;
  /** Cycles that each of these takes, for one activation vector. */
  readonly cycles: number;
}

/** Packets are multiplied `lanes` weights a cycle; a cycle ends at most `rowsPerBeat` row sums. */
export function stepTime(kept: number, blocks: number, { lanes, rowsPerBeat }: Machine["matrix"]): StepTime {
  const packets = Math.min(Math.max(1, lanes / 8), 2 * kept * blocks);
  const weights = 8 * packets;
  return { packets, cycles: Math.max(Math.ceil(weights / lanes), Math.ceil(weights / kept / rowsPerBeat)) };
}
