import type { Unsigned } from "../builder/index.ts";

/** The low `bits` bits of a number, with zeros above where it has fewer. */
export const resized = (value: Unsigned, bits: number): Unsigned =>
  value.width > bits ? value.truncate(bits) : value.extend(bits);
