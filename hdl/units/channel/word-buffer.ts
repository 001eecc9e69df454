import {
  bit,
  delayed,
  indexWidth,
  memory,
  module,
  mux,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

/** Ports of the buffer before the matrix unit, whatever it is made of. */
export const bufferPorts = (wordBytes: number) =>
  ({
    inputs: {
      /** A word is asked for: it takes a place. */
      asks: bit,
      arrives: bit,
      data: unsigned(8 * wordBytes),
      pop: bit,
    },
    outputs: { room: bit, word: unsigned(8 * wordBytes), word_valid: bit },
  }) as const;

/** Cycles from a word's arrival until it can be popped. */
export const BLOCK_BUFFER_CYCLES = 2;

/** Whether there is room: a place is taken when a word is asked for, and free a cycle after the word has been popped. */
export function roomFor(places: number, asks: Unsigned, pop: Unsigned): Unsigned {
  const taken = register("taken", unsigned(bitsFor(places)), { reset: 0, initial: 0 });
  const more = unsignedConstant(1, taken.width);
  const fewer = unsignedConstant(2 ** taken.width - 1, taken.width);
  when(asks.xor(pop), () => taken.set(taken.addWrap(mux(pop, fewer, more))));
  // No more are taken than there are: full is what has all the ones of `places`.
  const ones = Array.from({ length: taken.width }, (_, i) => i).filter((i) => (places >> i) & 1);
  return ones
    .map((i) => taken.bit(i))
    .reduce((all, one) => all.and(one))
    .not();
}

/** The buffer in block RAM. */
export function wordBuffer(wordBytes: number, places: number) {
  const depth = Math.max(2, 2 ** Math.ceil(Math.log2(places)));
  const index = indexWidth(depth);
  const count = unsigned(index + 1);
  const zero = { reset: 0, initial: 0 } as const;
  return module(
    "word_buffer",
    { description: `${places} words of ${wordBytes} bytes.`, ...bufferPorts(wordBytes) },
    ({ asks, arrives, data, pop, room, word, word_valid }) => {
      const words = memory("words", unsigned(8 * wordBytes), { depth, collisions: "undefined" });
      const written = register("written", count, zero);
      const popped = register("popped", count, zero);
      const next = popped.addWrap(pop.extend(count.width));
      popped.set(next);
      when(arrives, () => {
        words.write(written.truncate(index), data);
        written.set(written.addWrap(1));
      });
      room.set(roomFor(places, asks, pop));
      word.set(words.read(next.truncate(index)));
      word_valid.set(delayed("visible", written, 1, zero).ne(popped));
    },
  );
}
