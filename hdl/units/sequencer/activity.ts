import {
  array,
  bit,
  delayed,
  indexWidth,
  memory,
  module,
  mux,
  register,
  select,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/** Cycles from a counter's turn until its sum is written. */
const WRITE_CYCLES = 2;

/**
 * Counts what happens in a token, for the host to read: its cycles, and for each of some signals the cycles in which they are 1
 * (a unit is busy, a word is moved). Counts stand some cycles after the token, from `counted` on, until the next one begins; they
 * wrap around.
 *
 * They lie in a memory. A few bits for each signal count what came since its last turn, in which they are added to its count.
 */
export function activityCounters(signals: number, bits = 32) {
  const counters = signals + 1;
  const indexBits = indexWidth(counters);
  // A count waits for the memory to be cleared, and then for its turn.
  const recent = unsigned(bitsFor(2 * counters));
  return module(
    "activity_counters",
    {
      description: `Cycles of a token, and of ${signals} signals in it.`,
      inputs: {
        /** A token begins in the next cycle. */
        begin: bit,
        running: bit,
        active: array(signals, bit),
        /** 0: cycles; i: signal i - 1. */
        address: unsigned(indexBits),
      },
      outputs: {
        /** Of the address of the cycle before. */
        count: unsigned(bits),
        /** For a cycle, after each token: its counts stand. */
        counted: bit,
      },
    },
    ({ begin, running, active, address, count, counted }) => {
      const turn = register("turn", unsigned(indexBits), { reset: 0 });
      const roundEnds = turn.eq(counters - 1);
      turn.set(mux(roundEnds, unsignedConstant(0, indexBits), turn.addWrap(1)));
      when(begin, () => turn.set(0));

      // A token's first round clears all counts; the last one comes whole after it.
      const clears = register("clears", bit, { reset: 0 });
      const over = register("over", bit, { reset: 0 });
      const works = register("works", bit, { reset: 0 });
      when(roundEnds, () => {
        clears.set(0);
        over.set(running.not());
        when(over, () => works.set(0));
      });
      when(begin, () => {
        clears.set(1);
        over.set(0);
        works.set(1);
      });

      const waiting = [running, ...active].map((signal, i): Unsigned => {
        const some = register(`recent_${i}`, recent);
        const counts = running.and(signal);
        const served = turn.eq(i).and(clears.not());
        when(counts, () => some.set(some.addWrap(1)));
        when(served, () => some.set(counts.extend(recent.width)));
        when(begin, () => some.set(0));
        return some;
      });
      const counts = memory("counts", unsigned(bits), { depth: 2 ** indexBits, collisions: "undefined" });
      const stored = counts.read(mux(works, turn, address));
      count.set(stored);
      const added = register("added", recent, { next: select(turn, waiting) });
      const sum = register("sum", unsigned(bits));
      sum.set(stored.addWrap(added.extend(bits)));
      when(delayed("clears_now", clears), () => sum.set(0));
      const ends = works.and(over).and(roundEnds).and(begin.not());
      counted.set(delayed("ended", ends, WRITE_CYCLES + 1, { reset: 0 }));
      when(delayed("writes", works, WRITE_CYCLES, { reset: 0 }), () =>
        counts.write(delayed("place", turn, WRITE_CYCLES), sum),
      );
    },
  );
}
