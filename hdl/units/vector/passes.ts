import {
  array,
  bit,
  module,
  mux,
  named,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  type ValueOf,
  when,
} from "../../builder/index.ts";
import { CONTROLS, TIMING } from "./controls.ts";
import { LEAST_LATENCY, type VectorSizes } from "./parameters.ts";

/** Codes are written in blocks. */
const BLOCK = 16;
const TAPS = 8;

/**
 * Goes over the elements of a pass: gives out addresses, knows which elements are under way, and when all are through. Outside
 * of a pass the pointers are set, or stay for another segment.
 */
export function passes({ lanes, pointerBits, countBits, latencyCycles }: VectorSizes) {
  const pointer = unsigned(pointerBits);
  const count = unsigned(countBits);
  const slack = latencyCycles - LEAST_LATENCY;
  return module(
    "passes",
    {
      description: `Elements of a pass, ${lanes} at a time.`,
      inputs: {
        passes: bit,
        controls: CONTROLS,
        timing: TIMING,
        elements: count,
        // Where elements begin.
        points: bit,
        x: pointer,
        y: pointer,
        second: pointer,
        into: pointer,
        // Exponents are read through the pointer to y: two bytes a token.
        exponents: bit,
        // Another segment follows: its codes lie behind these ones.
        more: bit,
      },
      outputs: {
        phase: unsigned(2),
        through: bit,
        word_address: pointer,
        exponent_address: pointer,
        // Which element a group of 4 cycles is about.
        index: count,
        place: pointer,
        place_second: pointer,
        words: array(lanes, bit),
        codes: array(lanes, bit),
        // The code is one, otherwise it fills up the block.
        coded: array(lanes, bit),
        keeps: array(lanes, bit),
        adds: array(lanes, bit),
        weighs: array(lanes, bit),
      },
    },
    ({ passes: active, controls, timing, elements, points, more, ...io }) => {
      const phase = register("phase_now", unsigned(2));
      const group = register("groups", unsigned(2));
      const draining = register("draining", bit);
      const drained = register("drained", unsigned(Math.ceil(Math.log2(10 + slack))));
      const index = register("index_now", count);
      const x = register("x_at", pointer);
      const y = register("y_at", pointer);
      const second = register("second_at", pointer);
      const place = register("place_at", pointer);
      const column = register("column", unsigned(4));

      // A segment may begin within a beat that the one before has ended in.
      const first = lanes === 1 ? null : register("first", unsigned(Math.log2(lanes)));
      const total = first === null ? elements : elements.addWrap(first.extend(countBits));
      const beyond = index.add(lanes).ge(total.extend(countBits + 1));
      const writesCodes = timing.code_3.or(timing.code_5);
      const blockEnds = column.eq(BLOCK - lanes === 0 ? 0 : BLOCK - lanes);
      const fills = writesCodes.and(more.not());
      const last = beyond.and(fills.not().or(blockEnds));
      const shares =
        first === null
          ? unsignedConstant(0, 1)
          : last.and(more).and(total.bits(Math.log2(lanes) - 1, 0).any());

      const issuing = active.and(draining.not());
      const late = timing.leads.not().or(group.bit(1));
      const fires = issuing.and(controls.fires).and(late);
      const ends = issuing.and(controls.ends).and(late);
      const lateSecond = group.any();

      phase.set(phase.addWrap(1));
      when(phase.eq(3).and(group.bit(1).not()), () => group.set(group.addWrap(1)));
      const moves = shares.not();
      when(ends, () => {
        index.set(index.addWrap(lanes));
        when(last, () => draining.set(1));
        when(moves, () => column.set(column.addWrap(lanes % BLOCK)));
      });
      when(issuing.and(controls.next_x).and(moves), () => x.set(x.addWrap(lanes)));
      const taken = taps("fired", fires, active);
      const asked = io.exponents
        .and(issuing.and(timing.exponent_0).or(at(taken, 6).and(timing.exponent_6)))
        .or(io.exponents.not().and(issuing).and(controls.next_y).and(late));
      when(asked, () => y.set(mux(io.exponents, y.addWrap(2 * lanes), y.addWrap(lanes))));
      const writes = timing.write_3
        .and(at(taken, 3))
        .or(timing.write_5.and(at(taken, 5)))
        .or(timing.write_7.and(at(taken, 7)));
      const coding = timing.code_3.and(at(taken, 3)).or(timing.code_5.and(at(taken, 5)));
      const placing = timing.place_2.and(at(taken, 2)).or(timing.place_3.and(at(taken, 3)));
      const stays = delayedShares(shares, active, timing);
      when(writes.and(controls.writes_second.not()).or(coding).or(placing).and(stays.not()), () =>
        place.set(place.addWrap(lanes)),
      );
      const nextSecond = issuing
        .and(controls.next_second)
        .and(lateSecond)
        .or(writes.and(controls.writes_second));
      when(nextSecond, () => second.set(second.addWrap(lanes)));

      when(draining, () => drained.set(drained.addWrap(1)));
      const through = active.and(draining).and(
        drained.eq(
          timing.drain
            .extend(drained.width > 4 ? drained.width : 4)
            .truncate(drained.width)
            .addWrap(slack)
            .subWrap(1),
        ),
      );
      io.through.set(through);
      if (first !== null) when(through, () => first.set(total.truncate(Math.log2(lanes))));
      when(active.not().or(through), () => {
        phase.set(0);
        group.set(0);
        draining.set(0);
        drained.set(0);
        index.set(0);
      });
      when(active.not().and(points), () => {
        x.set(io.x);
        y.set(io.y);
        second.set(io.second);
        place.set(io.into);
        column.set(0);
        if (first !== null) first.set(0);
      });

      for (let lane = 0; lane < lanes; lane++) {
        const element = index.add(lane);
        const begun = first === null ? unsignedConstant(1, 1) : index.ne(0).or(first.le(lane));
        const within = element.lt(total.extend(countBits + 1));
        const is = named(`element_${lane}`, begun.and(within));
        const filled = named(`filled_${lane}`, begun.and(within.or(fills)));
        const valid = taps(`valid_${lane}`, fires.and(is), active);
        const coded = taps(`fills_${lane}`, fires.and(filled), active);
        io.words[lane]!.set(
          timing.write_3
            .and(at(valid, 3))
            .or(timing.write_5.and(at(valid, 5)))
            .or(timing.write_7.and(at(valid, 7))),
        );
        io.codes[lane]!.set(timing.code_3.and(at(coded, 3)).or(timing.code_5.and(at(coded, 5))));
        io.coded[lane]!.set(mux(timing.code_3, at(valid, 3), at(valid, 5)));
        io.keeps[lane]!.set(
          timing.keep_2
            .and(at(valid, 2))
            .or(timing.keep_4.and(at(valid, 4)))
            .or(timing.keep_6.and(at(valid, 6))),
        );
        io.adds[lane]!.set(timing.sum_3.and(at(valid, 3)).or(timing.sum_7.and(at(valid, 7))));
        io.weighs[lane]!.set(timing.exponent_6.and(at(valid, 7)));
      }
      io.phase.set(phase);
      io.word_address.set(mux(controls.read.eq(1), y, mux(controls.read.eq(2), second, x)));
      io.exponent_address.set(y);
      io.index.set(index);
      io.place.set(place);
      io.place_second.set(second);
    },
  );
}

/** A bit now, and in the cycles before, as far as they belong to this pass. */
function taps(name: string, value: Unsigned, active: Unsigned): readonly Unsigned[] {
  const all = [value];
  for (let i = 1; i < TAPS; i++)
    all.push(register(`${name}_${i}`, bit, { next: at(all, i - 1).and(active) }));
  return all;
}

function at(list: readonly Unsigned[], i: number): Unsigned {
  const found = list[i];
  if (found === undefined) throw new RangeError(`there is no tap ${i}`);
  return found;
}

/** A beat that the next segment shares is written twice, in parts: the place stays. */
function delayedShares(shares: Unsigned, active: Unsigned, timing: ValueOf<typeof TIMING>): Unsigned {
  const all = taps("shared", shares, active);
  return timing.code_3.and(at(all, 3)).or(timing.code_5.and(at(all, 5)));
}
