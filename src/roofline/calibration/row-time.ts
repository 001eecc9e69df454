import { overlapped } from "./overlap.ts";

/** Kernels that give a thread block a row: element-wise ones and norms. */
export const ROW_CLASSES = ["norm", "rotary", "activation", "add"] as const;
export type RowClass = (typeof ROW_CLASSES)[number];

export interface RowKernel {
  readonly kind: "rows";
  readonly class: RowClass;
  readonly rows: number;
  /** Of a row. */
  readonly elements: number;
  /** Times that a block's threads pass along a row, and elements that they could take in those passes. */
  readonly passes: number;
  readonly slots: number;
  /** Read and written for each element, counting as often as the kernel does. */
  readonly bytesPerElement: number;
  /** Of each element, the bytes that are different. */
  readonly heldPerElement: number;
}

/** Constants of a class of row kernels. */
export interface RowClassConstants {
  readonly t0Seconds: number;
  /** Latency of one pass along a row. */
  readonly passSeconds: number;
  /** Of the memory's peak: what streams that stay in the cache get, and those that do not. */
  readonly cacheShare: number;
  readonly memoryShare: number;
}

export interface RowConstants {
  readonly p: number;
  /** What a thread without an element costs, of one with an element. */
  readonly idleShare: number;
  readonly classes: Readonly<Record<RowClass, RowClassConstants>>;
}

export function rowSeconds(
  { class: name, rows, elements, passes, slots, bytesPerElement, heldPerElement }: RowKernel,
  { p, idleShare, classes }: RowConstants,
  { bytesPerSecond, cacheBytes }: { readonly bytesPerSecond: number; readonly cacheBytes: number },
): number {
  const { t0Seconds, passSeconds, cacheShare, memoryShare } = classes[name];
  const bytes = rows * (elements + idleShare * (slots - elements)) * bytesPerElement;
  const cached = Math.min(1, cacheBytes / (rows * elements * heldPerElement));
  const memory = (bytes / bytesPerSecond) * (cached / cacheShare + (1 - cached) / memoryShare);
  return t0Seconds + overlapped(p, memory, passes * passSeconds);
}
