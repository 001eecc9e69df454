import {
  array,
  bit,
  concat,
  delayed,
  instance,
  module,
  mux,
  named,
  register,
  type Signed,
  select,
  signed,
  signedConstant,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../builder/index.ts";
import { bitLength } from "./bit-length.ts";
import { CONTROLS } from "./controls.ts";
import { functionTable } from "./function-table.ts";
import { multiplyAdd } from "./multiply-add.ts";
import type { VectorSizes } from "./parameters.ts";
import { CHOICE } from "./routes.ts";
import { shifter } from "./shifter.ts";

/** Half of a product's unit, where a product of 30 bits is cut to 15. */
const HALF = 2 ** 14;
/** Places of the table's products behind the point. */
const FRACTION_BITS = 10;
/** From here on a sigmoid is 0 or 1. */
const SIGMOID_BITS = 15;
/** Below every bit length and exponent together. */
const NO_MAGNITUDE = -256;

/**
 * What is there once for each element of a cycle: a shifter, a multiplier, a table, and a keeper of the largest number. The keeper
 * holds numbers with their sign inverted, so that the least one is 0.
 */
export function lane({ multiplier, pointerBits }: Pick<VectorSizes, "multiplier" | "pointerBits">) {
  return module(
    "vector_lane",
    {
      description: "Shifts, multiplies, looks up and compares one element.",
      inputs: {
        controls: CONTROLS,
        word: signed(32),
        angle: signed(16),
        exponent: array(2, signed(8)),
        // Of the cycle's shift; the token's exponent is subtracted here.
        places: signed(10),
        wide_codes: bit,
        // For all lanes, and when it is taken.
        factor: signed(16),
        takes_factor: bit,
        sum: signed(32),
        upper_octave: bit,
        // The number before is compared with the largest; it becomes 0 or the least; it becomes that of all lanes.
        keeps: bit,
        clears: bit,
        clears_to_zero: bit,
        spreads: bit,
        spread: unsigned(32),
        place: unsigned(pointerBits),
        // An exponential is there.
        weighs: bit,
      },
      outputs: {
        written: signed(32),
        product: signed(32),
        result: signed(32),
        factor_held: signed(16),
        largest: unsigned(32),
        largest_at: unsigned(pointerBits),
        magnitude: signed(10),
      },
    },
    (io) => {
      const { controls, word } = io;
      const is = (choice: Unsigned, number: number): Unsigned => choice.eq(number);
      const product = wire("product_made", signed(32));
      const result = wire("result_made", signed(32));
      const factor = register("factor_taken", signed(16));

      // Keeper.
      const written = named("written_word", mux(controls.writes_product, product, result));
      const looked = mux(is(controls.kept, CHOICE.kept.written), written, word);
      const flips = controls.absolute.and(looked.isNegative());
      const magnitude = looked.xor(flips.repeat(32).asSigned()).addWrap(flips.toSigned().extend(32));
      const seen = register("seen", unsigned(32), {
        next: concat(magnitude.bit(31).not(), magnitude.bits(30, 0)),
      });
      const largest = register("largest_kept", unsigned(32));
      const largestAt = register("place_kept", unsigned(pointerBits));
      const distance = named("distance", largest.sub(seen));
      when(io.keeps.and(distance.isNegative()), () => {
        largest.set(seen);
        largestAt.set(io.place);
      });
      when(io.clears, () => {
        largest.set(0);
        largestAt.set(0);
        when(io.clears_to_zero, () => largest.set(2 ** 31));
      });
      when(io.spreads, () => largest.set(io.spread));

      // Table.
      const away = distance.bits(31, 0);
      const isExp2 = controls.function.eq(0);
      const shortArgument = controls.function.bit(0);
      const argument = mux(
        shortArgument,
        concat(seen.bits(14, 0), unsignedConstant(0, 1)),
        mux(isExp2, away.bits(15, 0), concat(io.upper_octave, seen.bits(14, 0))),
      );
      const { difference, base } = instance("table", functionTable(), {
        function: controls.function,
        piece: argument.bits(15, 10),
      });
      const fraction = delayed("fraction", argument.bits(9, 0));
      // A distance's whole part, when the exponential is shifted by it.
      const whole = delayed("whole_distance", concat(away.bits(31, 20).any(), away.bits(19, 16)), 3);

      // Shifter.
      const x = select(controls.shifted, [word, product, result]);
      const top = controls.unsigned.not().and(x.isNegative());
      const own = select(controls.exponent, [
        signedConstant(0, 8),
        io.exponent[0]!,
        io.exponent[1]!,
        signedConstant(0, 8),
      ]);
      const byDistance = is(controls.exponent, CHOICE.exponent.distance);
      const places = mux(
        byDistance,
        whole.add(FRACTION_BITS).toSigned().extend(10),
        io.places.sub(own).truncate(10),
      );
      const shifted = instance("shift", shifter(), {
        x: concat(top, x).asSigned(),
        places,
        round: controls.round.and(byDistance.not().or(whole.any())),
        accumulate: controls.accumulate,
        limit: controls.limit,
        wide_codes: io.wide_codes,
      });
      result.set(shifted.result);

      // Multiplier.
      const low = (value: Signed): Signed => value.truncate(16);
      const left = select(controls.left, [
        signedConstant(-(2 ** 15), 16),
        low(word),
        low(result),
        difference,
        product.bits(30, 15).asSigned(),
        largest.bits(15, 0).asSigned(),
      ]);
      const right = select(controls.right, [
        signedConstant(0, 16),
        low(word),
        io.angle,
        fraction.toSigned().extend(16),
        low(result),
        factor,
      ]);
      const addend = select(controls.addend, [
        signedConstant(0, 32),
        product,
        concat(base, unsignedConstant(2 ** (FRACTION_BITS - 1), FRACTION_BITS))
          .toSigned()
          .extend(32),
        signedConstant(HALF, 32),
        io.sum,
      ]);
      const leftNegative = delayed("left_negative", left.isNegative());
      const rightNegative = delayed("right_negative", right.isNegative());
      const { sum } = instance("multiply", multiplyAdd(multiplier), {
        a: left,
        b: right,
        addend,
        subtract: select(controls.subtract, [
          unsignedConstant(0, 1),
          unsignedConstant(1, 1),
          rightNegative,
          rightNegative.xor(leftNegative),
        ]),
      });
      product.set(sum);

      // Factor. Where the argument was negative, the sigmoid is one minus what the table says: the factor is that minus one, and its product
      // is subtracted. So is that of a factor of one.
      const flipped = delayed("flipped", flips);
      const negative = register("negative_argument", bit, { enable: controls.marks, next: flipped });
      const beyond = register("beyond_table", bit, {
        enable: controls.marks,
        next: seen.bits(30, SIGMOID_BITS).any().or(seen.bit(31).not()),
      });
      const looked_up = product.bits(FRACTION_BITS + 15, FRACTION_BITS);
      when(is(controls.factor, CHOICE.factor.sigmoid), () => {
        factor.set(
          concat(beyond.xor(negative), looked_up.bits(14, 0).and(beyond.not().repeat(15))).asSigned(),
        );
      });
      when(io.takes_factor, () => factor.set(io.factor));

      // Magnitude of weights and their values: bit length and exponent.
      const length = bitLength(result.bits(15, 0));
      const weighed = register("weighed", signed(10), {
        next: length.toSigned().extend(9).add(io.exponent[1]!).truncate(10),
      });
      const weighs = delayed("weighing", io.weighs.and(length.ne(0)));
      const most = register("magnitude_kept", signed(10));
      when(weighs.and(weighed.gt(most)), () => most.set(weighed));
      when(io.clears, () => most.set(NO_MAGNITUDE));

      io.written.set(written);
      io.product.set(product);
      io.result.set(result);
      io.factor_held.set(factor);
      io.largest.set(largest);
      io.largest_at.set(largestAt);
      io.magnitude.set(most);
    },
  );
}
