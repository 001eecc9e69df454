import { type GatherConstants, type GatherKernel, gatherSeconds } from "./gather-time.ts";
import { type GemmConstants, type GemmKernel, gemmSeconds } from "./gemm-time.ts";
import { type RowConstants, type RowKernel, rowSeconds } from "./row-time.ts";

/** What a processor's kernels are timed against. */
export interface Processor {
  /** Peak of its memory. */
  readonly bytesPerSecond: number;
  /** Dense peak of its matrix units, for the kernels' numbers. */
  readonly operationsPerSecond: number;
  /** Multiprocessors: thread blocks run on them side by side. */
  readonly multiprocessors: number;
  /** Of the cache, as much as one multiprocessor's data can stay in. */
  readonly cacheBytes: number;
}

/** A kernel of a decoder: a matrix product, one thread block a row, or rows looked up in a table. */
export type Kernel = GemmKernel | RowKernel | GatherKernel;

/** Fitted on measured kernels (fit.ts). */
export interface KernelTimeConstants {
  readonly gemm: GemmConstants;
  readonly rows: RowConstants;
  readonly gather: GatherConstants;
}

/** Seconds that a kernel runs on the device, from its start to its end. */
export function kernelSeconds(kernel: Kernel, constants: KernelTimeConstants, processor: Processor): number {
  switch (kernel.kind) {
    case "gemm":
      return gemmSeconds(kernel, constants.gemm, processor);
    case "rows":
      return rowSeconds(kernel, constants.rows, processor);
    case "gather":
      return gatherSeconds(kernel, constants.gather, processor);
  }
}
