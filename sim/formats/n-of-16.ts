import { BLOCK } from "../../models/formats/quantized-matrix.ts";
import { type Multipliers, packetCycles, type StepTime } from "./step.ts";

/**
 * Blocks have a count of their own: each works on its share of the multipliers, and the slowest sets the pace. Counts
 * and scale bytes pass the dequantizer in a cycle before.
 */
export const nOf16: StepTime = ({ kept, bits, indexBits, endsGroup }, multipliers) => {
  const blocks = kept.length;
  const own = share(multipliers, blocks);
  const counts = Array.from(kept);
  const weights = counts.reduce((sum, count) => sum + count, 0);
  return [
    { bytes: blocks * (endsGroup ? 1 + BLOCK : 1), cycles: 1 },
    {
      bytes: 2 * weights * (bits + indexBits),
      cycles: Math.max(...counts.map((count) => (count === 0 ? 0 : packetCycles(2 * count, count, own)))),
    },
  ];
};

function share({ lanes, rowsPerBeat }: Multipliers, blocks: number): Multipliers {
  const part = (of: number): number => Math.max(1, Math.floor(of / blocks));
  return { lanes: part(lanes), rowsPerBeat: part(rowsPerBeat) };
}
