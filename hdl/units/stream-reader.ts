import {
  array,
  bit,
  module,
  mux,
  oneHot,
  register,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../builder/index.ts";
import { bitsFor } from "./bits.ts";
import { choose } from "./choose.ts";

/** A channel of which streams are read. */
export interface Source {
  /** Bytes of a word; a power of two. */
  readonly wordBytes: number;
  /** Bytes, a power of two, at whose multiples everything in memory begins. */
  readonly alignment: number;
}

export interface StreamReaderParameters {
  readonly sources: readonly Source[];
  /** Bytes that are taken at a time at most. */
  readonly mostBytes: number;
}

/** The next word of each source; those of narrow sources stand in the low bits. */
export const offersShape = (sources: readonly Source[]) =>
  array(sources.length, { valid: bit, word: unsigned(8 * widestWord(sources)) });

const widestWord = (sources: readonly Source[]): number =>
  Math.max(...sources.map(({ wordBytes }) => wordBytes));

/**
 * Reads words of one of some sources into a register until as many bytes are there as are asked for, a word a cycle; they
 * may be taken in the cycle in which the last of them is read. What is left over stays for the next taking. Where a taking
 * closes a stretch, what fills it up to the alignment is read and dropped, from the first cycle with `resume` on, while
 * streams of other sources go on.
 */
export function streamReader({ sources, mostBytes }: StreamReaderParameters) {
  const capacity = mostBytes + widestWord(sources) - 1;
  const countBits = bitsFor(capacity);
  return module(
    "stream_reader",
    {
      description: `Gathers words of ${sources.map(({ wordBytes }) => wordBytes).join(" or ")} bytes into up to ${mostBytes} bytes that are taken together.`,
      inputs: {
        offers: offersShape(sources),
        source: unsigned(bitsFor(sources.length - 1)),
        active: bit,
        needed: unsigned(bitsFor(mostBytes)),
        take: bit,
        close: bit,
        resume: bit,
      },
      outputs: {
        pops: array(sources.length, bit),
        ready: bit,
        bytes: unsigned(8 * mostBytes),
      },
    },
    ({ offers, source, active, needed, take, close, resume, pops, ready, bytes }) => {
      const held = register("held", unsigned(8 * capacity), { reset: 0 });
      const count = register("count", unsigned(countBits), { reset: 0 });
      const offer = choose(source, offers);
      const complete = count.ge(needed.extend(countBits));
      const gathers = sources.map((from, i) => {
        const ours = sources.length === 1 ? unsignedConstant(1, 1) : source.eq(i);
        const isReading = active.and(ours);
        const asks = isReading.and(complete.not()).and(offers[i]!.valid);
        const drop = dropper(`source_${i}`, from, {
          begins: take.and(close).and(ours),
          resume,
          valid: offers[i]!.valid,
          asks,
        });
        pops[i]!.set(drop.pop);
        return { from, collects: isReading.and(drop.dropping.not()), gathers: asks.and(drop.dropping.not()) };
      });
      const collects = gathers.map((one) => one.collects).reduce((a, b) => a.or(b));
      const gathered = gathers.map((one) => one.gathers).reduce((a, b) => a.or(b));
      const more = oneHot(
        gathers.map((one) => [one.gathers, unsignedConstant(one.from.wordBytes, countBits)]),
      );
      const total = count.addWrap(more);
      const joined = mux(gathered, held.or(shiftUp(offer.word.extend(8 * capacity), count)), held);
      const left = total.subWrap(needed.extend(countBits));

      ready.set(collects.and(complete.or(gathered.and(total.ge(needed.extend(countBits))))));
      bytes.set(joined.truncate(8 * mostBytes));
      held.set(joined);
      count.set(total);
      when(take, () => {
        held.set(shiftDown(joined, needed));
        count.set(left);
        when(close, () => {
          held.set(0);
          count.set(0);
        });
      });
    },
  );
}

interface Dropping {
  readonly begins: Unsigned;
  readonly resume: Unsigned;
  readonly valid: Unsigned;
  readonly asks: Unsigned;
}

/** Drops a source's words up to the next multiple of the alignment, and counts all that are read for that. */
function dropper(
  name: string,
  { wordBytes, alignment }: Source,
  { begins, resume, valid, asks }: Dropping,
): { readonly pop: Unsigned; readonly dropping: Unsigned } {
  const words = Math.max(1, alignment / wordBytes);
  const closed = register(`${name}_closed`, bit, { reset: 0 });
  const resumed = register(`${name}_resumed`, bit, { reset: 0 });
  const drops = closed.and(resume.or(resumed));
  const position = words === 1 ? null : register(`${name}_position`, unsigned(Math.log2(words)), { reset: 0 });
  const aligned = position === null ? unsignedConstant(1, 1) : position.eq(0);
  const dropping = closed.and(drops.and(aligned).not());
  const pop = mux(dropping, drops.and(valid), asks);
  if (position !== null) when(pop, () => position.set(position.addWrap(1)));
  when(drops, () => {
    resumed.set(aligned.not());
    closed.set(aligned.not());
  });
  when(begins, () => closed.set(1));
  return { pop, dropping };
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
