import { PACKET } from "../../models/formats/packet.ts";
import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { type ColumnStep, type Multipliers, type PacketGroup, packetCycles, type StepTime } from "./step.ts";

/**
 * Blocks have a count of their own. Where every block of the tile can have multipliers and an end of a row to itself,
 * they work side by side and the slowest sets the pace; else they come one after the other.
 */
export const nOf16: StepTime = (step, multipliers) => {
  const blocks = step.kept.length;
  const sideBySide = blocks > 1 && multipliers.lanes >= blocks && multipliers.rowsPerBeat >= blocks;
  return sideBySide
    ? [together(step, multipliers)]
    : Array.from(step.kept).flatMap((kept) => alone(step, kept, multipliers));
};

/** Bytes before a block's packets: its count, and the scale bytes of all rows where a group ends. */
const headerBytes = ({ endsGroup }: ColumnStep): number => (endsGroup ? 1 + BLOCK : 1);

/**
 * Cycles before a block's packets: one for its count. A skipped block has none, but where a group ends its rows' sums are
 * scaled all the same, as many in a cycle as rows can end.
 */
function countCycles({ endsGroup }: ColumnStep, kept: number, rowsPerBeat: number): number {
  return kept === 0 && endsGroup ? Math.ceil(BLOCK / Math.min(BLOCK, rowsPerBeat)) : 1;
}

/** One block: count and scales pass the dequantizer in a cycle of their own, then its packets. */
function alone(step: ColumnStep, kept: number, multipliers: Multipliers): PacketGroup[] {
  const groups: PacketGroup[] = [
    { bytes: headerBytes(step), cycles: countCycles(step, kept, multipliers.rowsPerBeat) },
  ];
  const most = Math.max(1, multipliers.lanes / PACKET);
  for (let taken = 0; taken < 2 * kept; ) {
    const packets = Math.min(most, 2 * kept - taken);
    taken += packets;
    groups.push({
      bytes: packets * (step.bits + step.indexBits),
      cycles: packetCycles(packets, kept, multipliers),
    });
  }
  return groups;
}

/** All blocks of the step, read whole; each has an equal share of the multipliers. */
function together(step: ColumnStep, { lanes, rowsPerBeat }: Multipliers): PacketGroup {
  const counts = Array.from(step.kept);
  const share = {
    lanes: Math.floor(lanes / counts.length),
    rowsPerBeat: Math.floor(rowsPerBeat / counts.length),
  };
  const packets = counts.reduce((sum, kept) => sum + 2 * kept, 0);
  return {
    bytes: counts.length * headerBytes(step) + packets * (step.bits + step.indexBits),
    cycles: Math.max(
      ...counts.map(
        (kept) =>
          countCycles(step, kept, share.rowsPerBeat) + (kept === 0 ? 0 : packetCycles(2 * kept, kept, share)),
      ),
    ),
  };
}
