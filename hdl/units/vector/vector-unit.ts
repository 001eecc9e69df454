import { OPERATIONS } from "../../../src/compile/instruction.ts";
import {
  array,
  bit,
  concat,
  instance,
  module,
  mux,
  named,
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
import { COMMAND, DESCRIPTOR, TEMPERATURE } from "./command.ts";
import { controlsAt, STEP_BITS, stepAt, timingAt } from "./controls.ts";
import { lane } from "./lane.ts";
import { type VectorParameters, type VectorSizes, vectorSizes } from "./parameters.ts";
import { passes } from "./passes.ts";
import { ENTRIES, SCALAR } from "./program.ts";
import { xorshift } from "./random.ts";
import { CHOICE } from "./routes.ts";
import { scalars } from "./scalars.ts";

const DRAWS = 20;

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

      // Sequence of steps.
      const at = register("step", unsigned(STEP_BITS), { reset: 0 });
      const step = stepAt(at);
      const isIdle = at.eq(0);
      const looks = at.eq(1);
      const through = wire("through", bit);
      const segment = register("segment", unsigned(8));
      const drawn = register("drawn", unsigned(5));
      const lastDraw = drawn.eq(DRAWS - 1);
      const more = segment.ne(command.a).and(isOperation("MISC.QUANTIZE"));
      const acts = named(
        "acts",
        step.passes.not().and(step.draws.not()).or(step.passes.and(through)).or(step.draws.and(lastDraw)),
      );
      const entry = priority(
        [
          ...(["NORM", "ROTATE", "QUANTIZE", "SOFTMAX", "SCALE", "SILU", "ADD", "PEAK"] as const).map(
            (name) => [isOperation(`MISC.${name}`), entryOf(name)] as const,
          ),
          ...(sizes.drawing ? [[io.draws, entryOf("DRAW")] as const] : []),
        ],
        entryOf("SAMPLE"),
      );
      when(acts, () => {
        at.set(mux(step.loops.and(more), at.subWrap(2), at.addWrap(1)));
        when(looks, () => at.set(entry));
        when(step.ends, () => at.set(0));
        when(step.next_segment, () => segment.set(segment.addWrap(1)));
        when(step.first_segment.or(looks), () => segment.set(0));
      });
      when(io.start, () => at.set(1));
      when(step.draws, () => drawn.set(drawn.addWrap(1))).otherwise(() => drawn.set(0));
      io.done.set(step.ends.and(isIdle.not()));
      io.busy.set(isIdle.not());

      // Elements.
      const isSoftmax = isOperation("MISC.SOFTMAX");
      const isRotate = isOperation("MISC.ROTATE");
      const half = command.w.bits(countBits, 1);
      const elements = mux(
        isSoftmax,
        fit(io.position.add(1), countBits),
        mux(isRotate, half, command.w.truncate(countBits)),
      );
      const phase = wire("phase", unsigned(2));
      const controls = controlsAt(step.route, phase);
      const timing = timingAt(step.route);
      const x = command.x.truncate(pointerBits);
      const z = command.z.truncate(pointerBits);
      const halfway = fit(half, pointerBits);
      const pass = instance("passes", passes(sizes), {
        passes: step.passes,
        controls,
        timing,
        elements,
        points: step.points,
        x,
        y: mux(isRotate, x.addWrap(halfway), command.y.truncate(pointerBits)),
        second: mux(isRotate, z.addWrap(halfway), x),
        into: select(step.into, [z, x, unsignedConstant(0, pointerBits)]),
        exponents: isSoftmax,
        more,
      });
      phase.set(pass.phase);
      through.set(pass.through);

      // Lanes.
      const scalar = wire("product_of_first", signed(32));
      const resultOfFirst = wire("result_of_first", signed(32));
      const spread = wire("largest_of_all", unsigned(32));
      const magnitude = wire("magnitude_of_all", signed(10));
      const wordsSum = register("words_sum", signed(sizes.sumBits));
      const high = wordsSum.bits(sizes.sumBits - 1, 32).any();
      const takesScalars = controls.addend.eq(CHOICE.addend.sum).and(step.passes.not());
      const scalarSum = mux(
        takesScalars.and(high),
        fit(wordsSum.bits(sizes.sumBits - 1, 16), 32),
        wordsSum.bits(31, 0),
      ).asSigned();
      const part = instance("scalars", scalars(), {
        step,
        acts,
        first: segment.eq(1),
        a: command.a,
        c: command.c,
        has_epsilon: command.y.bit(31),
        descriptor: io.descriptor,
        product: scalar.asUnsigned(),
        high,
        magnitude,
        temperature: io.temperature.exponent,
      });
      const places = select(controls.places, [
        part.first_places.xor(part.first_places),
        part.first_places,
        part.second_places,
        part.third_places,
      ]).extend(10);
      const factor = select(step.factor, [
        scalar.bits(25, 10),
        command.y.bits(15, 0),
        command.y.bits(31, 16),
        io.descriptor.peak.bits(15, 0),
        fit(io.temperature.mantissa.shr(1), 16),
        resultOfFirst.bits(15, 0),
        scalar.bits(25, 10),
      ]).asSigned();
      const made = io.words.map((word, i) =>
        instance(`lane_${i}`, lane(sizes), {
          controls,
          word,
          angle: io.angles[i]!,
          exponent: [io.exponents[i]!.key, io.exponents[i]!.value],
          places,
          wide_codes: command.c.bit(3).or(isOperation("MISC.QUANTIZE").not()),
          factor,
          takes_factor: acts.and(step.factor.ne(SCALAR.factor.none)),
          sum: i === 0 ? scalarSum : wordsSum.bits(31, 0).asSigned(),
          upper_octave: part.octave,
          keeps: pass.keeps[i]!,
          clears: acts.and(step.clear.ne(SCALAR.clear.none)),
          clears_to_zero: step.clear.eq(SCALAR.clear.zero),
          spreads: acts.and(step.spread),
          spread,
          place: pass.place,
          weighs: pass.weighs[i]!,
        }),
      );
      const [firstLane] = made;
      if (firstLane === undefined) throw new RangeError("a vector unit has one lane at least");
      scalar.set(firstLane.product);
      resultOfFirst.set(firstLane.result);

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

      // Sums of words.
      const terms = made.map(({ written }, i) =>
        written.and(pass.adds[i]!.or(step.passes.not()).repeat(32).asSigned()).asUnsigned(),
      );
      const isDraw = isOperation("MISC.SAMPLE").and(step.passes).and(timing.place_3);
      const state = sizes.drawing
        ? instance("random", xorshift(), {
            write: io.seeds,
            seed: io.seed,
            advance: looks.and(isOperation("MISC.SAMPLE")).and(io.draws),
          }).state
        : null;
      const found = register("found", bit);
      const foundAt = register("found_at", unsigned(pointerBits));
      const bits = sizes.sumBits;
      const wide = (value: Unsigned): Signed => value.toSigned().extend(bits);
      if (state === null) {
        const total = terms.map(wide).reduce((a, b) => a.addWrap(b), wordsSum);
        when(
          pass.adds.reduce((a, b) => a.or(b)),
          () => wordsSum.set(total),
        );
        when(acts.and(step.words_sum.eq(SCALAR.sum.add)), () =>
          wordsSum.set(wordsSum.addWrap(wide(made[0]!.written.asUnsigned()))),
        );
      } else {
        let total: Signed = wordsSum;
        let crossed: Unsigned = unsignedConstant(0, 1);
        let crossing: Unsigned = foundAt;
        for (const [i, term] of terms.entries()) {
          total = mux(isDraw, total.subWrap(wide(term)), total.addWrap(wide(term)));
          crossing = mux(crossed.or(total.isNegative().not()), crossing, pass.place.addWrap(i));
          crossed = crossed.or(total.isNegative());
        }
        when(
          pass.adds.reduce((a, b) => a.or(b)),
          () => {
            wordsSum.set(total);
            when(isDraw.and(found.not()).and(crossed), () => {
              found.set(1);
              foundAt.set(crossing);
            });
          },
        );
        when(acts.and(step.words_sum.eq(SCALAR.sum.add)), () =>
          wordsSum.set(wordsSum.addWrap(wide(made[0]!.written.asUnsigned()))),
        );
        const chosen = state.bits(31, 12).bit(drawn);
        when(step.draws, () => {
          found.set(0);
          wordsSum.set(
            wordsSum
              .addWrap(wide(resultOfFirst.asUnsigned().and(chosen.repeat(32))))
              .shr(1)
              .extend(bits),
          );
        });
      }
      when(acts.and(step.words_sum.eq(SCALAR.sum.clear)), () => wordsSum.set(0));

      // Memories.
      io.word_address.set(pass.word_address.truncate(wordBits));
      io.word_place.set(mux(controls.writes_second, pass.place_second, pass.place).truncate(wordBits));
      io.code_place.set(pass.place.truncate(codeBits));
      io.exponent_address.set(pass.exponent_address.truncate(codeBits));
      for (let i = 0; i < lanes; i++) {
        io.word_writes[i]!.set(pass.words[i]!);
        io.words_written[i]!.set(made[i]!.written);
        io.code_writes[i]!.set(pass.codes[i]!);
        io.codes_written[i]!.set(made[i]!.result.truncate(8).and(pass.coded[i]!.repeat(8).asSigned()));
      }
      io.angle_sine.set(controls.sine);
      const group = pass.index.shr(Math.log2(lanes)).extend(countBits);
      io.angle_index.set(register("angle_at", unsigned(countBits), { enable: phase.eq(1), next: group }));

      // Descriptors.
      io.descriptor_address.set(select(step.descriptor, [command.b, command.c, command.b.addWrap(segment)]));
      io.descriptor_writes.set(step.writes.and(acts));
      io.descriptor_place.set(command.d);
      io.descriptor_written.exponent.set(part.sum);
      const inverse = concat(unsignedConstant(0, 10), part.length, firstLane.factor_held);
      io.descriptor_written.peak.set(
        mux(step.writes_inverse, inverse, concat(best.value.bit(31).not(), best.value.bits(30, 0))),
      );
      io.token.set((sizes.drawing ? mux(io.draws, foundAt, best.at) : best.at).truncate(wordBits));
      io.token_picked.set(step.token.and(acts));
    },
  );
}

const entryOf = (name: string): Unsigned => unsignedConstant(ENTRIES[name] ?? 0, STEP_BITS);

/** The low `width` bits, with zeros above where there are not as many. */
const fit = (value: Unsigned, width: number): Unsigned =>
  value.width >= width ? value.truncate(width) : value.extend(width);

export type { VectorSizes };
