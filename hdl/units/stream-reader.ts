import {
  bit,
  module,
  mux,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "./bits.ts";

export interface StreamReaderParameters {
  /** Bytes of a word of the stream; a power of two. */
  readonly wordBytes: number;
  /** Bytes that are taken at a time at most. */
  readonly mostBytes: number;
  /** Bytes, a power of two, at whose multiples everything in memory begins. */
  readonly alignment: number;
}

/**
 * Reads words into a register until as many bytes are there as are asked for, a word a cycle; they may be taken in the cycle
 * in which the last of them is read. What is left over stays for the next taking.
 */
export function streamReader({ wordBytes, mostBytes, alignment }: StreamReaderParameters) {
  const capacity = mostBytes + wordBytes - 1;
  const countBits = bitsFor(capacity);
  const wordsAligned = Math.max(1, alignment / wordBytes);
  return module(
    "stream_reader",
    {
      description: `Gathers words of ${wordBytes} bytes into up to ${mostBytes} bytes that are taken together.`,
      inputs: {
        word: unsigned(8 * wordBytes),
        word_valid: bit,
        active: bit,
        needed: unsigned(bitsFor(mostBytes)),
        take: bit,
        close: bit,
        resume: bit,
      },
      outputs: { pop: bit, ready: bit, bytes: unsigned(8 * mostBytes), closing: bit },
    },
    ({ word, word_valid, active, needed, take, close, resume, pop, ready, bytes, closing }) => {
      const held = register("held", unsigned(8 * capacity), { reset: 0 });
      const count = register("count", unsigned(countBits), { reset: 0 });
      // Words up to the next multiple of the alignment are read and dropped once the last group is worked through.
      const dropping = register("dropping", bit, { reset: 0 });
      const aligned = isAligned(wordsAligned, pop);
      const collects = active.and(dropping.not().or(resume.and(aligned)));
      const complete = count.ge(needed.extend(countBits));
      const gathers = collects.and(complete.not()).and(word_valid);
      const drops = dropping.and(resume).and(aligned.not()).and(word_valid);
      const total = mux(gathers, count.addWrap(wordBytes), count);
      const joined = mux(gathers, held.or(shiftUp(word.extend(8 * capacity), count)), held);
      const left = total.subWrap(needed.extend(countBits));

      pop.set(gathers.or(drops));
      ready.set(collects.and(complete.or(gathers.and(total.ge(needed.extend(countBits))))));
      bytes.set(joined.truncate(8 * mostBytes));
      closing.set(dropping);
      when(resume.and(aligned), () => dropping.set(0));
      held.set(joined);
      count.set(total);
      when(take, () => {
        // With words of one byte nothing is ever left over.
        held.set(wordBytes === 1 ? 0 : shiftDown(joined, needed));
        count.set(wordBytes === 1 ? 0 : left);
        when(close, () => {
          held.set(0);
          count.set(0);
          dropping.set(1);
        });
      });
    },
  );
}

/** The words read so far end at a multiple of the alignment. */
function isAligned(words: number, pop: Unsigned): Unsigned {
  if (words === 1) return unsignedConstant(1, 1);
  const position = register("position", unsigned(Math.log2(words)), { reset: 0 });
  when(pop, () => position.set(position.addWrap(1)));
  return position.eq(0);
}

/** Moved up by `count` bytes; what leaves at the top is lost. */
function shiftUp(bytes: Unsigned, count: Unsigned): Unsigned {
  let moved = bytes;
  for (let i = 0; 2 ** i * 8 < bytes.width && i < count.width; i++)
    moved = mux(count.bit(i), moved.shl(2 ** i * 8).truncate(bytes.width), moved);
  return moved;
}

/** Moved down by `count` bytes, zeros coming in at the top. */
function shiftDown(bytes: Unsigned, count: Unsigned): Unsigned {
  let moved = bytes;
  for (let i = 0; 2 ** i * 8 < bytes.width && i < count.width; i++)
    moved = mux(count.bit(i), moved.shr(2 ** i * 8).extend(bytes.width), moved);
  return moved;
}
