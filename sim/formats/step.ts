import { PACKET } from "../../models/formats/packet.ts";
import type { Machine } from "../../src/compile/machine.ts";

export type Multipliers = Pick<Machine["matrix"], "lanes" | "rowsPerBeat">;

/** One tile of row blocks × 16 columns, as a format's room sees it. */
export interface ColumnStep {
  /** Weights that a row of each block keeps. */
  readonly kept: readonly number[] | Uint8Array;
  readonly bits: number;
  readonly indexBits: number;
  /** A scale byte comes for every row: the group ends here. */
  readonly endsGroup: boolean;
}

/** Packets that are taken together: `bytes` must be there before, then the multipliers work for `cycles`. */
export interface PacketGroup {
  readonly bytes: number;
  readonly cycles: number;
}

/** A format's time: the packets of a column step, in the order in which they are taken. */
export type StepTime = (step: ColumnStep, multipliers: Multipliers) => PacketGroup[];

/** Cycles for `packets` packets of rows that keep `kept` weights: `lanes` products and `rowsPerBeat` ends of rows each. */
export function packetCycles(packets: number, kept: number, { lanes, rowsPerBeat }: Multipliers): number {
  const weights = PACKET * packets;
  return Math.max(Math.ceil(weights / lanes), Math.ceil(weights / kept / rowsPerBeat));
}

/**
 * Blocks that all keep equally many weights, worked through as one run of packets: a cycle's worth together, or one
 * packet that takes several cycles. The scale byte of a row comes with the packet in which the row begins.
 */
export const evenStep: StepTime = ({ kept, bits, indexBits, endsGroup }, multipliers) => {
  const perRow = kept[0]!;
  const together = Math.max(1, multipliers.lanes / PACKET);
  const all = 2 * perRow * kept.length;
  const groups: PacketGroup[] = [];
  let scales = 0;
  for (let taken = 0; taken < all; ) {
    const packets = Math.min(together, all - taken);
    taken += packets;
    const begun = endsGroup ? Math.ceil((PACKET * taken) / perRow) : 0;
    groups.push({
      bytes: packets * (bits + indexBits) + begun - scales,
      cycles: packetCycles(packets, perRow, multipliers),
    });
    scales = begun;
  }
  return groups;
};
