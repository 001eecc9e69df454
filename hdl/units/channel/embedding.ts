import {
  array,
  bit,
  delayed,
  HardwareError,
  module,
  mux,
  register,
  select,
  signed,
  sum,
  type Unsigned,
  unsigned,
  unsignedConstant,
  when,
} from "../../builder/index.ts";
import { choose } from "../choose.ts";
import { resized } from "./counts.ts";
import { type ChannelSizes, DESCRIPTOR_CYCLES } from "./parameters.ts";
import { arrivalShape } from "./shapes.ts";

/** Bits of a square of a code, and of a sum of squares. */
const SQUARE_BITS = 15;
const SUM_BITS = 40;

/**
 * Takes a row of the embedding as it arrives: its codes go into the vector memory, as many a cycle as the vector unit has lanes,
 * and then the row's descriptor is given out, in the cycle in which the channel says that it is done. `arrival` has to be valid
 * for words of the embedding only.
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
        sum_of_squares: unsigned(SUM_BITS),
      },
    },
    (io) => {
      const { arrival, size } = io;
      const zero = { reset: 0 } as const;
      const bytesOf = (word: Unsigned) =>
        Array.from({ length: wordBytes }, (_, i) => word.bits(8 * i + 7, 8 * i).asSigned());

      // A word is worked through in so many cycles, the first of which is that of its arrival.
      const [chunk, active] =
        chunks === 1 ? [unsignedConstant(0, 1), arrival.valid] : chunkOf(chunks, arrival.valid);
      const held = register("held", unsigned(8 * wordBytes), { enable: arrival.valid, next: arrival.word });
      const heldPlace = register("held_place", unsigned(placeBits), {
        enable: arrival.valid,
        next: arrival.place,
      });
      const bytes = bytesOf(mux(arrival.valid, arrival.word, held));
      const codes = Array.from({ length: lanes }, (_, lane) =>
        choose(
          chunk,
          bytes.filter((_, i) => i % lanes === lane),
        ),
      );

      // Bytes of the row up to the one at hand; the last of them is the exponent.
      const count = register("count", unsigned(operandBits), zero);
      const left = size.sub(count);
      when(active, () => count.set(count.addWrap(lanes % 2 ** operandBits)));
      when(io.start, () => count.set(0));
      const valid = codes.map((_, lane) => active.and(left.gt(lane + 1)));
      const place = mux(arrival.valid, arrival.place, heldPlace);
      io.place.set(chunks === 1 ? place : place.addWrap(resized(chunk.shl(Math.log2(lanes)), placeBits)));
      for (const [lane, { valid: is, value }] of io.words.entries()) {
        is.set(valid[lane]!);
        value.set(codes[lane]!);
      }

      // Squares a cycle later, and their sum.
      const squares = codes.map((code, lane) =>
        register(`square_${lane}`, unsigned(SQUARE_BITS), {
          ...zero,
          next: mux(valid[lane]!, code.abs().mul(code.abs()).truncate(SQUARE_BITS), 0),
        }),
      );
      const total = register("total", unsigned(SUM_BITS), zero);
      total.set(total.addWrap(resized(sum(squares), SUM_BITS)));
      const peak = register("largest", unsigned(8), zero);
      peak.set(
        codes.reduce(
          (most, code, lane) => mux(valid[lane]!.and(code.abs().gt(most)), code.abs(), most),
          peak as Unsigned,
        ),
      );
      const at = resized(size.subWrap(1), Math.max(1, Math.log2(wordBytes)));
      const exponent = register("row_exponent", signed(8));
      when(arrival.valid.and(arrival.last), () =>
        exponent.set(wordBytes === 1 ? arrival.word.asSigned() : select(at, bytesOf(arrival.word))),
      );
      when(io.start, () => {
        total.set(0);
        peak.set(0);
      });
      io.described.set(
        delayed("described_later", arrival.valid.and(arrival.last), chunks + DESCRIPTOR_CYCLES, zero),
      );
      io.exponent.set(exponent);
      io.peak.set(peak);
      io.sum_of_squares.set(total);
    },
  );
}

/** The part of a word that is worked on, and whether one is; their number is a power of two. */
function chunkOf(chunks: number, arrives: Unsigned): readonly [Unsigned, Unsigned] {
  const chunk = register("chunk", unsigned(Math.log2(chunks)), { reset: 0 });
  const active = arrives.or(chunk.ne(0));
  when(active, () => chunk.set(chunk.addWrap(1)));
  return [chunk, active];
}
