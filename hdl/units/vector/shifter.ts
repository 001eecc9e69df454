import {
  bit,
  concat,
  instance,
  module,
  mux,
  register,
  type Signed,
  select,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
} from "../../builder/index.ts";
import { MAC16_IDLE, mac16 } from "../../primitives/ice40/index.ts";
import { delayed } from "./delay.ts";
import type { MultiplierKind } from "./parameters.ts";

/** To how many bits a result is saturated. */
export const LIMIT = { none: 0, word: 1, mantissa: 2, code: 3 } as const;

/** Cycles from a number to what it is shifted to. */
const SHIFTER_CYCLES = 3;

/**
 * floor(x / 2^n + 1/2), or without the half, for n = places + 1; a negative n shifts left. `overflow`: it does not fit 32 bits;
 * `negative`: the number's sign. All of it 3 cycles later.
 */
export function shifter(kind: MultiplierKind) {
  return module(
    "shifter",
    {
      description: `Shifts by any number of places, and rounds, ${kind === "mac16" ? "in two SB_MAC16" : "in logic"}.`,
      inputs: { x: signed(32), places: signed(10), round: bit, unsigned: bit },
      outputs: { moved: signed(32), overflow: bit, negative: bit },
    },
    ({ x, places, round, unsigned: isUnsigned, moved, overflow, negative }) => {
      const left = places.isNegative();
      const nothing = left.not().and(places.bits(8, 5).any());
      // What is shifted left by more than 31 is too large, or zero.
      const tooFar = left.and(places.bits(8, 5).all().not());
      const amount = places.bits(3, 0).not().or(tooFar.repeat(4));
      const window = places
        .bits(5, 4)
        .and(concat(unsignedConstant(1, 1), tooFar.not()))
        .or(concat(tooFar, unsignedConstant(0, 1)));
      const rounds = round.and(nothing.not());
      const roundsNear = rounds.and(window.eq(WINDOW.near));
      const roundsFar = rounds.and(window.eq(WINDOW.far));

      const power = unsignedConstant(1, 1).shl(amount).truncate(16).and(nothing.not().repeat(16));
      const product = kind === "mac16" ? productInCells : productInLogic;
      const whole = product({ x, power, roundsNear, roundsFar, isUnsigned });
      const high = whole.bits(47, 16);
      const low = whole.bits(15, 0);
      const at = delayed("window", window, SHIFTER_CYCLES);
      moved.set(
        select(at, [
          high,
          concat(high.bits(31, 16).asSigned().extend(32)),
          concat(low, unsignedConstant(0, 16)),
          concat(high.bits(15, 0), low),
        ]).asSigned(),
      );
      const differs = (lowest: number): Unsigned => {
        const top = whole.bits(47, lowest);
        return top.any().and(top.all().not());
      };
      overflow.set(at.bit(1).and(mux(at.bit(0), differs(31), differs(15))));
      negative.set(whole.bit(47));
    },
  );
}

/** Which 32 of 64 bits a shift gives, by the upper bits of places: to the right by up to 16 or 32, to the left by up to 31 or 15. */
const WINDOW = { near: 0, far: 1 } as const;

interface Factors {
  readonly x: Signed;
  /** A power of two, or 0. */
  readonly power: Unsigned;
  /** 2^15 or 2^31 is added. */
  readonly roundsNear: Unsigned;
  readonly roundsFar: Unsigned;
  readonly isUnsigned: Unsigned;
}

/** x · power and the half, 48 bits, three cycles later. */
function productInLogic({ x, power, roundsNear, roundsFar, isUnsigned }: Factors): Unsigned {
  const top = isUnsigned.not().and(x.isNegative());
  const wide = register("x_taken", signed(33), { next: concat(top, x).asSigned() });
  const by = register("power_taken", unsigned(16), { next: power });
  const halves = register("halves_taken", unsigned(2), { next: concat(roundsFar, roundsNear) });
  const half = concat(halves.bit(1), unsignedConstant(0, 15), halves.bit(0), unsignedConstant(0, 15));
  const product = wide.mul(by.toSigned()).extend(52).add(half.toSigned()).truncate(48);
  return delayed("product", product.asUnsigned(), SHIFTER_CYCLES - 1);
}

/** The same in two cells: the lower half and the rounding in the first one, whose upper half goes on to the second. */
function productInCells({ x, power, roundsNear, roundsFar, isUnsigned }: Factors): Unsigned {
  const lowest = instance("low", LOW, {
    ...MAC16_IDLE,
    A: x.bits(15, 0),
    B: power,
    C: concat(roundsFar, unsignedConstant(0, 15)),
    D: concat(roundsNear, unsignedConstant(0, 15)),
  }).O;
  // A highest bit that is no sign: power · 2^32 more.
  const noSign = register("no_sign", bit, { next: isUnsigned.and(x.isNegative()) });
  const correction = register("power_taken", unsigned(16), { next: power }).and(noSign.repeat(16));
  const highest = instance("high", HIGH, {
    ...MAC16_IDLE,
    A: x.bits(31, 16),
    B: power,
    C: correction,
    D: lowest.bits(31, 16),
  }).O;
  return concat(highest, register("lowest", unsigned(16), { next: lowest.bits(15, 0) }));
}

const HALF = { output: "accumulator", lower: "product16x16", upper: "input" } as const;
const LOW = mac16({
  a: { registered: true },
  b: { registered: true },
  c: { registered: true },
  d: { registered: true },
  top: { ...HALF, carry: "accumulator" },
  bottom: HALF,
});
const HIGH = mac16({
  a: { signed: true, registered: true },
  b: { registered: true },
  c: { registered: true },
  pipeline: { product16x16: true },
  top: { ...HALF, carry: "accumulator" },
  bottom: HALF,
});
