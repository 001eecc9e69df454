import { type Pattern, WEIGHT_BITS, type WeightBits } from "../../models/formats/quantized-matrix.ts";
import { encodeHeader } from "../../models/formats/stream.ts";
import { dense } from "./dense.ts";
import type { FormatCircuit, PatternCircuit } from "./format.ts";
import { nOf16 } from "./n-of-16.ts";
import { nOfM } from "./n-of-m.ts";

/** The room of a pattern. */
export function patternCircuit(pattern: Pattern): PatternCircuit {
  switch (pattern.kind) {
    case "dense":
      return dense;
    case "n:m":
      return nOfM(pattern.n, pattern.m);
    case "n:16":
      return nOf16;
  }
}

/** A format that a circuit can read, with the byte by which a stream's header names it. */
export interface NamedFormat extends FormatCircuit {
  readonly headerByte: number;
}

export function formatCircuit(bits: WeightBits, pattern: Pattern): NamedFormat {
  if (!WEIGHT_BITS.includes(bits)) throw new RangeError(`no format has codes of ${bits} bits`);
  const [headerByte] = encodeHeader({ bits, pattern, groupSize: 16, exponent: 0, places: 0 });
  if (headerByte === undefined) throw new RangeError("a header has no bytes");
  return { bits, pattern: patternCircuit(pattern), headerByte };
}
