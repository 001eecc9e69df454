import { concat, type Unsigned } from "../../builder/index.ts";

/** Bits of an unsigned number: the least n with value < 2^n. Its width is a power of two. */
export function bitLength(value: Unsigned): Unsigned {
  const place = leadingPlace(value);
  // The place of the highest 1, and one more.
  const some = value.any();
  return place.and(some.repeat(place.width)).add(some);
}

/** Place of the highest 1; whichever if there is none. */
function leadingPlace(value: Unsigned): Unsigned {
  const { width } = value;
  if (width === 2) return value.bit(1);
  const upper = value.bits(width - 1, width / 2);
  const lower = value.bits(width / 2 - 1, 0);
  const inUpper = upper.any();
  const [high, low] = [leadingPlace(upper), leadingPlace(lower)];
  const gate = inUpper.repeat(high.width);
  return concat(inUpper, high.and(gate).or(low.and(gate.not())));
}
