import { createHash } from "node:crypto";
import { InputError } from "../../models/errors.ts";
import type { Buffers } from "./buffers.ts";
import { decodeInstruction, encodeInstruction, INSTRUCTION_BYTES, type Instruction } from "./instruction.ts";
import type { MemoryLayout, ModelPlan } from "./layout.ts";
import type { Machine } from "./machine.ts";
import type { Step } from "./tokens.ts";

export const ISA_VERSION = 2;
const MAGIC = "ACCL";
export const PROGRAM_HEADER_BYTES = 32;
const FINGERPRINT_BYTES = 16;

/** A compiled program with all that belongs to it. The bytes are what a machine reads; the rest is for people and tests. */
export interface Program {
  readonly machine: Machine;
  readonly plan: ModelPlan;
  /** Tokens that the program has room for. */
  readonly context: number;
  readonly instructions: readonly Instruction[];
  /** Operator of each instruction. */
  readonly operators: readonly string[];
  /** What each instruction touches on the chip. */
  readonly accesses: readonly Pick<Step, "reads" | "writes">[];
  readonly layout: MemoryLayout;
  readonly buffers: Buffers;
  /** Header and instructions. */
  readonly bytes: Uint8Array;
  readonly fingerprint: string;
}

/** Hash of what program and circuit must agree on: the machine's structure and the version of the instruction set. */
export function fingerprintOf(machine: Machine): string {
  const { matrix, vector, sequencer, memories, cluster, schedule } = machine;
  const structure = {
    isa: ISA_VERSION,
    matrix,
    vector,
    sequencer,
    memories: memories.map(({ origin: _origin, ...memory }) => memory),
    ...(cluster === undefined ? {} : { cluster }),
    ...(schedule === undefined ? {} : { schedule }),
  };
  return createHash("sha256")
    .update(JSON.stringify(structure))
    .digest("hex")
    .slice(0, 2 * FINGERPRINT_BYTES);
}

export function assemble(parts: Omit<Program, "bytes" | "fingerprint">): Program {
  const { machine, instructions, context } = parts;
  const fingerprint = fingerprintOf(machine);
  const bytes = new Uint8Array(PROGRAM_HEADER_BYTES + instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(MAGIC, "latin1"), 0);
  view.setUint16(4, ISA_VERSION, true);
  view.setUint32(8, instructions.length, true);
  view.setUint32(12, context, true);
  bytes.set(Buffer.from(fingerprint, "hex"), 16);
  for (const [index, instruction] of instructions.entries()) {
    encodeInstruction(instruction, bytes, PROGRAM_HEADER_BYTES + index * INSTRUCTION_BYTES);
  }
  return { ...parts, bytes, fingerprint };
}

/** The program as a machine sees it. */
export interface DecodedProgram {
  readonly instructions: readonly Instruction[];
  readonly context: number;
  readonly fingerprint: string;
}

/**
 * Reads a program's bytes.
 * @throws InputError where they are damaged, of another version, or made for another machine
 */
export function decodeProgram(bytes: Uint8Array, machine: Machine): DecodedProgram {
  if (bytes.length < PROGRAM_HEADER_BYTES || Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== MAGIC) {
    throw new InputError(`The program does not begin with "${MAGIC}": it is no program of this project.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(4, true);
  if (version !== ISA_VERSION) {
    throw new InputError(
      `The program is of instruction set version ${version}, but this machine runs version ${ISA_VERSION}.`,
    );
  }
  const count = view.getUint32(8, true);
  const expected = PROGRAM_HEADER_BYTES + count * INSTRUCTION_BYTES;
  if (bytes.length !== expected) {
    throw new InputError(
      `The program says it has ${count} instructions (${expected} bytes), but it is ${bytes.length} bytes long.`,
    );
  }
  const fingerprint = Buffer.from(bytes.subarray(16, 16 + FINGERPRINT_BYTES)).toString("hex");
  const own = fingerprintOf(machine);
  if (fingerprint !== own) {
    throw new InputError(
      `The program was compiled for a machine with fingerprint ${fingerprint}, but ${machine.name} has ${own}.`,
    );
  }
  const instructions: Instruction[] = [];
  for (let index = 0; index < count; index++) {
    try {
      instructions.push(decodeInstruction(bytes, PROGRAM_HEADER_BYTES + index * INSTRUCTION_BYTES));
    } catch (error) {
      throw new InputError(`Instruction ${index} of the program is damaged: ${(error as Error).message}.`);
    }
  }
  return { instructions, context: view.getUint32(12, true), fingerprint };
}
