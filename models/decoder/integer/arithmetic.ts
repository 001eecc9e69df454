/**
 * The few operations on integers that the whole datapath is made of. Every one is a shifter, an adder or a
 * comparator in hardware; `docs/numerics.md` states where each is used and how wide.
 */

/** Bits of |x|: the least n with |x| < 2^n. Zero has none. `x` is an integer below 2^53. */
export function bitLength(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 2 ** 32) return 32 - Math.clz32(magnitude);
  return 64 - Math.clz32(Math.floor(magnitude / 2 ** 32));
}

/** 2^n for n ≥ 0; a shift is many times faster than a general power. */
function powerOfTwo(n: number): number {
  return n < 31 ? 1 << n : 2 ** n;
}

/** Clamps to a two's-complement number of `bits` bits. */
export function saturate(x: number, bits: number): number {
  const limit = powerOfTwo(bits - 1);
  return x >= limit ? limit - 1 : x < -limit ? -limit : x;
}

/**
 * x · 2^-places rounded to the nearest integer, halves towards +∞ (add half, then floor).
 * Negative `places` shift left, exactly. `x` is an int32; the caller bounds what a left shift makes.
 */
export function shift(x: number, places: number): number {
  if (places === 0) return x;
  if (places < 0) return x * powerOfTwo(-places);
  if (places === 1) return Math.floor((x + 1) / 2);
  if (places > 32) return 0;
  // floor((floor(x / 2^(n-1)) + 1) / 2) is floor((x + 2^(n-1)) / 2^n), and cannot leave int32.
  return ((x >> Math.min(places - 1, 31)) + 1) >> 1;
}

/** As `shift`, for an accumulator wider than 32 bits (|x| < 2^52). */
export function shiftWide(x: number, places: number): number {
  return places <= 0 ? x * 2 ** -places : Math.floor(x / 2 ** places + 0.5);
}

/** As `shift`, clamped to `bits` bits: where an exponent chosen at run time may move a value out of range. */
export function shiftSaturate(x: number, places: number, bits: number): number {
  if (places < -bits) return x === 0 ? 0 : saturate(x > 0 ? Infinity : -Infinity, bits);
  return saturate(shift(x, places), bits);
}

/** Largest |x| of `length` words from `from` on. */
export function peakOf(words: Int32Array, from = 0, length = words.length - from): number {
  let peak = 0;
  for (let i = from; i < from + length; i++) {
    const magnitude = Math.abs(words[i]!);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}
