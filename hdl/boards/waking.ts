import { bit, register, synchronize, type Unsigned, unsigned, unsignedConstant } from "../builder/index.ts";

/** Cycles after power-up before anything begins, as a power of two: block RAM cannot be read in the first microseconds. */
const WAKING_BITS = 8;

/**
 * Rises some cycles after power-up, in which all registers are 0.
 * @param locked whether the clock is one yet; null: always
 */
export function awake(locked: Unsigned | null): Unsigned {
  const ready = locked === null ? unsignedConstant(1, 1) : synchronize("locked", locked);
  const slept = register("slept", unsigned(WAKING_BITS), { initial: 0 });
  const rises = register("awake", bit, { initial: 0 });
  slept.set(slept.addWrap(ready.extend(WAKING_BITS)));
  rises.set(rises.or(slept.eq(2 ** WAKING_BITS - 1)));
  return rises;
}
