import { INSTRUCTION_BYTES } from "../../../src/compile/instruction.ts";
import type { Machine } from "../../../src/compile/machine.ts";
import { HardwareError } from "../../builder/index.ts";
import { bitsFor } from "../bits.ts";

export const FIELDS = ["a", "b", "c", "d", "w", "x", "y", "z"] as const;
export type FieldName = (typeof FIELDS)[number];

/** Bits of each field of an instruction that a unit looks at, the lowest ones; none of those left out. */
export type FieldBits = Readonly<Partial<Record<FieldName, number>>>;

/** Every bit of every field. */
export const ALL_FIELDS: FieldBits = { a: 8, b: 8, c: 8, d: 8, w: 32, x: 32, y: 32, z: 32 };

export interface SequencerOptions {
  /** Bits of a layer's number, and of the number of layers. */
  readonly layerBits: number;
  /** Bits of a count of tokens on their way from one unit to another. */
  readonly tokenBits: number;
  /** What each unit reads: the matrix unit, the vector unit, the channels. */
  readonly fields: readonly FieldBits[];
}

export interface SequencerSizes extends SequencerOptions {
  /** Units that run instructions; unit u of the instruction set is number u - 1 here. */
  readonly units: number;
  readonly queueDepth: number;
  /** Bytes of an instruction that are read together, and how often that is done. */
  readonly pieceBytes: number;
  readonly pieces: number;
  readonly pieceBits: number;
  /** Bits of an instruction's number. */
  readonly programBits: number;
}

export function sequencerSizes(machine: Machine, options: Partial<SequencerOptions> = {}): SequencerSizes {
  const { programBytes, bytesPerCycle, queueDepth } = machine.sequencer;
  const units = 2 + machine.memories.length;
  const { layerBits = 8, tokenBits = 4, fields = Array.from({ length: units }, () => ALL_FIELDS) } = options;
  if (fields.length !== units)
    throw new HardwareError(
      `fields are given for ${fields.length} units; machine ${machine.name} has ${units}`,
    );
  const pieceBytes = [24, 8, 4, 2, 1].find((bytes) => bytes <= bytesPerCycle) ?? 1;
  const pieces = INSTRUCTION_BYTES / pieceBytes;
  return {
    layerBits,
    tokenBits,
    fields,
    units,
    queueDepth,
    pieceBytes,
    pieces,
    pieceBits: bitsFor(pieces - 1),
    programBits: bitsFor(Math.max(2, Math.floor(programBytes / INSTRUCTION_BYTES)) - 1),
  };
}
