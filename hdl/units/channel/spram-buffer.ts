import {
  assign,
  bit,
  concat,
  HardwareError,
  module,
  mux,
  named,
  register,
  select,
  unsigned,
  when,
} from "../../builder/index.ts";
import { spram } from "../../primitives/ice40/index.ts";
import { bufferPorts, roomFor } from "./word-buffer.ts";

/** Cycles from a byte's arrival until it can be popped: it is written, read, and put where it is popped from. */
export const SPRAM_BUFFER_CYCLES = 3;

const PAIRS_BITS = 14;
/** Pairs of bytes that stand ready. */
const READY_PAIRS = 2;

/**
 * The buffer in an SB_SPRAM256KA, which has one port: bytes arrive in every second cycle at most, and where none does, a pair of
 * bytes is read into one of two registers, from which a byte a cycle can be popped. A pair is read again when its second byte was
 * not there yet.
 *
 * Why a byte never comes late: in the cycle after its arrival none arrives. If all before it are popped in time, what is read then
 * is its pair. A later byte's pair has two cycles from when its register is free, and in one of them none arrives.
 * @throws HardwareError for more than it holds, for words of several bytes, and for words in every cycle
 */
export function spramBuffer(wordBytes: number, cyclesPerWord: number, places: number) {
  const most = 2 * 2 ** PAIRS_BITS;
  if (wordBytes !== 1 || cyclesPerWord < 2 || places > most)
    throw new HardwareError(
      `a buffer of ${places} words of ${wordBytes} bytes, one in ${cyclesPerWord} cycles; an SPRAM holds up to ${most} bytes, one in 2 cycles at most`,
    );
  return module(
    "spram_buffer",
    { description: `${places} bytes.`, ...bufferPorts(wordBytes) },
    ({ asks, arrives, data, pop, room, word, word_valid }) => {
      const zero = { reset: 0, initial: 0 } as const;
      // A byte's number: its pair, and which of the two it is.
      const byte = { pair: unsigned(PAIRS_BITS), second: bit };
      const written = register("written", byte, zero);
      const fetched = register("fetched", byte, zero);
      const next = concat(written.pair, written.second).addWrap(1);
      when(arrives, () => assign(written, { pair: next.bits(PAIRS_BITS, 1), second: next.bit(0) }));

      // Of those that are popped only as much counts as tells the bytes at hand apart.
      const popped = register("popped", unsigned(3), zero);
      const after = popped.addWrap(pop.extend(3));
      popped.set(after);
      const ahead = fetched.pair.truncate(2).subWrap(after.bits(2, 1));
      const whole = named("whole", written.pair.ne(fetched.pair));
      const some = named("some", whole.or(written.second.and(fetched.second.not())));
      const fetches = named("fetches", arrives.not().and(some).and(ahead.lt(READY_PAIRS)));
      when(fetches, () => {
        fetched.second.set(whole.not());
        when(whole, () => fetched.pair.set(fetched.pair.addWrap(1)));
      });

      const pair = spram("bytes", {
        address: mux(arrives, written.pair, fetched.pair),
        data: concat(data, data),
        mask: concat(written.second.repeat(2), written.second.not().repeat(2)),
        write: arrives,
      });
      const comes = register("comes", bit, { reset: 0, next: fetches });
      const into = register("into", bit, { next: fetched.pair.bit(0) });
      const ready = Array.from({ length: READY_PAIRS }, (_, i) =>
        register(`ready_${i}`, unsigned(16), { enable: comes.and(into.eq(i)), next: pair }),
      );
      const there = register("there", unsigned(3), {
        ...zero,
        next: concat(fetched.pair.truncate(2), fetched.second),
      });
      room.set(roomFor(places, asks, pop));
      word.set(
        select(
          popped.truncate(2),
          ready.flatMap((two) => [two.bits(7, 0), two.bits(15, 8)]),
        ),
      );
      word_valid.set(there.ne(popped));
    },
  );
}
