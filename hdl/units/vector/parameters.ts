import { bitsFor } from "../bits.ts";

/** How products are made: in logic, or in an SB_MAC16 of an iCE40 UltraPlus a lane. */
export type MultiplierKind = "soft" | "mac16";

/** What a vector unit is built for; numbers mean what they mean in a machine's description. */
export interface VectorParameters {
  /** Elements a cycle: a power of two up to 16. */
  readonly lanes: number;
  /** Cycles from an element's read to its write; `LEAST_LATENCY` at least. */
  readonly latencyCycles: number;
  /** 32-bit words of vector memory. */
  readonly words: number;
  /** Bytes of code memory. */
  readonly codeBytes: number;
  readonly multiplier: MultiplierKind;
  /** SAMPLE can draw a token at a temperature; without it, it picks the largest. */
  readonly drawing: boolean;
}

/** Cycles from an element's read to the end of a pass on the shortest way: address, four of shifting, and the last write. */
export const LEAST_LATENCY = 6;

/** Sizes that follow from the parameters. */
export interface VectorSizes extends VectorParameters {
  readonly wordBits: number;
  readonly codeBits: number;
  /** Bits of an address of either memory. */
  readonly pointerBits: number;
  /** Bits of a number of elements. */
  readonly countBits: number;
  /** Bits of a sum of squares, of weights, of 32-bit numbers. */
  readonly sumBits: number;
}

/** Elements of the longest vector of weights: a context. */
const MOST_TOKENS = 65_536;

/** @throws RangeError where such a unit cannot be built */
export function vectorSizes(parameters: VectorParameters): VectorSizes {
  const { lanes, latencyCycles, words, codeBytes } = parameters;
  if (!Number.isInteger(Math.log2(lanes)) || lanes > 16)
    throw new RangeError(`vector.lanes is ${lanes}; a vector unit needs a power of two up to 16`);
  if (latencyCycles < LEAST_LATENCY)
    throw new RangeError(
      `vector.latencyCycles is ${latencyCycles}; a vector unit's pipeline takes ${LEAST_LATENCY}`,
    );
  const wordBits = bitsFor(words - 1);
  const codeBits = bitsFor(codeBytes - 1);
  return {
    ...parameters,
    wordBits,
    codeBits,
    pointerBits: Math.max(wordBits, codeBits),
    countBits: bitsFor(Math.min(MOST_TOKENS, words)) + 1,
    // A square has 31 bits; a difference of 33 needs its sign.
    sumBits: Math.max(34, 31 + wordBits),
  };
}
