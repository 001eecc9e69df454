import { add, residual } from "../../models/decoder/integer/add.ts";
import { peakOf } from "../../models/decoder/integer/arithmetic.ts";
import { norm } from "../../models/decoder/integer/norm.ts";
import { quantize } from "../../models/decoder/integer/quantize.ts";
import { rotate } from "../../models/decoder/integer/rope.ts";
import { silu, times } from "../../models/decoder/integer/silu.ts";
import { scale, softmax } from "../../models/decoder/integer/softmax.ts";
import type { WordVector } from "../../models/decoder/integer/vector.ts";
import { padded } from "../../src/compile/buffers.ts";
import type { Instruction } from "../../src/compile/instruction.ts";
import type { Chip, ChipDescriptor, Registers } from "../chip.ts";

/** What an instruction of the vector unit wrote, for comparison with the integer decoder. */
export interface Written {
  readonly data: Int32Array | Int8Array;
  /** Null where the vector shares another one's descriptor. */
  readonly exponent: number | null;
}

/** Runs an instruction of the vector unit on the chip's memories (all but SAMPLE, which the host's settings decide). */
export function runVector(instruction: Instruction, chip: Chip, { position }: Registers): Written {
  const { w, x, y, z, b, c, d } = instruction;
  const target = chip.descriptors[d]!;
  switch (instruction.operation) {
    case "MISC.NORM": {
      const codes = codesAt(chip, z, w);
      const stream = { ...vectorAt(chip, x, w, b), sumOfSquares: chip.descriptors[b]!.sumOfSquares };
      const constants = {
        inverseLength: { mantissa: y & 0xffff, exponent: -instruction.a },
        epsilon: { mantissa: y >>> 16, exponent: -c },
      };
      return codesWritten(target, codes, norm(stream, constants, codes).exponent);
    }
    case "MISC.ROTATE":
      return wordsWritten(target, rotate(vectorAt(chip, x, w, b), 0, chip.angles, wordsAt(chip, z, w)));
    case "MISC.PEAK": {
      const words = wordsAt(chip, x, w);
      return wordsWritten(target, { words, exponent: chip.descriptors[b]!.exponent, peak: peakOf(words) });
    }
    case "MISC.QUANTIZE": {
      const segments = Array.from({ length: instruction.a }, (_, i) => vectorAt(chip, x + i * w, w, b + i));
      const codes = codesAt(chip, z, w * segments.length);
      // Of several cores, each rounds its own segments, with an exponent for those of all.
      const [first, count] = [y & 0xff, y >>> 8];
      const sharing = count === 0 ? segments : chip.descriptors.slice(first, first + count);
      return codesWritten(target, codes, quantize(segments, c, codes, sharing));
    }
    case "MISC.SOFTMAX": {
      const tokens = position + 1;
      const exponents = (which: 0 | 1): Int8Array =>
        Int8Array.from({ length: tokens }, (_, t) => chip.exponents[y + 2 * t + which]!);
      const codes = codesAt(chip, z, tokens);
      const scores = wordsAt(chip, x, tokens);
      const weights = softmax(scores, chip.descriptors[b]!.exponent, exponents(0), exponents(1), codes);
      target.inverseSum = weights.inverseSum;
      return codesWritten(target, codes, weights.exponent);
    }
    case "MISC.SCALE": {
      const by = chip.descriptors[c]!.inverseSum;
      return wordsWritten(target, scale(vectorAt(chip, x, w, b), by, wordsAt(chip, z, w)));
    }
    case "MISC.GATE":
      return wordsWritten(target, silu(vectorAt(chip, x, w, b), wordsAt(chip, z, w)));
    case "MISC.MULTIPLY":
      return wordsWritten(
        target,
        times(vectorAt(chip, x, w, b), vectorAt(chip, y, w, c), wordsAt(chip, z, w)),
      );
    case "MISC.ADD": {
      const words = wordsAt(chip, z, w);
      const stream = residual(wordsAt(chip, x, w), chip.descriptors[b]!.exponent);
      const sum = add(stream, vectorAt(chip, y, w, c), words);
      target.sumOfSquares = sum.sumOfSquares;
      return wordsWritten(target, sum);
    }
    default:
      throw new RangeError(`the vector unit does not run ${instruction.operation}`);
  }
}

export function wordsAt(chip: Chip, from: number, count: number): Int32Array {
  return chip.words.subarray(from, from + count);
}

export function vectorAt(chip: Chip, from: number, count: number, descriptor: number): WordVector {
  const { exponent, peak } = chip.descriptors[descriptor]!;
  return { words: wordsAt(chip, from, count), exponent, peak };
}

/** Codes that are about to be written: what fills up their last block is set to zero. */
function codesAt(chip: Chip, from: number, count: number): Int8Array {
  chip.codes.fill(0, from + count, from + padded(count));
  return chip.codes.subarray(from, from + count);
}

function wordsWritten(target: ChipDescriptor, vector: WordVector): Written {
  target.exponent = vector.exponent;
  target.peak = vector.peak;
  return { data: vector.words, exponent: vector.exponent };
}

function codesWritten(target: ChipDescriptor, codes: Int8Array, exponent: number): Written {
  target.exponent = exponent;
  return { data: codes, exponent };
}
