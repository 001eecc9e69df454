import { signed, unsigned } from "../../builder/index.ts";

/** Fields of an instruction, as `docs/isa.md` lays them out; the operation's lower four bits say which one of MISC. */
export const COMMAND = {
  operation: unsigned(4),
  a: unsigned(8),
  b: unsigned(8),
  c: unsigned(8),
  d: unsigned(8),
  w: unsigned(32),
  x: unsigned(32),
  y: unsigned(32),
  z: unsigned(32),
} as const;

/**
 * What is known of a vector. Of attention weights, `peak` says the inverse of their sum S instead: reciprocal of the 16 leading bits of S
 * in its lower 16 bits, bit length of S above, so that the inverse is reciprocal · 2^(1 − length). Of other codes it says nothing.
 */
export const DESCRIPTOR = { exponent: signed(16), peak: unsigned(32) } as const;

/** log2(e) / temperature, as a 16-bit mantissa and a power of two. */
export const TEMPERATURE = { mantissa: unsigned(16), exponent: signed(8) } as const;
