/** Largest scale that a scale byte can say: 31 · 2^7. */
export const MAX_SCALE = 31 * 128;

/** The multiplier of a group that its scale byte says: a 5-bit mantissa shifted left by 3 bits' worth. */
export function scaleOf(byte: number): number {
  return (byte & 31) * 2 ** (byte >> 5);
}

/** The scale byte nearest to `scale` (≥ 0, at most `MAX_SCALE`; larger ones saturate). */
export function scaleByte(scale: number): number {
  for (let shift = 0; shift < 8; shift++) {
    const mantissa = Math.round(scale / 2 ** shift);
    if (mantissa <= 31) return (shift << 5) | mantissa;
  }
  return 0xff;
}

/** The power of two for a matrix whose largest group scale is `largest`, so that its scale byte uses full range. */
export function matrixExponent(largest: number): number {
  return largest > 0 ? Math.ceil(Math.log2(largest / MAX_SCALE)) : 0;
}
