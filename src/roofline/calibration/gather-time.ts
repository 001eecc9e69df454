/** Rows looked up in a table, as the embedding's are. */
export interface GatherKernel {
  readonly kind: "gather";
  readonly rows: number;
  /** Read and written. */
  readonly bytes: number;
}

export interface GatherConstants {
  readonly t0Seconds: number;
  /** Of one row, where rows follow each other. */
  readonly rowSeconds: number;
  readonly memoryShare: number;
}

/**
 * PyTorch's index_select has a kernel of its own for 16 indices or fewer, in which every thread walks all of them, one
 * after the other (aten/src/ATen/native/cuda/Indexing.cu).
 */
const FEW_ROWS = 16;

export function gatherSeconds(
  { rows, bytes }: GatherKernel,
  { t0Seconds, rowSeconds, memoryShare }: GatherConstants,
  { bytesPerSecond }: { readonly bytesPerSecond: number },
): number {
  return t0Seconds + (rows <= FEW_ROWS ? rows * rowSeconds : bytes / (memoryShare * bytesPerSecond));
}
