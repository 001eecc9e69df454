import { PACKET } from "../../models/formats/packet.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { type ColumnStep, type Multipliers, type PacketGroup, packetCycles, type StepTime } from "./step.ts";

/** Blocks have a count of their own, and come one after the other. */
export const nOf16: StepTime = (step, multipliers) =>
  Array.from(step.kept).flatMap((kept) => blockGroups(step, kept, multipliers));

/** A block's count, and the scale bytes of all its rows where a group ends, are read with its first packets. */
function blockGroups(step: ColumnStep, kept: number, multipliers: Multipliers): PacketGroup[] {
  const header = step.endsGroup ? 1 + BLOCK : 1;
  if (kept === 0) return [{ bytes: header, cycles: skippedCycles(step, multipliers) }];
  const groups: PacketGroup[] = [];
  const most = Math.max(1, multipliers.lanes / PACKET);
  for (let taken = 0; taken < 2 * kept; ) {
    const packets = Math.min(most, 2 * kept - taken);
    groups.push({
      bytes: (taken === 0 ? header : 0) + packets * (step.bits + step.indexBits),
      cycles: packetCycles(packets, kept, multipliers),
    });
    taken += packets;
  }
  return groups;
}

/** A skipped block takes a cycle; where a group ends its rows' sums are scaled all the same, as many a cycle as can end. */
function skippedCycles({ endsGroup }: ColumnStep, { rowsPerBeat }: Multipliers): number {
  return endsGroup ? Math.ceil(BLOCK / Math.min(BLOCK, rowsPerBeat)) : 1;
}
