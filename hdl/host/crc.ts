import { concat, type Unsigned, unsignedConstant } from "../builder/index.ts";

/**
 * The CRC after one more byte. The step of eight bits at once is that of avr-libc's `_crc_ccitt_update`. A byte that equals
 * the CRC's lower half shifts the CRC down by eight, so that a CRC can be sent through its own register.
 * @param crc 16 bits
 * @param byte 8 bits
 */
export function crcAfter(crc: Unsigned, byte: Unsigned): Unsigned {
  const low = byte.xor(crc.truncate(8));
  const mixed = low.xor(concat(low.bits(3, 0), unsignedConstant(0, 4)));
  const none = (bits: number): Unsigned => unsignedConstant(0, bits);
  return concat(mixed, crc.bits(15, 8))
    .xor(concat(none(12), mixed.bits(7, 4)))
    .xor(concat(none(5), mixed, none(3)));
}
