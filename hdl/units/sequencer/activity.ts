import {
  array,
  bit,
  indexWidth,
  module,
  register,
  select,
  type Unsigned,
  unsigned,
  when,
} from "../../builder/index.ts";

/**
 * Counts what happens in a token, for the host to read: its cycles, and for each of some signals the cycles in which they are 1
 * (a unit is busy, a word is moved). Counts stay until the next token begins; they wrap around.
 */
export function activityCounters(signals: number, bits = 32) {
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
        address: unsigned(indexWidth(signals + 1)),
      },
      outputs: { count: unsigned(bits) },
    },
    ({ begin, running, active, address, count }) => {
      const counter = (name: string, enable: Unsigned): Unsigned => {
        const value = register(name, unsigned(bits), { reset: 0 });
        when(running.and(enable), () => value.set(value.addWrap(1)));
        when(begin, () => value.set(0));
        return value;
      };
      const counts = [running, ...active].map((enable, i) =>
        counter(i === 0 ? "cycles" : `cycles_of_${i}`, enable),
      );
      count.set(register("shown", unsigned(bits), { next: select(address, counts) }));
    },
  );
}
