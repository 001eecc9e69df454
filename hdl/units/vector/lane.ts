import {
  array,
  bit,
  concat,
  instance,
  module,
  mux,
  named,
  register,
  type Signed,
  select,
  signed,
  signedConstant,
  unsigned,
  unsignedConstant,
  when,
  wire,
} from "../../builder/index.ts";
import { CHOICE } from "./choices.ts";
import { CONTROL, only } from "./control.ts";
import { delayed } from "./delay.ts";
import { functionTable } from "./function-table.ts";
import { multiplyAdd } from "./multiply-add.ts";
import type { VectorSizes } from "./parameters.ts";
import { saturated } from "./saturate.ts";
import { shifter } from "./shifter.ts";

/** Places of the table's products behind the point. */
const FRACTION_BITS = 10;
/** From here on a sigmoid is 0 or 1. */
const SIGMOID_BITS = 15;
/** Below every bit length and exponent together. */
const NO_MAGNITUDE = -256;

/** Fields of microcode that lanes look at. */
export const LANE_FIELDS = [
  "passes",
  "operand",
  "exponent",
  "left",
  "right",
  "subtracts",
  "subtracts_negative",
  "subtracts_signs",
  "takes_factor",
  "takes_sigmoid",
  "looks",
  "function",
  "absolute",
  "clears",
  "clears_to_lowest",
  "spreads",
] as const;

/**
 * What is there once for each element of a cycle: a shifter, a multiplier, a table, and a keeper of the largest number. The result
 * follows the shifter's operand by 4 cycles and stays until the next; `seen` follows the result by 1; the product follows its
 * factors by 2.
 */
