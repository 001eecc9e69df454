import type { OPERATIONS } from "../../../src/compile/instruction.ts";
import {
  array,
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
  when,
  wire,
} from "../../builder/index.ts";
import { resized } from "../resized.ts";
import { bitLength } from "./bit-length.ts";
import { CHOICE } from "./choices.ts";
import { COMMAND, DESCRIPTOR, TEMPERATURE } from "./command.ts";
import { isOperation, only } from "./control.ts";
import { delayed } from "./delay.ts";
import { LANE_FIELDS, lane } from "./lane.ts";
import { type VectorParameters, type VectorSizes, vectorSizes } from "./parameters.ts";
import { PASS_FIELDS, passes } from "./passes.ts";
import { xorshift } from "./random.ts";
import { SCALAR_FIELDS, scalars } from "./scalars.ts";
import { sequence } from "./sequence.ts";

/**
 * Norms, rotations, softmax and the like: all of MISC, `lanes` elements a cycle, microprogrammed (`programs.ts`).
 *
 * - `start` takes an instruction that counts from the next cycle on; `done` says that it is over in the next cycle. From the cycle
 *   after `start` to `done`, `command`, `position`, `draws` and `temperature` stay as they are.
 * - `words`, `exponents`, `angles` and `descriptor` are what stood at the address of the cycle before. Lane i reads and writes the
 *   word at the address + i, and the key's and value's exponents at the address + 2i and + 2i + 1; of the angles the cosines, or
 *   the sines where `angle_sine` is 1, from element lanes · `angle_index` on.
 * - What is written in a cycle, reads have to see whose address comes in the next one.
 * - A descriptor's exponent, and any sum of three of them, has to lie within ±2^13.
 * - `seeds` writes the state of the random numbers; it has to be other than 0, and written while no instruction runs.
 * @throws RangeError where such a unit cannot be built
 */
