import { peakOf } from "../../models/decoder/integer/arithmetic.ts";
import { IntegerMatrix } from "../../models/decoder/integer/linear.ts";
import { type DecodedStream, decodeMatrix } from "../../models/formats/stream.ts";
import { padded } from "../../src/compile/buffers.ts";
import type { Instruction } from "../../src/compile/instruction.ts";
import type { Chip, Registers } from "../chip.ts";
import { wordsAt } from "./vector.ts";

/** A matrix of weights as its stream says it, ready to multiply. */
export interface StreamedMatrix {
  readonly matrix: IntegerMatrix;
  readonly stream: DecodedStream;
}

/** Decodes the stream of a matrix. */
export function streamedMatrix(
  bytes: Uint8Array,
  rows: number,
  cols: number,
  tileBlocks: number,
): StreamedMatrix {
  const stream = decodeMatrix(bytes, rows, cols, tileBlocks);
  return { matrix: new IntegerMatrix(stream.matrix, stream.places), stream };
}

/** MV.WEIGHTS and MM.WEIGHTS. */
export function multiplyWeights(
  { w: rows, x: cols, y, z, a: tokens, b, c }: Instruction,
  chip: Chip,
  { matrix }: StreamedMatrix,
): void {
  for (let token = 0; token < tokens; token++) {
    const from = y + token * padded(cols);
    const words = wordsAt(chip, z + token * rows, rows);
    words.set(matrix.times(chip.codes.subarray(from, from + cols), 1));
    describe(chip, c + token, words, chip.descriptors[b + token]!.exponent + matrix.exponent);
  }
}

/** MV.KEYS and MM.KEYS: scores of the tokens up to the position; the query's descriptor serves them too. */
export function multiplyKeys(
  { w: stride, x: headDim, y, z, a: tokens }: Instruction,
  chip: Chip,
  keys: Int8Array,
  { position }: Registers,
): void {
  const cols = padded(headDim);
  for (let token = 0; token < tokens; token++) {
    const query = chip.codes.subarray(y + token * cols, y + (token + 1) * cols);
    for (let row = 0; row <= position; row++)
      chip.words[z + token * stride + row] = dot(query, keys, row * cols, cols);
  }
}

/** MV.VALUES and MM.VALUES: sums over the tokens up to the position, whose weights behind it are zero. */
export function multiplyValues(
  { w: headDim, x: stride, y, z, a: tokens, b, c }: Instruction,
  chip: Chip,
  values: Int8Array,
  { position }: Registers,
): void {
  const cols = padded(position + 1);
  for (let token = 0; token < tokens; token++) {
    const weights = chip.codes.subarray(y + token * stride, y + token * stride + cols);
    const words = wordsAt(chip, z + token * headDim, headDim);
    for (let row = 0; row < headDim; row++) words[row] = dot(weights, values, row * cols, cols);
    describe(chip, c + token, words, chip.descriptors[b + token]!.exponent);
  }
}

function dot(vector: Int8Array, matrix: Int8Array, at: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += vector[i]! * matrix[at + i]!;
  return sum;
}

function describe(chip: Chip, descriptor: number, words: Int32Array, exponent: number): void {
  const target = chip.descriptors[descriptor]!;
  target.exponent = exponent;
  target.peak = peakOf(words);
}