export function lane({
  multiplier,
  pointerBits,
  drawing,
}: Pick<VectorSizes, "multiplier" | "pointerBits" | "drawing">) {
  return module(
    "vector_lane",
    {
      description: "Shifts, multiplies, looks up and compares one element.",
      inputs: {
        control: only(CONTROL, LANE_FIELDS),
        word: signed(32),
        // The sum's lowest 32 bits; those above the lowest 16, which count where it has more than 32.
        sum: signed(32),
        sum_above: signed(32),
        sum_is_high: bit,
        angle: signed(16),
        exponent: array(2, signed(8)),
        places: signed(9),
        // What concerns a shift of 3 cycles ago, and a product of 1 cycle ago.
        lands: bit,
        limit: unsigned(2),
        multiplied: bit,
        addend: unsigned(2),
        wide_codes: bit,
        factor: signed(16),
        upper_octave: bit,
        // The number seen is compared with the largest; it becomes the largest of all lanes.
        keeps: bit,
        spread: signed(32),
        place: unsigned(pointerBits),
        // Minus the result is seen, or nothing; the largest becomes half of its distance from that.
        negates: bit,
        blanks: bit,
        halves: bit,
        // An exponential was seen in the cycle before, of so many bits; its value's exponent is there.
        weighs: bit,
        seen_length: unsigned(6),
      },
      outputs: {
        product: signed(32),
        result: signed(32),
        seen: unsigned(32),
        largest: signed(32),
        largest_at: unsigned(pointerBits),
        greater: bit,
        magnitude: signed(10),
      },
    },
    (io) => {
      const { control } = io;
      const product = wire("product_made", signed(32));
      const result = register("result_taken", signed(32));
      const factor = register("factor_taken", signed(16));

      // Keeper. What is seen is kept with its bits inverted.
      const flips = named("flips", control.absolute.and(result.isNegative()).or(io.negates));
      const seenNot = register("seen_not", signed(32));
      seenNot.set(mux(flips, result.addWrap(-1), result.not()));
      when(io.blanks, () => seenNot.set(-1));
      const flipped = register("flipped", bit, { next: flips });
      const seen = named("seen_now", seenNot.not().asUnsigned());
      const largest = register("largest_kept", signed(32));
      const largestAt = register("place_kept", unsigned(pointerBits));
      // largest − seen
      const one = unsignedConstant(1, 1);
      const distance = named(
        "distance",
        concat(largest, one).asSigned().add(concat(seenNot, one).asSigned()).shr(1).truncate(33),
      );
      const greater = distance.isNegative();
      when(io.keeps.and(greater), () => {
        largest.set(seen.asSigned());
        largestAt.set(io.place);
      });
      if (drawing) when(io.halves, () => largest.set(distance.shr(1)));
      when(control.clears, () => {
        largestAt.set(0);
        largest.set(concat(control.clears_to_lowest, unsignedConstant(0, 31)).asSigned());
      });
      when(control.spreads, () => largest.set(io.spread));

      // Table.
      const isExp2 = control.function.eq(CHOICE.function.exp2);
      const shortArgument = control.function.bit(0);
      const argument = mux(
        shortArgument,
        concat(seen.bits(14, 0), unsignedConstant(0, 1)),
        mux(isExp2, distance.bits(15, 0), concat(io.upper_octave, seen.bits(14, 0))),
      );
      const { difference, base } = instance("table", functionTable(), {
        function: control.function,
        piece: argument.bits(15, 10),
        looks: control.looks,
      });
      const fraction = register("fraction", unsigned(10), {
        enable: control.looks,
        next: argument.bits(9, 0),
      });
      // A distance's whole part, when the exponential is shifted by it.
      const farAway = distance.bits(31, 20).any();
      const whole = delayed("whole", concat(farAway, distance.bits(19, 16)), 4);

      // Shifter. Its places count from -1.
      const isSum = control.operand.bit(1);
      const source = concat(isSum, mux(isSum, io.sum_is_high, control.operand.bit(0)));
      const x = select(source, [io.word, product, io.sum, io.sum_above]);
      const own = select(control.exponent, [
        signedConstant(-1, 8),
        io.exponent[0]!.not(),
        io.exponent[1]!.not(),
        whole.toSigned().extend(8),
      ]);
      const byDistance = control.exponent.eq(CHOICE.exponent.distance);
      const { moved, overflow, negative } = instance("shift", shifter(multiplier), {
        x,
        places: io.places.add(own),
        round: control.passes.and(byDistance.not().or(whole.any())),
        unsigned: control.passes.not(),
      });
      when(io.lands, () => result.set(saturated(moved, overflow, negative, io.limit, io.wide_codes)));

      // Multiplier.
      const low = (value: Signed): Signed => value.truncate(16);
      const left = select(control.left, [
        low(result),
        difference,
        signedConstant(-(2 ** 15), 16),
        ...(drawing ? [low(largest)] : []),
      ]);
      const right = select(control.right, [low(result), factor, io.angle, fraction.toSigned().extend(16)]);
      const addend = select(io.addend, [
        signedConstant(0, 32),
        product,
        concat(base, unsignedConstant(2 ** (FRACTION_BITS - 1), FRACTION_BITS))
          .toSigned()
          .extend(32),
      ]);
      const [leftNegative, rightNegative] = [left.isNegative(), right.isNegative()];
      const subtracts = register("subtracts", bit, {
        next: control.subtracts
          .or(control.subtracts_negative.and(rightNegative))
          .or(control.subtracts_signs.and(rightNegative.xor(leftNegative))),
      });
      const { sum } = instance("multiply", multiplyAdd(multiplier), {
        a: left,
        b: right,
        addend,
        subtract: subtracts,
        holds: io.multiplied.not(),
      });
      product.set(sum);

      // Factor. Where the argument was negative, the sigmoid is one minus what the table says: the factor is that minus one, and its
      // product is subtracted. So is that of a factor of one.
      const marked = register("marked", unsigned(2), {
        enable: control.looks,
        next: concat(seen.bits(31, SIGMOID_BITS).any(), flipped),
      });
      const [beyond, below] = [marked.bit(1), marked.bit(0)];
      const looked = product.bits(FRACTION_BITS + 15, FRACTION_BITS);
      when(control.takes_sigmoid, () => {
        factor.set(concat(beyond.xor(below), looked.bits(14, 0).and(beyond.not().repeat(15))).asSigned());
      });
      when(control.takes_factor, () => factor.set(io.factor));

      // Magnitude of weights and their values: bit length and exponent.
      const length = io.seen_length;
      const weighed = named("weighed", length.toSigned().extend(9).add(io.exponent[1]!).truncate(10));
      const most = register("magnitude_kept", signed(10));
      when(io.weighs.and(length.any()).and(weighed.gt(most)), () => most.set(weighed));
      when(control.clears, () => most.set(NO_MAGNITUDE));

      io.product.set(product);
      io.result.set(result);
      io.seen.set(seen);
      io.largest.set(largest);
      io.largest_at.set(largestAt);
      io.greater.set(greater);
      io.magnitude.set(most);
    },
  );
}
