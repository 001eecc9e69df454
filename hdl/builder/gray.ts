import { concat, type Unsigned } from "./signal.ts";

/** The number in Gray code: counting up or down by one, modulo 2^width too, changes a single bit. */
export function toGray(value: Unsigned): Unsigned {
  return value.width === 1 ? value : value.xor(value.shr(1).extend(value.width));
}

/** The number that has this Gray code. */
export function fromGray(code: Unsigned): Unsigned {
  const places = Array.from({ length: code.width }, (_, i) => code.bits(code.width - 1, i).parity());
  return concat(...places.toReversed());
}
