/**
 * The instruction set (`docs/isa.md`). Every instruction is 24 bytes with fixed fields, so that the decoder in the
 * circuit is wiring:
 *
 *     byte 0  operation    bytes 4-7    a, b, c, d   small operands: tokens, descriptors, bits
 *     byte 1  unit         bytes 8-23   w, x, y, z   sizes and addresses, 32 bits each, little-endian
 *     byte 2  wait mask
 *     byte 3  release mask
 */
export const INSTRUCTION_BYTES = 24;

/** What an instruction does, by its operation byte; the field names are those of `docs/isa.md`. */
export const OPERATIONS = {
  "SYS.END": 0x00,
  "SYS.END_UNLESS_SAMPLING": 0x01,
  "SYS.LOOP": 0x02,
  "SYS.NEXT": 0x03,
  "SYS.SYNC": 0x04,
  "LD.WEIGHTS": 0x10,
  "LD.KEYS": 0x11,
  "LD.VALUES": 0x12,
  "LD.EXPONENTS": 0x13,
  "LD.EMBEDDING": 0x14,
  "LD.ANGLES": 0x15,
  "LD.VECTOR": 0x16,
  "LD.CACHE": 0x17,
  "ST.KEY": 0x20,
  "ST.VALUE": 0x21,
  "ST.EXPONENTS": 0x22,
  "ST.VECTOR": 0x23,
  "MV.WEIGHTS": 0x30,
  "MV.KEYS": 0x31,
  "MV.VALUES": 0x32,
  "MM.WEIGHTS": 0x38,
  "MM.KEYS": 0x39,
  "MM.VALUES": 0x3a,
  "MISC.NORM": 0x40,
  "MISC.ROTATE": 0x41,
  "MISC.QUANTIZE": 0x42,
  "MISC.SOFTMAX": 0x43,
  "MISC.SCALE": 0x44,
  "MISC.GATE": 0x45,
  "MISC.ADD": 0x46,
  "MISC.PEAK": 0x47,
  "MISC.SAMPLE": 0x48,
  "MISC.MULTIPLY": 0x49,
  "MISC.EXCHANGE": 0x4a,
  "MISC.LAYERNORM": 0x4b,
} as const;

export type Operation = keyof typeof OPERATIONS;

/** Units that run instructions; channel `n` belongs to the machine's memory `n`. */
export const SEQUENCER = 0;
export const MATRIX = 1;
export const VECTOR = 2;
export const FIRST_CHANNEL = 3;
/** Masks have a bit a unit. */
export const MAX_UNITS = 7;

export interface Instruction {
  readonly operation: Operation;
  readonly unit: number;
  /** Units a token of which is awaited before the start; bit u stands for unit u. */
  readonly wait: number;
  /** Units that get a token when this instruction is done. */
  readonly release: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const OPERATION_NAMES = new Map<number, Operation>(
  (Object.keys(OPERATIONS) as Operation[]).map((name) => [OPERATIONS[name], name]),
);

const SMALL_FIELDS = ["a", "b", "c", "d"] as const;
const WIDE_FIELDS = ["w", "x", "y", "z"] as const;

/** @throws RangeError where a field does not fit */
export function encodeInstruction(instruction: Instruction, into: Uint8Array, at: number): void {
  const bytes: number[] = [
    OPERATIONS[instruction.operation],
    instruction.unit,
    instruction.wait,
    instruction.release,
  ];
  for (const name of SMALL_FIELDS) bytes.push(instruction[name]);
  for (const byte of bytes) {
    if (!Number.isInteger(byte) || byte < 0 || byte > 255)
      throw new RangeError(`${instruction.operation}: ${byte} does not fit a byte`);
  }
  into.set(bytes, at);
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  for (const [index, name] of WIDE_FIELDS.entries()) {
    const value = instruction[name];
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
      throw new RangeError(`${instruction.operation}: ${name} = ${value} does not fit 32 bits`);
    view.setUint32(at + 8 + 4 * index, value, true);
  }
}

/** @throws RangeError where the bytes are no instruction */
export function decodeInstruction(bytes: Uint8Array, at: number): Instruction {
  const operation = OPERATION_NAMES.get(bytes[at]!);
  if (operation === undefined) throw new RangeError(`byte ${at}: ${bytes[at]} is no operation`);
  const unit = bytes[at + 1]!;
  if (!unitRuns(operation, unit)) throw new RangeError(`byte ${at}: unit ${unit} does not run ${operation}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (index: number): number => view.getUint32(at + 8 + 4 * index, true);
  return {
    operation,
    unit,
    wait: bytes[at + 2]!,
    release: bytes[at + 3]!,
    a: bytes[at + 4]!,
    b: bytes[at + 5]!,
    c: bytes[at + 6]!,
    d: bytes[at + 7]!,
    w: wide(0),
    x: wide(1),
    y: wide(2),
    z: wide(3),
  };
}

/** Whether a unit is the one, or one of those, that an operation runs on. */
export function unitRuns(operation: Operation, unit: number): boolean {
  switch (operation.split(".")[0]) {
    case "SYS":
      return unit === SEQUENCER;
    case "MV":
    case "MM":
      return unit === MATRIX;
    case "MISC":
      return unit === VECTOR;
    default:
      return unit >= FIRST_CHANNEL && unit < MAX_UNITS;
  }
}
