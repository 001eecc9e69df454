import { overlapped } from "./overlap.ts";

/** tokens x inputs times inputs x outputs. */
export interface GemmKernel {
  readonly kind: "gemm";
  readonly tokens: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Of an element of each operand: 2 for 16-bit floats. */
  readonly weightBytes: number;
  readonly activationBytes: number;
}

/** Constants of matrix products. */
export interface GemmConstants {
  readonly t0Seconds: number;
  /** Share of the memory's peak. */
  readonly memoryShare: number;
  /** Share of the matrix units' peak that a tile without edges would reach. */
  readonly computeShare: number;
  /** Elements of a tile's side that loading the tile's operands is worth. */
  readonly edge: number;
  /** Steps along the inputs that filling and draining a tile's pipeline is worth. */
  readonly fill: number;
  readonly p: number;
  /** Seconds of the second kernel that adds up partial sums; they stay in the cache. */
  readonly reductionSeconds: number;
}

interface GemmPeaks {
  readonly bytesPerSecond: number;
  readonly operationsPerSecond: number;
  readonly multiprocessors: number;
}

const SIDES = [32, 64, 128, 256] as const;
/** Tokens by outputs that a thread block computes: what fits its registers, and is worth its while. */
const TILES = SIDES.flatMap((tokens) => SIDES.map((outputs) => ({ tokens, outputs }))).filter(
  ({ tokens, outputs }) => tokens * outputs >= 32 * 64 && tokens * outputs <= 128 * 256,
);
/** Parts that the inputs are cut into, each summed by a block of its own. */
const SPLITS = [1, 2, 3, 4, 6, 8, 12, 16] as const;

/**
 * A matrix product as a library runs it: cut into tiles that the multiprocessors take in waves, with the tile and the
 * split that take least. A last wave that is not full takes as long as a full one.
 */
export function gemmSeconds(kernel: GemmKernel, constants: GemmConstants, peaks: GemmPeaks): number {
  let least = Infinity;
  for (const tile of TILES) {
    for (const split of SPLITS) {
      least = Math.min(least, tiledSeconds(kernel, tile, split, constants, peaks));
    }
  }
  return least;
}

function tiledSeconds(
  { tokens, inputs, outputs, weightBytes, activationBytes }: GemmKernel,
  tile: { readonly tokens: number; readonly outputs: number },
  split: number,
  { t0Seconds, memoryShare, computeShare, edge, fill, p, reductionSeconds }: GemmConstants,
  { bytesPerSecond, operationsPerSecond, multiprocessors }: GemmPeaks,
): number {
  const blocks = Math.ceil(tokens / tile.tokens) * Math.ceil(outputs / tile.outputs) * split;
  const waves = Math.ceil(blocks / multiprocessors);
  const share = computeShare / (1 + edge / tile.tokens + edge / tile.outputs);
  const operationsOfStep = 2 * tile.tokens * tile.outputs;
  const compute =
    (waves * (inputs / split + fill) * operationsOfStep) / ((share * operationsPerSecond) / multiprocessors);
  const bytes = weightBytes * inputs * outputs + activationBytes * tokens * (inputs + outputs);
  const memory = bytes / (memoryShare * bytesPerSecond);
  return t0Seconds + (split === 1 ? 0 : reductionSeconds) + overlapped(p, memory, compute);
}
