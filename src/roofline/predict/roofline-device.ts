import type { KernelModel } from "./measured-kernel.ts";

/** How numbers are multiplied. */
export type Numbers = "fp32" | "fp16" | "bf16" | "fp8" | "int8" | "int4";

export interface Peak {
  readonly numbers: Numbers;
  /** Two for each multiply-accumulate, dense. */
  readonly operationsPerSecond: number;
  /** Dense-equivalent operations a second where two of four weights are zero; null: zeros are multiplied too. */
  readonly sparse24PerSecond: number | null;
  /** Of a pass over a matrix for a single vector, where that uses fewer multipliers; null: as of many. */
  readonly oneVectorPerSecond: number | null;
  readonly picojoulesPerOperation: number;
}

export interface RooflineMemory {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Peak. */
  readonly bytesPerSecond: number;
  /** Keys and values can be kept in it. */
  readonly writable: boolean;
  readonly picojoulesPerByte: number;
  /** Over which a matrix is spread. */
  readonly channels: number;
  /**
   * Share of what long streams get that accesses of a size get, ascending in bytes; between two, interpolated in the
   * logarithm of the size. The last is 1.
   */
  readonly shareByAccess: readonly { readonly bytes: number; readonly share: number }[];
}

/** Constants of a kernel's time, where no more is known of it than bytes and operations. */
export interface KernelConstants {
  /** Seconds before a kernel does anything. */
  readonly t0Seconds: number;
  /** Shares of the peaks that long kernels reach. */
  readonly memoryShare: number;
  readonly computeShare: number;
  /** Overlap: 1 is none, Infinity is perfect. JSON has no Infinity: null stands for it. */
  readonly p: number | null;
  /** Relative, one standard deviation. */
  readonly uncertainty: number;
  /** Where these come from, for people. */
  readonly origin: string;
}

/** What devices of a kind say to each other by. */
export interface Link {
  /** Each way. */
  readonly bytesPerSecond: number;
  /** Of a collective, before its first step; and of each step. */
  readonly startSeconds: number;
  readonly stepSeconds: number;
}

/** A device as the roofline sees it: plain numbers, so that a page can compute with them too. */
export interface RooflineDevice {
  readonly name: string;
  readonly title: string;
  readonly kind: "gpu" | "fpga";
  readonly peaks: readonly Peak[];
  /** On lanes beside the matrix unit; null: they keep up with it. */
  readonly vectorOperationsPerSecond: number | null;
  /** The first holds the weights; the first that is writable, keys and values. */
  readonly memories: readonly RooflineMemory[];
  /** A cache keeps what was used last; a scratchpad what a compiler puts there. */
  readonly onChip: { readonly kind: "cache" | "scratchpad"; readonly bytes: number };
  /** A decoder beside the memory unpacks weights at the memory's rate. */
  readonly hasDecoder: boolean;
  /** Zeros of any pattern are skipped. */
  readonly skipsZeros: boolean;
  readonly link: Link | null;
  readonly kernel: KernelConstants;
  /** Of kernels of known kinds, more precisely than by `kernel`; null where none were measured. */
  readonly kernelModel: KernelModel | null;
  /** From a kernel's end to the next one's start: what a program adds that starts kernels one by one; 0 where it starts them as a graph. */
  readonly gapSeconds: number;
  readonly idleWatts: number;
  /** Besides, while something runs: clocks, caches and lanes, whatever they do. */
  readonly activeWatts: number;
  /** What it can draw at most; null: nobody says it. */
  readonly boardWatts: number | null;
  readonly priceUsd: number | null;
}

/** Bits of a number, and in what order numbers of as many bits are preferred. */
const WIDTHS: readonly (readonly [Numbers, number])[] = [
  ["int4", 4],
  ["int8", 8],
  ["fp8", 8],
  ["fp16", 16],
  ["bf16", 16],
  ["fp32", 32],
];

/**
 * What a device multiplies with where the wider operand has so many bits: the narrowest numbers that hold it. Where none
 * do, products of the widest are put together: twice the bits, half the rate.
 */
export function peakFor(device: RooflineDevice, operandBits: number): Peak {
  const known = WIDTHS.flatMap(([numbers, bits]) => {
    const peak = device.peaks.find((candidate) => candidate.numbers === numbers);
    return peak === undefined ? [] : [{ peak, bits }];
  });
  const holds = known.find(({ bits }) => bits >= operandBits);
  if (holds !== undefined) return holds.peak;
  const widest = known.at(-1);
  if (widest === undefined) throw new RangeError(`${device.name} has no peak of multiplication`);
  const slower = operandBits / widest.bits;
  const { peak } = widest;
  return {
    ...peak,
    operationsPerSecond: peak.operationsPerSecond / slower,
    sparse24PerSecond: peak.sparse24PerSecond === null ? null : peak.sparse24PerSecond / slower,
    oneVectorPerSecond: peak.oneVectorPerSecond === null ? null : peak.oneVectorPerSecond / slower,
    picojoulesPerOperation: peak.picojoulesPerOperation * slower,
  };
}

/** Bits of activations that a device computes with by itself. */
export const usualActivationBits = (device: RooflineDevice): number =>
  device.peaks.some(({ numbers }) => numbers === "fp16" || numbers === "bf16") ? 16 : 8;

/** Share of what long streams get that accesses of `bytes` get. */
export function shareOfAccess({ shareByAccess }: RooflineMemory, bytes: number): number {
  const above = shareByAccess.findIndex((entry) => entry.bytes >= bytes);
  if (above === -1) return shareByAccess.at(-1)?.share ?? 1;
  const high = shareByAccess[above]!;
  const low = shareByAccess[above - 1];
  // Below the smallest access, whatever is not asked for is moved as well.
  if (low === undefined) return (high.share * Math.max(bytes, 1)) / high.bytes;
  const along = Math.log(bytes / low.bytes) / Math.log(high.bytes / low.bytes);
  return low.share + along * (high.share - low.share);
}

/** The same with memories `factor` times as fast. */
export const withBandwidth = (device: RooflineDevice, factor: number): RooflineDevice => ({
  ...device,
  memories: device.memories.map((memory) => ({ ...memory, bytesPerSecond: factor * memory.bytesPerSecond })),
});
