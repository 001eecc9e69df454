import {
  bit,
  delayed,
  indexWidth,
  memory,
  module,
  mux,
  register,
  unsigned,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/**
 * The buffer before the matrix unit. A place is taken when a word is asked for, and free a cycle after the word has been
 * popped; a word can be popped two cycles after it arrived.
 */
export function wordBuffer(wordBytes: number, places: number) {
  const depth = Math.max(2, 2 ** Math.ceil(Math.log2(places)));
  const index = indexWidth(depth);
  const count = unsigned(index + 1);
  const zero = { reset: 0, initial: 0 } as const;
  return module(
    "word_buffer",
    {
      description: `${places} words of ${wordBytes} bytes.`,
      inputs: { asks: bit, arrives: bit, data: unsigned(8 * wordBytes), pop: bit },
      outputs: { room: bit, word: unsigned(8 * wordBytes), word_valid: bit },
    },
    ({ asks, arrives, data, pop, room, word, word_valid }) => {
      const words = memory("words", unsigned(8 * wordBytes), { depth });
      const written = register("written", count, zero);
      const popped = register("popped", count, zero);
      const taken = register("taken", unsigned(bitsFor(places)), zero);
      const next = mux(pop, popped.addWrap(1), popped);
      popped.set(next);
      when(arrives, () => {
        words.write(written.truncate(index), data);
        written.set(written.addWrap(1));
      });
      when(asks.and(pop.not()), () => taken.set(taken.addWrap(1))).elseWhen(pop.and(asks.not()), () =>
        taken.set(taken.subWrap(1)),
      );
      room.set(taken.ne(places));
      word.set(words.read(next.truncate(index)));
      word_valid.set(delayed("visible", written, 1, zero).ne(popped));
    },
  );
}
