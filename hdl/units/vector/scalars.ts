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
  signedConstant,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitLength } from "./bit-length.ts";
import { CHOICE } from "./choices.ts";
import { DESCRIPTOR } from "./command.ts";
import { CONTROL, only } from "./control.ts";

/** Bits of exponents and what is made of them. */
const BITS = 16;
/** The length of nothing: any number of something is longer. */
const NO_LENGTH = -(2 ** 14);
const PLACES_BITS = 9;

/** Fields of microcode that scalars look at. */
export const SCALAR_FIELDS = [
  "passes",
  "base",
  "term",
  "minus",
  "keep",
  "put",
  "length",
  "marks_zero",
  "if_none",
  "unless_zero",
] as const;

/** Exponents, lengths and numbers of places: an adder, and the registers around it. */
export function scalars() {
  const number = signed(BITS);
  const places = signed(PLACES_BITS);
  return module(
    "scalars",
    {
      description: "Exponents, bit lengths and numbers of places.",
      inputs: {
        control: only(CONTROL, SCALAR_FIELDS),
        a: unsigned(8),
        c: unsigned(8),
        has_epsilon: bit,
        descriptor: DESCRIPTOR,
        seen: unsigned(32),
        // The sum is shifted, and has more than 32 bits.
        shifts_sum: bit,
        high: bit,
        magnitude: signed(10),
        temperature: signed(8),
      },
      outputs: {
        sum: number,
        // In passes, that of what was seen in the cycle before.
        length: unsigned(6),
        first_places: places,
        second_places: places,
        third_places: places,
        octave: bit,
      },
    },
    ({ control: step, descriptor, ...io }) => {
      const sum = register("sum_taken", number);
      const kept = register("kept", number);
      const length = register("length_taken", unsigned(6));
      const first = register("first_taken", places);
      const second = register("second_taken", places);
      const third = register("third_taken", places);
      const high = register("high_taken", bit);
      const zero = register("zero_taken", bit);
      const octave = register("octave_taken", bit);
      const wide = (value: Signed | Unsigned): Signed =>
        ("toSigned" in value ? value.toSigned() : value).extend(BITS);

      const none = kept
        .bits(BITS - 2, BITS - 3)
        .all()
        .not()
        .and(kept.isNegative());
      // No instruction takes 0: it stands for 16.
      const constant = concat(step.term.bits(3, 0).any().not(), step.term.bits(3, 0));
      const variable = select(step.term.truncate(4), [
        signedConstant(0, BITS),
        descriptor.exponent,
        mux(length.any(), wide(length), signedConstant(NO_LENGTH, BITS)),
        kept,
        wide(io.a),
        wide(io.c),
        wide(io.magnitude),
        wide(io.temperature),
        mux(io.c.bit(3), signedConstant(7, BITS), signedConstant(3, BITS)),
        mux(io.has_epsilon, signedConstant(16, BITS), signedConstant(2 ** 13, BITS)),
        mux(high, signedConstant(16, BITS), signedConstant(0, BITS)),
        signedConstant(NO_LENGTH, BITS),
      ]);
      const right = mux(step.term.bit(4), wide(constant), variable);
      const fitsByte = sum
        .bits(BITS - 1, 7)
        .all()
        .or(
          sum
            .bits(BITS - 1, 7)
            .any()
            .not(),
        );
      const byte = mux(
        fitsByte,
        sum,
        mux(sum.isNegative(), signedConstant(-128, BITS), signedConstant(127, BITS)),
      );
      const left = select(step.base, [
        sum,
        signedConstant(0, BITS),
        mux(sum.isNegative(), signedConstant(0, BITS), sum),
        byte,
      ]);
      const made = named("made", mux(step.minus, left.subWrap(right), left.addWrap(right)));
      // Places follow the sum by a cycle.
      const limited = sum.saturate(PLACES_BITS);
      const put = register("put_before", unsigned(2), {
        next: select(step.passes, [step.put, unsignedConstant(0, 2)]),
      });
      const rests = step.unless_zero.and(zero).or(step.if_none.and(none.not()));
      const measures = bitLength(mux(step.length.bit(1), descriptor.peak, io.seen));

      when(put.eq(CHOICE.put.first), () => first.set(limited));
      when(put.eq(CHOICE.put.second), () => second.set(limited));
      when(put.eq(CHOICE.put.third), () => third.set(limited));
      when(step.passes.not(), () => {
        when(rests.not(), () => sum.set(made));
        when(step.keep.eq(CHOICE.keep.sum), () => kept.set(made));
        when(step.keep.eq(CHOICE.keep.half), () => {
          kept.set(made.shr(1).extend(BITS));
          octave.set(made.bit(0));
        });
        when(io.shifts_sum, () => high.set(io.high));
        when(step.marks_zero, () => zero.set(length.eq(0)));
      });
      when(step.passes.or(step.length.ne(CHOICE.length.none)), () => length.set(measures));
      when(step.passes.not().and(step.length.eq(CHOICE.length.inverse)), () =>
        length.set(descriptor.peak.bits(21, 16)),
      );
      io.sum.set(sum);
      io.length.set(length);
      io.first_places.set(first);
      io.second_places.set(second);
      io.third_places.set(third);
      io.octave.set(octave);
    },
  );
}
