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
  when,
  wire,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";
import { CHOICE, TAPS } from "./choices.ts";
import { CONTROL, only } from "./control.ts";
import { LEAST_LATENCY, type VectorSizes } from "./parameters.ts";

/** Codes are written in blocks. */
const BLOCK = 16;

/** Fields of microcode that a pass looks at. */
export const PASS_FIELDS = [
  "passes",
  "lagging",
  "captures",
  "moves",
  "fires",
  "tap",
  "counts_second",
  "finds",
  "writes_codes",
  "second",
] as const;

/**
 * Goes over the elements of a pass: counts those that are read and those whose results are there, and knows when all are
 * through. Segments lie one behind the other, in beats of `lanes`; a beat that two of them share is gone over twice.
 */
export function passes({ lanes, countBits, latencyCycles }: VectorSizes) {
  const count = unsigned(countBits);
  const slack = latencyCycles - LEAST_LATENCY;
  const longest = Math.max(...Object.values(TAPS));
  return module(
    "passes",
    {
      description: `Elements of a pass, ${lanes} at a time.`,
      inputs: {
        control: only(CONTROL, PASS_FIELDS),
        elements: count,
        // An instruction begins; it goes over so many elements, or one more, in each segment.
        looks: bit,
        one_more: bit,
        // Outside of passes: the next one begins with the first element.
        rewinds: bit,
        // Another segment follows: its codes lie behind these ones.
        more: bit,
      },
      outputs: {
        through: bit,
        // The element that is read, one that was read before, and the one whose result is there.
        index: count,
        lag: count,
        result_index: count,
        due: bit,
        // The word's result is there, where `due` waits for what is made of it.
        early: bit,
        // Which lanes' results are elements; which codes are written, be it to fill up the block.
        valid: array(lanes, bit),
        filled: array(lanes, bit),
      },
    },
    ({ control, elements, looks, one_more: oneMore, rewinds, more, ...io }) => {
      const active = control.passes;
      const index = register("index_now", count);
      const lag = register("index_before", count);
      const resultIndex = register("index_of_result", count);
      const to = register("segment_end", count);
      const draining = register("draining", bit);
      const low = Math.log2(lanes);
      const beat = (value: Unsigned): Unsigned =>
        low === 0 ? value : value.shr(low).shl(low).extend(countBits);

      // Codes fill up their last block.
      const fills = named("fills", control.writes_codes.and(more.not()));
      const blocks = to
        .addWrap(BLOCK - 1)
        .shr(4)
        .shl(4)
        .extend(countBits);
      const end = named("end", mux(fills, blocks, to));
      const single = lanes === 1 ? unsignedConstant(0, 1) : control.finds;
      const stride = mux(single, unsignedConstant(1, countBits), unsignedConstant(lanes, countBits));
      const next = named("next_index", index.addWrap(stride));
      const issuing = active.and(draining.not());
      when(issuing.and(control.moves), () => {
        index.set(next);
        when(lanes === 1 ? next.eq(end) : next.ge(end), () => draining.set(1));
      });

      // Results under way, by the cycles that are left.
      const due = wire("due_now", bit);
      const fires = named("fires_now", control.fires.and(active).and(mux(control.lagging, due, issuing)));
      const delays = Object.keys(CHOICE.tap).map((name) => TAPS[name as keyof typeof TAPS]);
      const line: Unsigned[] = [];
      for (let left = longest - 1; left >= 0; left--) {
        const entry = delays.findIndex((delay) => delay === left + 1);
        const enters = entry < 0 ? null : fires.and(control.tap.eq(entry));
        const before = line[0];
        const coming = before === undefined ? enters : enters === null ? before : before.or(enters);
        line.unshift(register(`left_${left}`, bit, { reset: 0, next: coming ?? unsignedConstant(0, 1) }));
      }
      const at = (left: number): Unsigned => line[left] ?? unsignedConstant(0, 1);
      due.set(at(0));
      io.due.set(due);
      const early = at(TAPS.found - TAPS.word);
      io.early.set(early);
      // Of those that lag, results come twice: where they are read again, and at the end.
      when(control.captures.and(mux(control.lagging, due, early)), () => lag.set(lag.addWrap(stride)));
      // Of a rotated pair's two results the second one counts.
      const counts = due.and(control.counts_second.not().or(control.second));
      const nextResult = named("next_result", resultIndex.addWrap(stride));
      when(counts, () => resultIndex.set(nextResult));

      const stillUnderWay = line.slice(1).reduce((a, b) => a.or(b), fires);
      const empty = register("empty", bit, { next: stillUnderWay.not() });
      const drained = slack === 0 ? null : register("drained", unsigned(bitsFor(slack)));
      const rests = active.and(draining).and(empty);
      if (drained !== null) when(rests, () => drained.set(drained.addWrap(1)));
      const through = named("through_now", drained === null ? rests : rests.and(drained.eq(slack)));
      io.through.set(through);

      const from = low === 0 ? null : register("segment_begin", unsigned(low));
      when(active.not().and(rewinds), () => {
        index.set(0);
        lag.set(0);
        resultIndex.set(0);
        from?.set(0);
      });
      if (from !== null)
        when(through, () => {
          // The beat in which another segment begins.
          index.set(beat(to));
          resultIndex.set(beat(to));
          from.set(to.truncate(low));
        });
      // Ends of segments; other instructions have one, in all passes.
      const ended = to.addWrap(elements).addWrap(oneMore.extend(countBits));
      when(register("looked", bit, { next: looks }).or(through.and(more)), () => to.set(ended));
      when(looks, () => to.set(0));
      when(active.not().or(through), () => {
        draining.set(0);
        drained?.set(0);
      });
      // One lane has elements until it reaches the end; others compare.
      const past = lanes === 1 ? register("past", bit) : null;
      if (past !== null) {
        when(counts.and(nextResult.eq(to)), () => past.set(1));
        when(active.not().or(through), () => past.set(0));
      }
      // A segment may begin within a beat; further beats are its own from their beginning.
      const begun = from === null ? null : register("has_begun", bit);
      if (begun !== null) {
        when(due, () => begun.set(1));
        when(active.not().or(through), () => begun.set(0));
      }
      io.index.set(index);
      io.lag.set(lag);
      io.result_index.set(resultIndex);
      for (let lane = 0; lane < lanes; lane++) {
        const within = past?.not() ?? resultIndex.add(lane).lt(to.extend(countBits + 1));
        const own = from === null || begun === null ? unsignedConstant(1, 1) : begun.or(from.le(lane));
        const alone = lane === 0 ? unsignedConstant(1, 1) : single.not();
        io.valid[lane]?.set(within.and(own).and(alone));
        io.filled[lane]?.set(within.or(fills).and(own));
      }
    },
  );
}
