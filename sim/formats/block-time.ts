import { PACKET } from "../../models/formats/packet.ts";
import type { Machine } from "../../src/compile/machine.ts";

type Multipliers = Pick<Machine["matrix"], "lanes" | "rowsPerBeat">;

/** Packets of 8 kept weights that are taken from the buffer together: a cycle's worth, or one that takes several. */
export function packetsTogether({ lanes }: Multipliers): number {
  return Math.max(1, lanes / PACKET);
}

/** Cycles for `packets` packets of rows that keep `kept` weights a block: `lanes` products and `rowsPerBeat` ends of rows each. */
export function packetCycles(packets: number, kept: number, { lanes, rowsPerBeat }: Multipliers): number {
  const weights = PACKET * packets;
  return Math.max(Math.ceil(weights / lanes), Math.ceil(weights / kept / rowsPerBeat));
}

/** Cycles for a block of 16 rows that keep `kept` weights each, on the share of the multipliers that it has. */
export function blockCycles(kept: number, multipliers: Multipliers): number {
  return kept === 0 ? 0 : packetCycles(2 * kept, kept, multipliers);
}
