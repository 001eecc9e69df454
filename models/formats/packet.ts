/** Kept weights that are stored together, so that any width of code and index fills whole bytes. */
export const PACKET = 8;

/** Packs eight unsigned fields of `bits` bits into `bits` bytes, the first field in the lowest bits. */
export function pack(fields: readonly number[], bits: number, into: Uint8Array, at: number): void {
  for (const [slot, field] of fields.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      const position = slot * bits + bit;
      if ((field >> bit) & 1) into[at + (position >> 3)]! |= 1 << (position & 7);
    }
  }
}

/** One field of those that `pack` packed. */
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
