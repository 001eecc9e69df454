/** Bits of an unsigned number that counts up to `most`; one at least. */
export const bitsFor = (most: number): number => Math.max(1, Math.floor(Math.log2(Math.max(1, most))) + 1);
