import type { Dyadic } from "../models/decoder/integer/norm.ts";
import type { Machine } from "../src/compile/machine.ts";

/** What a descriptor holds: exponent and peak of a vector, and for some vectors one more number. */
export interface ChipDescriptor {
  exponent: number;
  peak: number;
  /** Of the residual stream: the sum of its squares. */
  sumOfSquares: number;
  /** Of attention weights: one over their sum. */
  inverseSum: Dyadic;
}

/** Everything that the chip remembers between instructions. */
export class Chip {
  readonly words: Int32Array;
  readonly codes: Int8Array;
  /** Of the keys and values attended to: two for each token, the key's and the value's. */
  readonly exponents: Int8Array;
  readonly descriptors: readonly ChipDescriptor[];
  angles = new Int16Array(0);

  constructor(machine: Machine) {
    this.words = new Int32Array(machine.vector.words);
    this.codes = new Int8Array(machine.vector.codeBytes);
    this.exponents = new Int8Array(machine.vector.exponentBytes);
    this.descriptors = Array.from({ length: 256 }, () => ({
      exponent: 0,
      peak: 0,
      sumOfSquares: 0,
      inverseSum: { mantissa: 0, exponent: 0 },
    }));
  }
}

/** Registers that the host and the sequencer set before and while a token is computed. */
export interface Registers {
  /** Token that is taken in. */
  token: number;
  position: number;
  layer: number;
  /** Tokens taken in together, the first of them at `position`. */
  vectors: number;
}
