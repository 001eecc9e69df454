/** Kept weights that are stored together, so that any width of code and index fills whole bytes. */
export const PACKET = 8;

/** Puts the low `bits` bits of `field` in place `slot` of zeroed bytes from `at` on; the first slot is in the lowest bits. */
export function pack(field: number, slot: number, bits: number, into: Uint8Array, at: number): void {
  const first = slot * bits;
  const spread = (field & ((1 << bits) - 1)) << (first & 7);
  const byte = at + (first >> 3);
  into[byte]! |= spread;
  if (spread > 0xff) into[byte + 1]! |= spread >> 8;
}

/** The field in place `slot`, unsigned. */
export function unpack(bytes: Uint8Array, at: number, slot: number, bits: number): number {
  const first = slot * bits;
  const byte = at + (first >> 3);
  const both = bytes[byte]! | ((bytes[byte + 1] ?? 0) << 8);
  return (both >> (first & 7)) & ((1 << bits) - 1);
}

/** The two's-complement number that `bits` low bits say. */
export function signed(field: number, bits: number): number {
  const sign = 1 << (bits - 1);
  return (field ^ sign) - sign;
}
