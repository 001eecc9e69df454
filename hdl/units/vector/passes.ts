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
import { CHOICE, only, TAPS, WORD } from "./microcode.ts";
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
  "writes",
  "second",
  "single",
  "rewinds",
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
        word_now: only(WORD, PASS_FIELDS),
        elements: count,
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
    ({ word_now: control, elements, more, ...io }) => {
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
      const writesCodes = control.writes.eq(CHOICE.writes.codes);
      const fills = named("fills", writesCodes.and(more.not()));
      const blocks = to
        .addWrap(BLOCK - 1)
        .shr(4)
        .shl(4)
        .extend(countBits);
      const end = named("end", mux(fills, blocks, to));
      const single = lanes === 1 ? unsignedConstant(0, 1) : control.single;
      const stride = mux(single, unsignedConstant(1, countBits), unsignedConstant(lanes, countBits));
      const next = named("next_index", index.addWrap(stride));
      const issuing = active.and(draining.not());
      when(issuing.and(control.moves), () => {
        index.set(next);
        when(next.ge(end), () => draining.set(1));
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
      const counts = due.and(control.tap.bit(2).not().or(control.second));
      when(counts, () => resultIndex.set(resultIndex.addWrap(stride)));

      const empty = line.reduce((a, b) => a.or(b)).not();
      const drained = slack === 0 ? null : register("drained", unsigned(bitsFor(slack)));
      const rests = active.and(draining).and(empty);
      if (drained !== null) when(rests, () => drained.set(drained.addWrap(1)));
      const through = named("through_now", drained === null ? rests : rests.and(drained.eq(slack)));
      io.through.set(through);

      const from = low === 0 ? null : register("segment_begin", unsigned(low));
      when(active.not().and(control.rewinds), () => {
        index.set(0);
        lag.set(0);
        resultIndex.set(0);
        to.set(elements);
        from?.set(0);
      });
      when(through, () => {
        index.set(beat(to));
        resultIndex.set(beat(to));
        to.set(to.addWrap(elements));
        from?.set(to.truncate(low));
      });
      when(active.not().or(through), () => {
        draining.set(0);
        drained?.set(0);
      });
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
        const within = resultIndex.add(lane).lt(to.extend(countBits + 1));
        const own = from === null || begun === null ? unsignedConstant(1, 1) : begun.or(from.le(lane));
        const alone = lane === 0 ? unsignedConstant(1, 1) : single.not();
        io.valid[lane]?.set(within.and(own).and(alone));
        io.filled[lane]?.set(within.or(fills).and(own));
      }
    },
  );
}
