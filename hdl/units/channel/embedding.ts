import {
  array,
  bit,
  concat,
  HardwareError,
  module,
  mux,
  register,
  select,
  signed,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { choose } from "../choose.ts";
import { resized } from "../resized.ts";
import type { ChannelSizes } from "./parameters.ts";
import { arrivalShape } from "./shapes.ts";

/**
 * Takes a row of the embedding as it arrives: its codes go into the vector memory, as many a cycle as the vector unit has lanes,
 * and then the row's descriptor is given out, in the cycle in which the channel says that it is done. `arrival` has to be valid
 * for words of the embedding only; a word stays until the next one comes.
 */
export function embeddingWriter(sizes: ChannelSizes) {
  const { wordBytes, vectorLanes, placeBits, operandBits } = sizes;
  if (!Number.isInteger(Math.log2(vectorLanes)))
    throw new HardwareError(`the vector unit has ${vectorLanes} lanes; a circuit needs a power of two`);
  const lanes = Math.min(wordBytes, vectorLanes);
  const chunks = wordBytes / lanes;
  return module(
    "embedding_writer",
    {
      description: `Codes of a row of the embedding, ${lanes} a cycle, and the row's descriptor.`,
      inputs: {
        start: bit,
        arrival: arrivalShape(sizes),
        /** Bytes of the row: the operand x. */
        size: unsigned(operandBits),
      },
      outputs: {
        words: array(lanes, { valid: bit, value: signed(8) }),
        /** Of the first lane's word. */
        place: unsigned(placeBits),
        described: bit,
        exponent: signed(8),
        peak: unsigned(8),
      },
    },
    ({ start, arrival, size, words, place, described, exponent, peak }) => {
      const bytes = Array.from({ length: wordBytes }, (_, i) =>
        arrival.word.bits(8 * i + 7, 8 * i).asSigned(),
      );
      // A word is worked through in so many cycles, the first of which is that of its arrival.
      const { chunk, active, ends } =
        chunks === 1
          ? { chunk: unsignedConstant(0, 1), active: arrival.valid, ends: arrival.valid }
          : chunkOf(chunks, arrival.valid);
      // The last byte of the row is the exponent.
      const at = wordBytes === 1 ? null : resized(size.subWrap(1), Math.log2(wordBytes));
      const isCode = (lane: number): Unsigned => {
        if (at === null) return arrival.last.not();
        const index = chunks === 1 ? unsignedConstant(lane, at.width) : indexOf(chunk, lane);
        return arrival.last.not().or(index.lt(at));
      };
      const indexOf = (chunk: Unsigned, lane: number): Unsigned =>
        lanes === 1 ? chunk : concat(chunk, unsignedConstant(lane, Math.log2(lanes)));

      const largest = register("largest", unsigned(8));
      let most: Unsigned = largest;
      for (const [lane, { valid, value }] of words.entries()) {
        const code = choose(
          chunk,
          bytes.filter((_, i) => i % lanes === lane),
        );
        const is = active.and(isCode(lane));
        valid.set(is);
        value.set(code);
        most = mux(is.and(code.abs().gt(most)), code.abs(), most);
      }
      largest.set(most);
      when(start, () => largest.set(0));

      // While a word is worked through its place has gone on to the next one's.
      const behind = chunk.ne(0).repeat(Math.max(1, placeBits - Math.log2(wordBytes)));
      const offset = chunks === 1 ? null : resized(concat(behind, indexOf(chunk, 0)), placeBits);
      place.set(offset === null ? arrival.place : arrival.place.addWrap(offset));
      described.set(register("is_described", bit, { reset: 0, next: ends.and(arrival.last) }));
      exponent.set(at === null ? arrival.word.asSigned() : select(at, bytes));
      peak.set(largest);
    },
  );
}

/** The part of a word that is worked on, whether one is, and whether it is the last; their number is a power of two. */
function chunkOf(chunks: number, arrives: Unsigned) {
  const chunk = register("chunk", unsigned(Math.log2(chunks)), { reset: 0 });
  const active = arrives.or(chunk.ne(0));
  when(active, () => chunk.set(chunk.addWrap(1)));
  return { chunk, active, ends: chunk.eq(chunks - 1) };
}
