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

/** Byte of an instruction in which a field begins. */
export const BYTE_OF: Readonly<Record<FieldName, number>> = {
  ...{ a: 4, b: 5, c: 6, d: 7 },
  ...{ w: 8, x: 12, y: 16, z: 20 },
};

/** How an instruction is read from the program memory: so many bytes together, in so many pieces. */
export interface Pieces {
  readonly pieceBytes: number;
  readonly pieces: number;
  /** Bits of a piece's number. */
  readonly pieceBits: number;
}

export function piecesFor({ sequencer }: Machine): Pieces {
  const pieceBytes = [24, 8, 4, 2, 1].find((bytes) => bytes <= sequencer.bytesPerCycle) ?? 1;
  const pieces = INSTRUCTION_BYTES / pieceBytes;
  return { pieceBytes, pieces, pieceBits: bitsFor(pieces - 1) };
}

/** What the program memory is made of: block RAM, or an SB_SPRAM256KA of the iCE40 UltraPlus. */
export type ProgramMemory = "block" | "spram";

export interface SequencerOptions {
  /** Bits of a layer's number, and of the number of layers. */
  readonly layerBits: number;
  /** Bits of a count of tokens on their way from one unit to another. */
  readonly tokenBits: number;
  /** What each unit reads: the matrix unit, the vector unit, the channels. */
  readonly fields: readonly FieldBits[];
  /** For each unit, the units that it gives tokens to, as a mask like the instructions'; all, if not given. */
  readonly releases: readonly number[];
  readonly programMemory: ProgramMemory;
}

export interface SequencerSizes extends SequencerOptions, Pieces {
  /** Units that run instructions; unit u of the instruction set is number u - 1 here. */
  readonly units: number;
  readonly queueDepth: number;
  /** Bits of an instruction's number. */
  readonly programBits: number;
}

export function sequencerSizes(machine: Machine, options: Partial<SequencerOptions> = {}): SequencerSizes {
  const { programBytes, queueDepth } = machine.sequencer;
  const units = 2 + machine.memories.length;
  const {
    layerBits = 8,
    tokenBits = 4,
    fields = Array.from({ length: units }, () => ALL_FIELDS),
    releases = Array.from({ length: units }, () => 2 ** (units + 1) - 1),
    programMemory = "block",
  } = options;
  if (fields.length !== units)
    throw new HardwareError(
      `fields are given for ${fields.length} units; machine ${machine.name} has ${units}`,
    );
  return {
    ...piecesFor(machine),
    layerBits,
    tokenBits,
    fields,
    releases,
    programMemory,
    units,
    queueDepth,
    programBits: bitsFor(Math.max(2, Math.floor(programBytes / INSTRUCTION_BYTES)) - 1),
  };
}
