import { array, bit, signed, unsigned, type ValueOf } from "../../builder/index.ts";
import type { FieldBits } from "../sequencer/parameters.ts";
import type { ChannelSizes } from "./parameters.ts";

/**
 * The fields of an instruction that a channel has to be shown as long as it works (`docs/isa.md`); what it does not need is a bit
 * that says nothing. The others it takes as they come from the program memory.
 */
export const commandShape = ({
  operandBits,
  placeBits,
  positionBits,
  keepsSize,
  keepsPlace,
}: ChannelSizes) => ({
  /** The lower six bits of the operation. */
  operation: unsigned(6),
  a: unsigned(4),
  b: unsigned(8),
  c: unsigned(8),
  /** Sizes of streams in units of 16 bytes, of rows in bytes. */
  x: unsigned(keepsSize ? operandBits : 1),
  z: unsigned(keepsPlace ? Math.max(placeBits, positionBits) : 1),
});
export type ChannelCommand = ValueOf<ReturnType<typeof commandShape>>;

export const registersShape = ({ tokenBits, positionBits, layerBits }: ChannelSizes) => ({
  token: unsigned(tokenBits),
  position: unsigned(positionBits),
  layer: unsigned(layerBits),
});

/** What the word is for that a request asks for; the response says it again. */
export const TAGS = { buffer: 0, vector: 1, vectorLast: 2, merge: 3 } as const;
const tagShape = unsigned(2);

const lanesOf = ({ wordBytes, writeBits }: ChannelSizes): number =>
  (8 * wordBytes) / (writeBits ?? 8 * wordBytes);

/**
 * From a channel to its memory port. The memory takes whatever it is asked: the channel leaves as many cycles between requests
 * as its description says. `open` is the first cycle of a command, which tells the memory an address; before it, `close` ends what
 * went on until then.
 */
export const requestShape = (sizes: ChannelSizes) => ({
  close: bit,
  open: bit,
  valid: bit,
  /** Of a word. */
  address: unsigned(sizes.addressBits),
  tag: tagShape,
  write: bit,
  data: unsigned(8 * sizes.wordBytes),
  /** A bit for each piece of `writeBits` bits that is written. */
  mask: unsigned(lanesOf(sizes)),
});

/** From the memory port: a word, `answerCycles` after it was asked for. */
export const responseShape = ({ wordBytes }: ChannelSizes) => ({
  valid: bit,
  tag: tagShape,
  word: unsigned(8 * wordBytes),
});

/** Where words go that do not go through the buffer. */
export const INTO = { codes: 0, words: 1, angles: 2 } as const;

/** Words on their way to the vector unit's memories; `last` and `word` stay until the next one comes. */
export const arrivalShape = ({ wordBytes, placeBits }: ChannelSizes) => ({
  valid: bit,
  last: bit,
  into: unsigned(2),
  /** Where its first byte belongs: in the code memory, in the vector memory (a word each), or among the angles' bytes. */
  place: unsigned(placeBits),
  word: unsigned(8 * wordBytes),
});

/** What a store reads on the chip, a cycle after it was asked for. */
export const storedShape = ({ storedCodes }: ChannelSizes) => ({
  /** Codes of the group that was asked for. */
  codes: array(storedCodes, signed(8)),
  /** Exponent of the descriptor that was asked for; it is given in one of two cycles at least. */
  exponent: signed(8),
  given: bit,
});

/** What the sequencer keeps for a channel; `d` is the descriptor of a row of the embedding. */
export function channelFields(sizes: ChannelSizes): FieldBits {
  const { keepsSize, keepsPlace, tables, keysAndValues } = sizes;
  const { a, b, c, x, z } = commandShape(sizes);
  return {
    ...(tables ? { d: 8 } : {}),
    ...(keysAndValues ? { a: a.width, b: b.width, c: c.width } : {}),
    ...(keepsSize ? { x: x.width } : {}),
    ...(keepsPlace ? { z: z.width } : {}),
  };
}