export function vectorUnit(parameters: VectorParameters) {
  const sizes = vectorSizes(parameters);
  const { lanes, wordBits, codeBits, countBits, pointerBits } = sizes;
  return module(
    "vector_unit",
    {
      description: `Norms, rotations, softmax and the like, ${lanes} elements a cycle.`,
      inputs: {
        start: bit,
        command: COMMAND,
        position: unsigned(16),
        draws: bit,
        temperature: TEMPERATURE,
        seed: unsigned(32),
        seeds: bit,
        words: array(lanes, signed(32)),
        exponents: array(lanes, { key: signed(8), value: signed(8) }),
        angles: array(lanes, signed(16)),
        descriptor: DESCRIPTOR,
      },
      outputs: {
        done: bit,
        busy: bit,
        word_address: unsigned(wordBits),
        word_writes: array(lanes, bit),
        word_place: unsigned(wordBits),
        words_written: array(lanes, signed(32)),
        exponent_address: unsigned(codeBits),
        code_writes: array(lanes, bit),
        code_place: unsigned(codeBits),
        codes_written: array(lanes, signed(8)),
        angle_sine: bit,
        angle_index: unsigned(countBits),
        descriptor_address: unsigned(8),
        descriptor_writes: bit,
        descriptor_place: unsigned(8),
        descriptor_written: DESCRIPTOR,
        token: unsigned(wordBits),
        token_picked: bit,
      },
    },
    (io) => {
      const { command } = io;
      const is = (name: keyof typeof OPERATIONS): Unsigned => isOperation(command.operation, name);
      const through = wire("through", bit);
      const sequencer = instance("sequence", sequence(sizes), {
        start: io.start,
        operation: command.operation,
        segments: command.a,
        draws: io.draws,
        through,
      });
      const { control, looks, running, more } = sequencer;
      io.done.set(sequencer.ends);
      io.busy.set(running);

      // Elements.
      const isRotate = is("MISC.ROTATE");
      const isQuantize = is("MISC.QUANTIZE");
      const half = command.w.bits(countBits, 1);
      const isSoftmax = is("MISC.SOFTMAX");
      const elements = mux(
        isSoftmax,
        resized(io.position, countBits),
        mux(isRotate, half, command.w.truncate(countBits)),
      );
      const pass = instance("passes", passes(sizes), {
        control: only(control, PASS_FIELDS),
        rewinds: looks.or(isQuantize.not()),
        looks,
        elements,
        one_more: isSoftmax,
        more,
      });
      through.set(pass.through);
      const { due } = pass;
      const places = resized(pass.result_index, pointerBits);
      const before = register("place_before", unsigned(pointerBits), { next: places });
      const wasDue = register("was_due", bit, { next: due });

      // Lanes.
      const spread = wire("largest_of_all", signed(32));
      const laneControl = only(control, LANE_FIELDS);
      const magnitude = wire("magnitude_of_all", signed(10));
      const results = io.words.map((_, i) => wire(`result_of_${i}`, signed(32)));
      const productOfFirst = wire("product_of_first", signed(32));
      const seenOfFirst = wire("seen_of_first", unsigned(32));
      const wordsSum = register("words_sum", unsigned(sizes.sumBits));
      const high = wordsSum.bits(sizes.sumBits - 1, 32).any();
      const part = instance("scalars", scalars(), {
        control: only(control, SCALAR_FIELDS),
        a: command.a,
        c: command.c,
        has_epsilon: command.y.bit(31),
        descriptor: io.descriptor,
        seen: seenOfFirst,
        shifts_sum: control.shift.and(control.operand.eq(CHOICE.operand.sum)),
        high,
        magnitude,
        temperature: io.temperature.exponent,
      });
      const ownPlaces = select(control.places, [
        part.first_places.xor(part.first_places),
        part.first_places,
        part.second_places,
        part.third_places,
      ]);
      const looked = productOfFirst.bits(25, 10);
      // In passes a lane takes its own result, elsewhere all take the first one's.
      const [firstResult] = results;
      if (firstResult === undefined) throw new RangeError("a vector unit has one lane at least");
      const factorFor = (own: Signed): Signed =>
        select(control.factor, [
          (own === firstResult ? own : mux(control.passes, own, firstResult)).bits(15, 0),
          command.y.bits(15, 0),
          command.y.bits(31, 16),
          io.descriptor.peak.bits(15, 0),
          resized(io.temperature.mantissa.shr(1), 16),
        ]).asSigned();
      const shared = {
        lands: delayed("lands", control.shift, 3),
        limit: delayed("limit", control.limit, 3),
        multiplied: delayed("multiplied", control.multiplies, 1),
        addend: delayed("addend", control.addend, 1),
      };
      // Bits of the state, the lowest first, of which each that is 1 adds the sum of weights.
      const state = sizes.drawing
        ? instance("random", xorshift(), {
            write: io.seeds,
            seed: io.seed,
            advance: looks.and(is("MISC.SAMPLE")).and(io.draws),
          }).state
        : null;
      const drawnBit = state === null ? unsignedConstant(0, 1) : state.bits(31, 12).bit(sequencer.drawn);
      const found = register("found", bit);
      const keeps = control.keeps.and(wasDue).and(found.not());
      const wasValid = pass.valid.map((valid, i) => register(`was_valid_${i}`, bit, { next: valid }));
      const seenLengths = io.words.map((_, i) => wire(`seen_length_${i}`, unsigned(6)));
      const made = io.words.map((word, i) =>
        instance(`lane_${i}`, lane(sizes), {
          ...shared,
          // A lane alone knows the largest of all.
          control: lanes > 1 ? laneControl : { ...laneControl, spreads: unsignedConstant(0, 1) },
          word,
          sum: wordsSum.bits(31, 0).asSigned(),
          sum_above: resized(wordsSum.bits(sizes.sumBits - 1, 16), 32).asSigned(),
          sum_is_high: high,
          angle: io.angles[i]!,
          exponent: [io.exponents[i]!.key, io.exponents[i]!.value],
          places: ownPlaces,
          wide_codes: command.c.bit(3).or(isQuantize.not()),
          factor: factorFor(results[i] ?? firstResult),
          upper_octave: part.octave,
          keeps: keeps.and(wasValid[i]!),
          spread,
          place: before,
          negates: control.draws,
          blanks: control.draws.and(drawnBit.not()),
          halves: delayed(`halves_${i}`, control.draws, 1),
          weighs: register(`weighs_${i}`, bit, { next: control.weighs.and(wasDue).and(wasValid[i]!) }),
          seen_length: seenLengths[i]!,
        }),
      );
      const [firstLane] = made;
      if (firstLane === undefined) throw new RangeError("a vector unit has one lane at least");
      for (const [i, { seen }] of made.entries())
        seenLengths[i]?.set(
          i === 0
            ? part.length
            : register(`length_${i}`, unsigned(6), { next: resized(bitLength(seen.bits(15, 0)), 6) }),
        );
      results.forEach((result, i) => {
        result.set(made[i]?.result ?? firstLane.result);
      });
      productOfFirst.set(firstLane.product);
      seenOfFirst.set(firstLane.seen);
      when(control.finds.and(keeps).and(wasValid[0]!).and(firstLane.greater), () => found.set(1));
      when(looks, () => found.set(0));

      // What all lanes have together.
      const best = made
        .map(({ largest, largest_at }, i) => ({
          value: largest,
          at: i === 0 ? largest_at : largest_at.addWrap(i),
        }))
        .reduce((a, b) => {
          const later = b.value.gt(a.value).or(b.value.eq(a.value).and(b.at.lt(a.at)));
          return { value: mux(later, b.value, a.value), at: mux(later, b.at, a.at) };
        });
      spread.set(best.value);
      magnitude.set(made.map((one) => one.magnitude).reduce((a, b) => mux(b.gt(a), b, a)));

      // The sum of words.
      const adds = mux(
        control.passes,
        control.gathers.and(mux(control.finds, pass.early, due)),
        control.adds,
      );
      const total = made.reduce((all, { result }, i) => {
        const term = result.asUnsigned();
        // Whoever is alone in a cycle adds when it is time.
        const others = i === 0 ? control.passes.not().or(control.finds) : unsignedConstant(0, 1);
        const own = pass.valid[i]?.and(control.passes) ?? others;
        const taken = lanes === 1 ? term : term.and(own.or(others).repeat(32));
        return all.addWrap(taken.extend(sizes.sumBits));
      }, wordsSum as Unsigned);
      when(adds, () => wordsSum.set(total));
      when(control.clears, () => wordsSum.set(0));

      // Memories.
      const x = command.x.truncate(pointerBits);
      const y = command.y.truncate(pointerBits);
      const z = command.z.truncate(pointerBits);
      const halfway = resized(half, pointerBits);
      const begin = mux(control.read_y, mux(isRotate, x.addWrap(halfway), y), x);
      const index = resized(mux(control.lagging, pass.lag, pass.index), pointerBits);
      io.word_address.set(begin.addWrap(index).truncate(wordBits));
      const into = mux(control.in_place, x, mux(control.second, z.addWrap(halfway), z));
      const place = into.addWrap(places);
      io.word_place.set(place.truncate(wordBits));
      io.code_place.set(place.truncate(codeBits));
      const token = resized(mux(control.weighs, before, resized(pass.index, pointerBits)), pointerBits);
      io.exponent_address.set(y.addWrap(token.shl(1).truncate(pointerBits)).truncate(codeBits));
      for (let i = 0; i < lanes; i++) {
        const valid = pass.valid[i]!;
        io.word_writes[i]!.set(due.and(control.writes_words).and(valid));
        io.words_written[i]!.set(made[i]!.result);
        io.code_writes[i]!.set(due.and(control.writes_codes).and(pass.filled[i]!));
        io.codes_written[i]!.set(made[i]!.result.truncate(8).and(valid.repeat(8).asSigned()));
      }
      io.angle_sine.set(control.sine);
      io.angle_index.set(pass.lag.shr(Math.log2(lanes)).extend(countBits));

      // Descriptors.
      io.descriptor_address.set(mux(control.descriptor, command.c, command.b.addWrap(sequencer.segment)));
      io.descriptor_writes.set(sequencer.ends.and(control.with_token.not()));
      io.descriptor_place.set(command.d);
      io.descriptor_written.exponent.set(part.sum);
      // Where the inverse is written, the largest is 0.
      const inverse = concat(part.length, looked);
      const largest = best.value.asUnsigned();
      io.descriptor_written.peak.set(
        concat(
          largest.bits(31, inverse.width),
          mux(control.with_inverse, inverse, largest.truncate(inverse.width)),
        ),
      );
      const isDraw = sizes.drawing ? io.draws : unsignedConstant(0, 1);
      io.token.set(mux(isDraw, firstLane.largest_at, best.at).truncate(wordBits));
      io.token_picked.set(sequencer.ends.and(control.with_token));
    },
  );
}

export type { VectorSizes };
