import {
  bit,
  concat,
  module,
  mux,
  named,
  register,
  type Signed,
  select,
  signed,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";

/** To how many bits a result is saturated. */
export const LIMIT = { none: 0, word: 1, mantissa: 2, code: 3 } as const;

/** Levels behind the first one, which chooses between left and right. */
const LEVELS = [16, 8, 4, 2, 1];

/**
 * floor(x / 2^places + 1/2), or without the half; a negative number of places shifts left. Saturated on demand, and added on
 * demand to the result before. 2 cycles; what concerns the addition is taken a cycle after `x`.
 */
export function shifter() {
  return module(
    "shifter",
    {
      description: "Shifts by -32 to 32 places, rounds, adds, saturates.",
      inputs: {
        x: signed(33),
        places: signed(10),
        round: bit,
        // A cycle later:
        accumulate: bit,
        limit: unsigned(2),
        // Codes have 8 bits, otherwise 4.
        wide_codes: bit,
      },
      outputs: { result: signed(32) },
    },
    ({ x, places, round, accumulate, limit, wide_codes, result }) => {
      const right = places.isNegative().not();
      const far = places.bits(8, 5);
      const nothing = right.and(far.any());
      const amount = places.bits(4, 0).and(right.or(far.all()).repeat(5));
      const { moved, lost } = funnel(x, right, amount);

      // The lowest bit is the half that rounding looks at.
      const whole = register("whole", signed(32));
      const half = register("half", bit);
      const overflow = register("overflow", bit);
      const negative = register("negative", bit, { next: x.isNegative() });
      whole.set(moved.bits(32, 1).asSigned());
      half.set(moved.bit(0).and(round));
      overflow.set(lost.or(moved.bits(33, 32).xor(x.isNegative().repeat(2)).any()));
      when(nothing, () => {
        whole.set(0);
        half.set(0);
        overflow.set(0);
      });

      const sum = register("sum", signed(32));
      const before = sum.truncate(17).and(accumulate.repeat(17).asSigned());
      const total = named("total", whole.add(before).add(half.toSigned()).truncate(32));
      sum.set(saturated(total, overflow, negative, limit, wide_codes));
      result.set(sum);
    },
  );
}

/** x · 2^33 moved to the right: 33 bits of whole numbers above one bit of fraction. `lost`: it does not fit. */
function funnel(x: Signed, right: Unsigned, amount: Unsigned): { moved: Unsigned; lost: Unsigned } {
  let value: Unsigned = mux(right, x.shl(1).extend(66), x.shl(33)).asUnsigned();
  const sign = x.isNegative();
  let lost = sign.xor(sign);
  for (const [level, distance] of LEVELS.entries()) {
    const chosen = amount.bit(4 - level);
    const width = 33 + distance;
    const dropped = value.bits(Math.min(value.width, width + distance) - 1, width);
    const differs = mux(sign, dropped.all().not(), dropped.any());
    lost = lost.or(differs.and(chosen.not()));
    const upper = value.asSigned().shr(distance).extend(66).truncate(width).asUnsigned();
    value = mux(chosen, upper, value.truncate(width));
  }
  return { moved: value, lost };
}

function saturated(
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
    overflow.xor(overflow),
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
