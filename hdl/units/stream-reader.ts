import {
  array,
  bit,
  concat,
  module,
  mux,
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

/** A source, and in what pieces it is read. */
export interface PiecewiseSource extends Source {
  /** All that is taken from it is a multiple of so many bytes, a power of two; where that is not 1, without a prefix. */
  readonly unit: number;
}

export interface StreamReaderParameters {
  readonly sources: readonly PiecewiseSource[];
  /** Bytes that can stand before the body of what is taken, and in the body. */
  readonly prefixBytes: number;
  readonly bodyBytes: number;
  /** Bytes of a body that begins a stretch which are given out before the shifter. */
  readonly openingBytes: number;
  /** How many bytes bodies have; any number if not given. Fewer of them make a smaller circuit. */
  readonly bodies?: readonly number[];
}

/** The next word of each source; those of narrow sources stand in the low bits. */
export const offersShape = (sources: readonly Pick<Source, "wordBytes">[]) =>
  array(sources.length, { valid: bit, word: unsigned(8 * widest(sources)) });

const widest = (sources: readonly Pick<Source, "wordBytes">[]): number =>
  Math.max(...sources.map(({ wordBytes }) => wordBytes));

/** Words of it go on behind what is taken. */
const leavesOver = ({ wordBytes, unit }: PiecewiseSource): boolean => unit < wordBytes;

/**
 * Reads words of one of some sources until as many bytes are there as are asked for, a word a cycle; they may be taken in
 * the cycle in which the last of them is read. The body of what is taken stands at the same place always, its prefix
 * before it. What is left over of a word stays for the next taking: a shifter brings it to its place.
 *
 * Where a taking closes a stretch, what fills it up to the alignment is read and dropped, from the first cycle with `resume`
 * on, while streams of other sources go on.
 */
export function streamReader(parameters: StreamReaderParameters) {
  const { sources, prefixBytes, bodyBytes, openingBytes } = parameters;
  const mostBytes = prefixBytes + bodyBytes;
  const countBits = bitsFor(mostBytes + widest(sources));
  return module(
    "stream_reader",
    {
      description: `Gathers words of ${sources.map(({ wordBytes }) => wordBytes).join(" or ")} bytes into up to ${mostBytes} bytes that are taken together.`,
      inputs: {
        offers: offersShape(sources),
        source: unsigned(bitsFor(sources.length - 1)),
        active: bit,
        // Bytes of the prefix that stay empty, and bytes that are asked for, with the prefix.
        skip: unsigned(bitsFor(prefixBytes)),
        needed: unsigned(bitsFor(mostBytes)),
        take: bit,
        close: bit,
        resume: bit,
      },
      outputs: {
        pops: array(sources.length, bit),
        ready: bit,
        // The body begins at byte `prefixBytes`.
        bytes: array(mostBytes, unsigned(8)),
        // What the body begins with where it is the first of a stretch: nothing needs to be moved.
        opening: array(openingBytes, unsigned(8)),
      },
    },
    ({ offers, source, active, skip, needed, take, close, resume, pops, ready, bytes, opening }) => {
      const isOf = (i: number): Unsigned => (sources.length === 1 ? unsignedConstant(1, 1) : source.eq(i));
      const have = register("have", unsigned(countBits), { reset: 0 });
      // Where nothing is left over, there are never more bytes than are asked for.
      const exact = !sources.some(leavesOver);
      const has = (bytes: Unsigned): Unsigned =>
        exact ? bytes.eq(needed.extend(countBits)) : bytes.ge(needed.extend(countBits));
      const complete = has(have);
      const asking = active.and(complete.not());
      const each = sources.map((from, i) => {
        const { valid } = offers[i]!;
        const open = dropper(`source_${i}`, from, {
          closes: take.and(close).and(isOf(i)),
          resume,
          valid,
          asks: asking.and(isOf(i)),
        });
        pops[i]!.set(open.pop);
        const enough = has(have.addWrap(from.wordBytes));
        return {
          gathers: open.takesPart.and(asking).and(isOf(i)).and(valid),
          ready: open.takesPart
            .and(active)
            .and(isOf(i))
            .and(complete.or(valid.and(enough))),
        };
      });
      const gathers = each.map((one) => one.gathers).reduce((a, b) => a.or(b));
      ready.set(each.map((one) => one.ready).reduce((a, b) => a.or(b)));
      const read = choose(
        source,
        sources.map(({ wordBytes }) => unsignedConstant(wordBytes, countBits)),
      );
      const total = mux(gathers, have.addWrap(read), have);
      have.set(total);

      when(take, () => {
        have.set(exact ? 0 : total.subWrap(needed.extend(countBits)));
        when(close, () => have.set(0));
      });
      const reading = { offers, source, isOf, have, needed, skip, gathers, take, close };
      const offset = exact ? null : leftOver(sources, reading);
      const window = words(parameters, reading, offset);
      const moved = offset === null ? window : movedDown(window, ...wayDown(parameters, reading, offset));
      for (const [i, byte] of bytes.entries()) byte.set(moved[i]!);
      for (const [i, byte] of opening.entries()) byte.set(window[prefixBytes + i]!);
    },
  );
}

interface Reading {
  readonly offers: readonly { readonly word: Unsigned }[];
  readonly source: Unsigned;
  readonly isOf: (source: number) => Unsigned;
  readonly have: Unsigned;
  readonly needed: Unsigned;
  readonly skip: Unsigned;
  readonly gathers: Unsigned;
  readonly take: Unsigned;
  readonly close: Unsigned;
}

/** Bytes of the first word that have been taken before. */
function leftOver(
  sources: readonly PiecewiseSource[],
  { source, have, needed, take, close }: Reading,
): Unsigned {
  const bits = Math.log2(widest(sources.filter(leavesOver)));
  const offset = register("offset", unsigned(bits), { reset: 0 });
  const next = offset.extend(have.width).addWrap(needed.extend(have.width));
  const remainders = sources.map(({ wordBytes }) =>
    wordBytes === 1 || wordBytes > 2 ** bits
      ? unsignedConstant(0, bits)
      : next.truncate(Math.log2(wordBytes)).extend(bits),
  );
  when(take, () => {
    offset.set(choose(source, remainders));
    when(close, () => offset.set(0));
  });
  return offset;
}

/** By how many bytes what is taken stands too high, and the exponent of a power of two that divides all such numbers. */
function wayDown(
  { sources, prefixBytes }: StreamReaderParameters,
  { source, have, skip }: Reading,
  offset: Unsigned,
): readonly [Unsigned, number] {
  const bits = have.width;
  const amounts = sources.map((from) => {
    if (!leavesOver(from)) return unsignedConstant(0, bits);
    if (from.unit === 1) return offset.extend(bits).addWrap(prefixBytes).subWrap(skip.extend(bits));
    const low = Math.log2(from.unit);
    return concat(offset.bits(offset.width - 1, low), unsignedConstant(0, low)).extend(bits);
  });
  const units = sources.filter(leavesOver).map(({ unit }) => unit);
  return [choose(source, amounts), Math.log2(Math.min(...units))];
}

/**
 * The bytes that have been read, with those that are read in this cycle. Words of a source of which nothing is left over
 * stand where their bytes are taken; other words stand side by side from the body's place on.
 */
function words(
  { sources, prefixBytes, bodyBytes, bodies }: StreamReaderParameters,
  { offers, source, isOf, have, skip, gathers, take }: Reading,
  offset: Unsigned | null,
): readonly Unsigned[] {
  const mostBytes = prefixBytes + bodyBytes;
  const plans = sources.map((from) => ({
    ...from,
    leaves: leavesOver(from),
    count: Math.ceil(
      (leavesOver(from) ? from.wordBytes - from.unit + mostBytes : bodyBytes) / from.wordBytes,
    ),
  }));
  const slots = prefixBytes + Math.max(bodyBytes, ...plans.map(({ wordBytes, count }) => wordBytes * count));
  const most = widest(sources);
  // Each byte of the word at every place where a word of its source can have it.
  const word = Array.from({ length: most }, (_, i) =>
    choose(
      source,
      plans.map(({ wordBytes }, s) => offers[s]!.word.bits(8 * (i % wordBytes) + 7, 8 * (i % wordBytes))),
    ),
  );
  const moves = plans.some(({ leaves, count }) => leaves && count > 1);
  const lastWord = moves
    ? register("last_word", array(most, unsigned(8)), { enable: gathers, next: word })
    : word;
  // The number of the next word, or of the next byte where words are bytes.
  const numbers = plans.map(({ wordBytes, leaves }) => {
    const bits = bitsFor(2 * slots + most);
    const at = have.extend(bits);
    if (leaves && offset !== null) return at.addWrap(offset.extend(bits)).shr(Math.log2(wordBytes));
    return wordBytes === 1 ? at.addWrap(skip.extend(bits)) : at.shr(Math.log2(wordBytes));
  });
  return Array.from({ length: slots }, (_, slot) => {
    const held = register(`held_${slot}`, unsigned(8));
    const place = slot - prefixBytes;
    const incoming = word[((place % most) + most) % most]!;
    let writes = unsignedConstant(0, 1);
    let passes = unsignedConstant(0, 1);
    for (const [s, { wordBytes, leaves, count }] of plans.entries()) {
      const number = leaves || wordBytes > 1 ? Math.floor(place / wordBytes) : slot;
      const reachable =
        wordBytes === 1 && !leaves ? slot < mostBytes : place >= 0 && place < count * wordBytes;
      if (!reachable) continue;
      const ours = isOf(s).and(numbers[s]!.eq(number));
      writes = writes.or(ours);
      const canBeLast =
        leaves || bodies === undefined || bodies.some((body) => place < body && place >= body - wordBytes);
      if (canBeLast) passes = passes.or(ours);
    }
    when(gathers.and(writes), () => held.set(incoming));
    for (const [s, { wordBytes, leaves, count }] of plans.entries())
      if (leaves && count > 1 && place >= 0 && place < wordBytes)
        when(take.and(isOf(s)), () => held.set(mux(gathers, incoming, lastWord[place]!)));
    return mux(passes, incoming, held);
  });
}

interface Stretch {
  readonly closes: Unsigned;
  readonly resume: Unsigned;
  readonly valid: Unsigned;
  readonly asks: Unsigned;
}

/**
 * Counts a source's words; drops those up to the next multiple of the alignment when a stretch is closed.
 * @returns whether a word is read, and whether the source's words count
 */
function dropper(
  name: string,
  { wordBytes, alignment }: Source,
  { closes, resume, valid, asks }: Stretch,
): { readonly pop: Unsigned; readonly takesPart: Unsigned } {
  const words = Math.max(1, alignment / wordBytes);
  const closed = register(`${name}_closed`, bit, { reset: 0 });
  const resumed = register(`${name}_resumed`, bit, { reset: 0 });
  const position =
    words === 1 ? null : register(`${name}_position`, unsigned(Math.log2(words)), { reset: 0 });
  const aligned = position === null ? unsignedConstant(1, 1) : position.eq(0);
  const drops = closed.and(resume.or(resumed));
  const takesPart = closed.not().or(drops.and(aligned));
  const pop = valid.and(mux(takesPart, asks, drops));
  if (position !== null) when(pop, () => position.set(position.addWrap(1)));
  when(drops, () => {
    resumed.set(aligned.not());
    closed.set(aligned.not());
  });
  when(closes, () => closed.set(1));
  return { pop, takesPart };
}

/** Moved down by `amount` bytes, a multiple of 2^`finest`; what comes in at the top is never asked for. */
function movedDown(bytes: readonly Unsigned[], amount: Unsigned, finest: number): readonly Unsigned[] {
  let moved = bytes;
  // The widest step first leaves the least for the others to move.
  for (let i = amount.width - 1; i >= finest; i--)
    moved = moved.map((byte, at) => mux(amount.bit(i), moved[at + 2 ** i] ?? byte, byte));
  return moved;
}
