/** Bytes of a SIMD vector: rows are padded to a multiple of it. */
export const VECTOR_BYTES = 16;
/** Rows of weights that a kernel takes at once: matrices are padded to a multiple of it. */
export const BLOCK_ROWS = 4;

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

type Numbers = Float32Array | Int16Array | Int32Array;

/** Copies `count` rows between two row lengths: what is missing becomes zero, what is too much stays behind. */
export function copyRows(
  from: Numbers,
  fromStride: number,
  to: Numbers,
  toStride: number,
  count: number,
): void {
  if (fromStride === toStride) {
    to.set(from);
    return;
  }
  const width = Math.min(fromStride, toStride);
  for (let row = 0; row < count; row++) {
    const at = row * toStride;
    to.set(from.subarray(row * fromStride, row * fromStride + width), at);
    to.fill(0, at + width, at + toStride);
  }
}
