import { residual } from "../../models/decoder/integer/add.ts";
import { argmax } from "../../models/decoder/integer/sample.ts";
import type { WordVector } from "../../models/decoder/integer/vector.ts";
import { padded } from "../../src/compile/buffers.ts";
import { INT4, UNIT } from "../../src/compile/emit.ts";
import { FIRST_CHANNEL, type Instruction } from "../../src/compile/instruction.ts";
import { tileBlocksFor } from "../../src/compile/layout.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { planOf, type StreamPlan } from "../../src/compile/stream-plan.ts";
import { Chip, type Registers } from "../chip.ts";
import {
  layerAddress,
  readTiles,
  storeExponents,
  storeKey,
  storeValue,
  stretches,
} from "./keys-and-values.ts";
import type { MemoryImage } from "./memory-image.ts";
import {
  multiplyKeys,
  multiplyValues,
  multiplyWeights,
  type StreamedMatrix,
  streamedMatrix,
} from "./multiply.ts";
import { runVector, vectorAt, type Written, wordsAt } from "./vector.ts";

/** Picks the next token from the logits: greedy, or drawn. */
export type Sampler = (logits: WordVector) => number;

export const greedy: Sampler = (logits) => argmax(logits.words);

/**
 * What instructions do to the chip and its memories, in the order of the program. Tokens see to it that the order in
 * time is no other one where it matters; a test holds them to it.
 */
export class Effects {
  readonly chip: Chip;
  private readonly machine: Machine;
  private readonly images: readonly MemoryImage[];
  /** Matrices by channel and address: weights never change. */
  private readonly matrices = new Map<string, StreamedMatrix & { readonly plan: StreamPlan }>();
  /** Bytes of keys and values that were loaded and not yet used. */
  private readonly loaded: Uint8Array[] = [];

  constructor(machine: Machine, images: readonly MemoryImage[]) {
    this.machine = machine;
    this.images = images;
    this.chip = new Chip(machine);
  }

  private memoryOf({ unit }: Instruction): MemoryImage {
    return this.images[unit - FIRST_CHANNEL]!;
  }

  /** The matrix whose stream begins at an address; its plan is that of the bytes that are there. */
  matrixAt(
    channel: number,
    address: number,
    rows: number,
    cols: number,
  ): StreamedMatrix & { readonly plan: StreamPlan } {
    const key = `${channel}:${address}`;
    const known = this.matrices.get(key);
    if (known !== undefined) return known;
    const tileBlocks = tileBlocksFor(rows, this.machine);
    const decoded = streamedMatrix(this.images[channel]!.bytes.subarray(address), rows, cols, tileBlocks);
    const made = { ...decoded, plan: planOf(decoded.stream.matrix, tileBlocks) };
    this.matrices.set(key, made);
    return made;
  }

  load(instruction: Instruction, registers: Registers): Written | null {
    const memory = this.memoryOf(instruction);
    const { w, x, y, z } = instruction;
    switch (instruction.operation) {
      case "LD.EMBEDDING": {
        const row = memory.read(UNIT * (w + registers.token * y), x);
        const words = wordsAt(this.chip, z, x - 1);
        words.set(new Int8Array(row.buffer, row.byteOffset, x - 1));
        const target = this.chip.descriptors[instruction.d]!;
        const { peak, sumOfSquares } = residual(words, 0);
        Object.assign(target, { exponent: signedByte(row[x - 1]!), peak, sumOfSquares });
        return { data: words, exponent: target.exponent };
      }
      case "LD.ANGLES": {
        const row = memory.read(UNIT * (w + registers.position * y), x);
        const view = new DataView(row.buffer, row.byteOffset, x);
        this.chip.angles = Int16Array.from({ length: x / 2 }, (_, i) => view.getInt16(2 * i, true));
        return null;
      }
      case "LD.EXPONENTS": {
        const count = x * (registers.position + 1);
        const bytes = memory.read(layerAddress(instruction, registers), count);
        this.chip.exponents.set(new Int8Array(bytes.buffer, bytes.byteOffset, count), z);
        return null;
      }
      // A vector comes back as it went, and the cache is read without use: nothing changes.
      case "LD.VECTOR":
      case "LD.CACHE":
        return null;
      case "LD.KEYS":
      case "LD.VALUES": {
        const bytes = memory.read(
          layerAddress(instruction, registers),
          UNIT * x * stretches(instruction, registers),
        );
        this.loaded.push(Uint8Array.from(bytes));
        return null;
      }
      default:
        throw new RangeError(`${instruction.operation} is no load of data`);
    }
  }

  store(instruction: Instruction, registers: Registers): void {
    const memory = this.memoryOf(instruction);
    if (instruction.operation === "ST.KEY") storeKey(instruction, this.chip, registers, memory);
    else if (instruction.operation === "ST.VALUE") storeValue(instruction, this.chip, registers, memory);
    else if (instruction.operation === "ST.EXPONENTS")
      storeExponents(instruction, this.chip, registers, memory);
  }

  multiplyWeights(instruction: Instruction, matrix: StreamedMatrix): Written[] {
    multiplyWeights(instruction, this.chip, matrix);
    return this.wordsWritten(instruction);
  }

  /** @param tileBytes bytes of a whole tile of keys */
  multiplyKeys(
    instruction: Instruction,
    registers: Registers,
    tileBlocks: number,
    tileBytes: number,
  ): Written[] {
    const bytes = this.takeLoaded();
    const tiles = Array.from({ length: bytes.length / tileBytes }, (_, i) =>
      bytes.subarray(i * tileBytes, (i + 1) * tileBytes),
    );
    const keys = readTiles(tiles, tileBlocks, padded(instruction.x), kvBits(instruction));
    multiplyKeys(instruction, this.chip, keys, registers);
    const { w: stride, z: from, a: heads } = instruction;
    return Array.from({ length: heads }, (_, head) => ({
      data: wordsAt(this.chip, from + head * stride, registers.position + 1),
      exponent: null,
    }));
  }

  multiplyValues(instruction: Instruction, registers: Registers, tileBlocks: number): Written[] {
    const count = Math.ceil(padded(instruction.w) / 16 / tileBlocks);
    const tiles = Array.from({ length: count }, () => this.takeLoaded());
    const values = readTiles(tiles, tileBlocks, padded(registers.position + 1), kvBits(instruction));
    multiplyValues(instruction, this.chip, values, registers);
    return this.wordsWritten(instruction);
  }

  vector(instruction: Instruction, registers: Registers): Written {
    return runVector(instruction, this.chip, registers);
  }

  logits({ w, x, b }: Instruction): WordVector {
    return vectorAt(this.chip, x, w, b);
  }

  private takeLoaded(): Uint8Array {
    const bytes = this.loaded.shift();
    if (bytes === undefined) throw new RangeError("keys or values are awaited that no instruction loads");
    return bytes;
  }

  /** The words of each activation vector of a pass. */
  private wordsWritten({ w: rows, z: from, a: tokens, c: first }: Instruction): Written[] {
    return Array.from({ length: tokens }, (_, token) => ({
      data: wordsAt(this.chip, from + token * rows, rows),
      exponent: this.chip.descriptors[first + token]!.exponent,
    }));
  }
}

const signedByte = (byte: number): number => (byte << 24) >> 24;

const kvBits = ({ d }: Instruction): 4 | 8 => ((d & INT4) !== 0 ? 4 : 8);
