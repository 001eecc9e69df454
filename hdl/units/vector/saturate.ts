import { concat, mux, type Signed, select, type Unsigned, unsignedConstant } from "../../builder/index.ts";
import { LIMIT } from "./shifter.ts";

/**
 * The nearest number of the bits that `limit` says; 8 or 4 for codes.
 * @param overflow it does not fit 32 bits: `negative` is its sign then
 */
export function saturated(
  value: Signed,
  overflow: Unsigned,
  negative: Unsigned,
  limit: Unsigned,
  wideCodes: Unsigned,
): Signed {
  const top = value.isNegative();
  const sign = mux(overflow, negative, top);
  const differs = (high: number, low: number): Unsigned =>
    value
      .bits(high, low)
      .xor(top.repeat(high - low + 1))
      .any();
  const overMantissa = overflow.or(differs(30, 15));
  const overByte = overMantissa.or(differs(14, 7));
  const overNibble = overByte.or(differs(6, 3));
  const over = select(limit, [
    unsignedConstant(0, 1),
    overflow,
    overMantissa,
    mux(wideCodes, overByte, overNibble),
  ]);
  const isCode = limit.eq(LIMIT.code);
  const isMantissa = limit.eq(LIMIT.mantissa);
  // Below the sign's place all bits are its opposite, above they are the sign.
  const upper = sign.xor(isCode.or(isMantissa).not());
  const middle = sign.xor(isCode.not());
  const nibble = sign.xor(isCode.not().or(wideCodes));
  const bound = concat(
    sign,
    upper.repeat(16),
    middle.repeat(8),
    nibble.repeat(4),
    sign.not().repeat(3),
  ).asSigned();
  return mux(over, bound, value);
}
