import { OPERATIONS } from "../../../src/compile/instruction.ts";
import {
  array,
  bit,
  concat,
  instance,
  memory,
  module,
  mux,
  priority,
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
import { bitLength } from "./bit-length.ts";
import { COMMAND, DESCRIPTOR, TEMPERATURE } from "./command.ts";
import { LANE_FIELDS, lane } from "./lane.ts";
import { ADDRESS_BITS, CHOICE, microcode, only, read, STORED, WORD_COUNT } from "./microcode.ts";
import { type VectorParameters, type VectorSizes, vectorSizes } from "./parameters.ts";
import { PASS_FIELDS, passes } from "./passes.ts";
import { ENTRIES } from "./program.ts";
import { xorshift } from "./random.ts";
import { SCALAR_FIELDS, scalars } from "./scalars.ts";

/** Bits of a random number that a draw uses. */
const DRAWS = 20;

/**
 * Norms, rotations, softmax and the like: all of MISC, `lanes` elements a cycle, microprogrammed (`program.ts`).
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
      const isOperation = (name: keyof typeof OPERATIONS): Unsigned =>
        command.operation.eq(OPERATIONS[name] & 15);

      // Sequence of microcode: the next word's address is known a cycle before.
      const running = register("running", bit, { reset: 0 });
      const at = register("at", unsigned(ADDRESS_BITS), { reset: 0 });
      const next = wire("next", unsigned(ADDRESS_BITS));
      const control = read(
        memory("microcode", STORED, { depth: WORD_COUNT, initial: microcode() }).read(next),
      );
      at.set(next);
      const looks = at.eq(1);
      const through = wire("through", bit);
      const segment = register("segment", unsigned(8));
      const drawn = register("drawn", unsigned(5));
      const isQuantize = isOperation("MISC.QUANTIZE");
      const more = segment.ne(command.a).and(isQuantize);
      const entry = priority(
        [
          ...(
            ["NORM", "ROTATE", "QUANTIZE", "SOFTMAX", "SCALE", "GATE", "MULTIPLY", "ADD", "PEAK"] as const
          ).map((name) => [isOperation(`MISC.${name}`), entryOf(name)] as const),
          ...(sizes.drawing ? [[io.draws, entryOf("DRAW")] as const] : []),
        ],
        entryOf("SAMPLE"),
      );
      const ends = control.ends.and(running);
      const leaves = control.passes.not().or(through);
      const spanMask = concat(control.span.all(), control.span.bit(1), control.span.any());
      // Behind a pass's last word; its block begins at a multiple of its size.
      const from = at.or(spanMask.and(control.passes.repeat(3)).extend(ADDRESS_BITS));
      const back = (mask: Unsigned): Unsigned => at.and(mask.extend(ADDRESS_BITS).not());
      const stays = control.draws.and(drawn.ne(DRAWS - 1));
      next.set(from.addWrap(1));
      when(leaves.not(), () => next.set(mux(control.wraps, back(spanMask), at.addWrap(1))));
      when(control.segments.and(more).and(leaves), () => next.set(back(unsignedConstant(3, 2))));
      when(stays, () => next.set(at));
      when(looks, () => next.set(entry));
      when(ends, () => next.set(0));
      when(running.not(), () => next.set(0));
      when(io.start, () => next.set(1));
      when(ends, () => running.set(0));
      when(io.start, () => running.set(1));
      when(control.segment.eq(CHOICE.segment.next), () => segment.set(segment.addWrap(1)));
      when(control.segment.eq(CHOICE.segment.first).or(looks), () => segment.set(0));
      when(control.draws, () => drawn.set(drawn.addWrap(1))).otherwise(() => drawn.set(0));
      io.done.set(ends);
      io.busy.set(running);

      // Elements.
      const isRotate = isOperation("MISC.ROTATE");
      const half = command.w.bits(countBits, 1);
      const elements = mux(
        isOperation("MISC.SOFTMAX"),
        resized(io.position.add(1), countBits),
        mux(isRotate, half, command.w.truncate(countBits)),
      );
      const pass = instance("passes", passes(sizes), {
        word_now: only(control, PASS_FIELDS),
        elements,
        more,
      });
      through.set(pass.through);
      const { due } = pass;
      const places = resized(pass.result_index, pointerBits);
      const before = register("place_before", unsigned(pointerBits), { next: places });
      const wasDue = register("was_due", bit, { next: due });

      // Lanes.
      const spread = wire("largest_of_all", signed(32));
      const magnitude = wire("magnitude_of_all", signed(10));
      const results = io.words.map((_, i) => wire(`result_of_${i}`, signed(32)));
      const productOfFirst = wire("product_of_first", signed(32));
      const seenOfFirst = wire("seen_of_first", unsigned(32));
      const wordsSum = register("words_sum", unsigned(sizes.sumBits));
      const high = wordsSum.bits(sizes.sumBits - 1, 32).any();
      const part = instance("scalars", scalars(), {
        word_now: only(control, SCALAR_FIELDS),
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
          looked,
          looked,
          (own === firstResult ? own : mux(control.passes, own, firstResult)).bits(15, 0),
          command.y.bits(15, 0),
          command.y.bits(31, 16),
          io.descriptor.peak.bits(15, 0),
          resized(io.temperature.mantissa.shr(1), 16),
        ]).asSigned();
      const takesFactor = control.factor.ne(CHOICE.factor.none).and(control.factor.ne(CHOICE.factor.sigmoid));
      const shared = {
        lands: delayed("lands", control.shift, 3),
        limit: delayed("limit", control.limit, 3),
        multiplied: delayed("multiplied", control.multiply, 1),
        addend: delayed("addend", control.addend, 1),
      };
      // Bits of the state, the lowest first, of which each that is 1 adds the sum of weights.
      const state = sizes.drawing
        ? instance("random", xorshift(), {
            write: io.seeds,
            seed: io.seed,
            advance: looks.and(isOperation("MISC.SAMPLE")).and(io.draws),
          }).state
        : null;
      const drawnBit = state === null ? unsignedConstant(0, 1) : state.bits(31, 12).bit(drawn);
      const found = register("found", bit);
      const keeps = control.passes.and(control.keeps).and(wasDue).and(found.not());
      const wasValid = pass.valid.map((valid, i) => register(`was_valid_${i}`, bit, { next: valid }));
      const seenLengths = io.words.map((_, i) => wire(`seen_length_${i}`, unsigned(6)));
      const made = io.words.map((word, i) =>
        instance(`lane_${i}`, lane(sizes), {
          ...shared,
          word_now: only(control, LANE_FIELDS),
          word,
          sum: wordsSum.bits(31, 0).asSigned(),
          sum_above: resized(wordsSum.bits(sizes.sumBits - 1, 16), 32).asSigned(),
          sum_is_high: high,
          angle: io.angles[i]!,
          exponent: [io.exponents[i]!.key, io.exponents[i]!.value],
          places: ownPlaces,
          wide_codes: command.c.bit(3).or(isQuantize.not()),
          factor: factorFor(results[i] ?? firstResult),
          takes_factor: takesFactor,
          upper_octave: part.octave,
          keeps: keeps.and(wasValid[i]!),
          spread,
          place: before,
          negates: control.draws,
          blanks: control.draws.and(drawnBit.not()),
          halves: delayed(`halves_${i}`, control.draws, 1),
          weighs: control.passes.and(control.weighs).and(wasDue).and(wasValid[i]!),
          seen_length: seenLengths[i]!,
        }),
      );
      const [firstLane] = made;
      if (firstLane === undefined) throw new RangeError("a vector unit has one lane at least");
      for (const [i, { seen }] of made.entries())
        seenLengths[i]?.set(i === 0 ? part.measured : resized(bitLength(seen.bits(15, 0)), 6));
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
      when(control.clears_sum, () => wordsSum.set(0));

      // Memories.
      const x = command.x.truncate(pointerBits);
      const y = command.y.truncate(pointerBits);
      const z = command.z.truncate(pointerBits);
      const halfway = resized(half, pointerBits);
      const begin = mux(control.read_y, mux(isRotate, x.addWrap(halfway), y), x);
      const index = resized(mux(control.lagging, pass.lag, pass.index), pointerBits);
      io.word_address.set(begin.addWrap(index).truncate(wordBits));
      const into = mux(control.into.eq(CHOICE.into.x), x, mux(control.second, z.addWrap(halfway), z));
      const place = into.addWrap(places);
      io.word_place.set(place.truncate(wordBits));
      io.code_place.set(place.truncate(codeBits));
      const token = resized(mux(control.late_exponents, pass.result_index, pass.index), pointerBits);
      io.exponent_address.set(y.addWrap(token.shl(1).truncate(pointerBits)).truncate(codeBits));
      const writes = control.passes.and(due);
      for (let i = 0; i < lanes; i++) {
        const valid = pass.valid[i]!;
        io.word_writes[i]!.set(writes.and(control.writes.eq(CHOICE.writes.words)).and(valid));
        io.words_written[i]!.set(made[i]!.result);
        io.code_writes[i]!.set(writes.and(control.writes.eq(CHOICE.writes.codes)).and(pass.filled[i]!));
        io.codes_written[i]!.set(made[i]!.result.truncate(8).and(valid.repeat(8).asSigned()));
      }
      io.angle_sine.set(control.sine);
      io.angle_index.set(pass.lag.shr(Math.log2(lanes)).extend(countBits));

      // Descriptors.
      io.descriptor_address.set(
        select(control.descriptor, [command.b, command.c, command.b.addWrap(segment)]),
      );
      io.descriptor_writes.set(control.describes.ne(CHOICE.describes.none).and(running));
      io.descriptor_place.set(command.d);
      io.descriptor_written.exponent.set(part.sum);
      const inverse = concat(unsignedConstant(0, 10), part.length, firstLane.factor_held);
      io.descriptor_written.peak.set(
        mux(control.describes.eq(CHOICE.describes.inverse), inverse, best.value.asUnsigned()),
      );
      const isDraw = sizes.drawing ? io.draws : unsignedConstant(0, 1);
      io.token.set(mux(isDraw, firstLane.largest_at, best.at).truncate(wordBits));
      io.token_picked.set(control.token.and(running));
    },
  );
}

function delayed(name: string, value: Unsigned, cycles: number): Unsigned {
  let last = value;
  for (let i = 1; i <= cycles; i++) last = register(`${name}_${i}`, unsigned(value.width), { next: last });
  return last;
}

const entryOf = (name: string): Unsigned => unsignedConstant(ENTRIES[name] ?? 0, ADDRESS_BITS);

/** The low `width` bits, with zeros above where there are not as many. */
const resized = (value: Unsigned, width: number): Unsigned =>
  value.width >= width ? value.truncate(width) : value.extend(width);

export type { VectorSizes };
