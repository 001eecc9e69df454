import { INSTRUCTION_BYTES, SEQUENCER } from "../../src/compile/instruction.ts";
import type { Machine } from "../../src/compile/machine.ts";

/** Bytes of an instruction up to its unit, and up to the operands of a loop. */
export const UNIT_BYTES = 2;
export const LOOP_BYTES = 16;

/** Cycles from a turn at the program memory until what was read can be acted on: the memory's, and a register's. */
const READ_CYCLES = 2;

/**
 * Who reads the program when. The program memory has one port, which the sequencer and the units have in turn: in cycle t
 * it is that of unit t modulo their number. The sequencer reads where an instruction has to go; the unit reads the rest.
 */
export class ProgramTurns {
  private readonly period: number;
  private readonly pieceBytes: number;

  constructor({ sequencer, memories }: Machine) {
    // Sequencer, matrix unit, vector unit, and the channels.
    this.period = 3 + memories.length;
    // Pieces of an instruction do not lie across words of the memory.
    this.pieceBytes = [24, 8, 4, 2, 1].find((bytes) => bytes <= sequencer.bytesPerCycle) ?? 1;
  }

  /** Cycle from which the sequencer has an instruction's first `bytes` bytes, if it can read from cycle `from` on. */
  fetched(bytes: number, from: number): number {
    return this.readUntil(SEQUENCER, bytes, from);
  }

  /** Whose turn it is: what tells one cycle from another. */
  phase(cycle: number): number {
    return cycle % this.period;
  }

  /** Cycle from which a unit has all of an instruction. */
  read(unit: number, from: number): number {
    return this.readUntil(unit, INSTRUCTION_BYTES, from);
  }

  private readUntil(unit: number, bytes: number, from: number): number {
    const first = from + ((((unit - from) % this.period) + this.period) % this.period);
    return first + (Math.ceil(bytes / this.pieceBytes) - 1) * this.period + READ_CYCLES;
  }
}
