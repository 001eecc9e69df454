import { INT4, UNIT } from "./emit.ts";
import { FIRST_CHANNEL, type Instruction, MATRIX, type Operation, SEQUENCER, VECTOR } from "./instruction.ts";
import type { Machine } from "./machine.ts";
import { ISA_VERSION, type Program } from "./program.ts";

type Field = Exclude<keyof Instruction, "operation" | "unit" | "wait" | "release">;

/** What the fields of each operation are called; fields that are not named are zero. */
const OPERANDS: Readonly<Record<Operation, Partial<Readonly<Record<Field, string>>>>> = {
  "SYS.END": {},
  "SYS.END_UNLESS_SAMPLING": {},
  "SYS.LOOP": { w: "count", x: "first" },
  "SYS.NEXT": {},
  "SYS.SYNC": {},
  "LD.WEIGHTS": { w: "@", x: "bytes", y: "layer+" },
  "LD.KEYS": { w: "@", x: "bytes", y: "layer+", z: "per tokens" },
  "LD.VALUES": { w: "@", x: "bytes", y: "layer+", z: "per tokens" },
  "LD.EXPONENTS": { w: "@", x: "bytes a token", y: "layer+", z: "codes" },
  "LD.EMBEDDING": { w: "@", x: "bytes", y: "token+", z: "words", d: "to d" },
  "LD.ANGLES": { w: "@", x: "bytes", y: "position+" },
  "LD.VECTOR": { w: "@", x: "bytes", y: "bytes a token", z: "codes" },
  "LD.CACHE": { w: "@", x: "bytes a token", y: "layer+" },
  "ST.KEY": { w: "@", x: "count", y: "layer+", z: "codes", a: "bits", b: "tile" },
  "ST.VALUE": { w: "@", x: "count", y: "layer+", z: "codes", a: "bits", b: "tile" },
  "ST.EXPONENTS": { w: "@", y: "layer+", b: "key d", c: "value d" },
  "ST.VECTOR": { w: "@", x: "bytes", y: "bytes a token", z: "codes" },
  "MV.WEIGHTS": { w: "rows", x: "cols", y: "codes", z: "words", b: "from d", c: "to d", d: "stream" },
  "MV.KEYS": { w: "stride", x: "cols", y: "codes", z: "words", d: "stream" },
  "MV.VALUES": { w: "rows", x: "stride", y: "codes", z: "words", b: "from d", c: "to d", d: "stream" },
  "MM.WEIGHTS": {
    w: "rows",
    x: "cols",
    y: "codes",
    z: "words",
    a: "tokens",
    b: "from d",
    c: "to d",
    d: "stream",
  },
  "MM.KEYS": { w: "stride", x: "cols", y: "codes", z: "words", a: "tokens", d: "stream" },
  "MM.VALUES": {
    w: "rows",
    x: "stride",
    y: "codes",
    z: "words",
    a: "tokens",
    b: "from d",
    c: "to d",
    d: "stream",
  },
  "MISC.NORM": {
    w: "n",
    x: "words",
    z: "codes",
    b: "from d",
    d: "to d",
    y: "1/n, eps",
    a: "exp 1/n",
    c: "exp eps",
  },
  "MISC.LAYERNORM": { w: "n", x: "words", z: "codes", b: "from d", d: "to d" },
  "MISC.ROTATE": { w: "n", x: "words", z: "to words", b: "from d", d: "to d" },
  "MISC.PEAK": { w: "n", x: "words", b: "from d", d: "to d" },
  "MISC.QUANTIZE": {
    w: "n",
    a: "segments",
    c: "bits",
    x: "words",
    z: "codes",
    b: "from d",
    d: "to d",
  },
  "MISC.SOFTMAX": { x: "words", y: "exponents", z: "codes", b: "from d", d: "to d" },
  "MISC.SCALE": { w: "n", x: "words", z: "to words", b: "from d", c: "sum d", d: "to d" },
  "MISC.GATE": { w: "n", x: "words", z: "to words", b: "from d", d: "to d" },
  "MISC.MULTIPLY": { w: "n", x: "words", y: "words", z: "to words", b: "d", c: "d", d: "to d" },
  "MISC.ADD": { w: "n", x: "words", y: "words", z: "to words", b: "d", c: "d", d: "to d" },
  "MISC.EXCHANGE": {
    w: "n",
    x: "words",
    y: "own from",
    z: "own n",
    d: "codes",
    b: "d",
    c: "own d from",
    a: "own d n",
  },
  "MISC.SAMPLE": { w: "n", x: "words", b: "from d" },
};

const FIELDS: readonly Field[] = ["a", "w", "x", "y", "z", "b", "c", "d"];

/** The program as a table that people can read. */
export function listing({
  instructions,
  operators,
  machine,
  context,
  fingerprint,
  bytes,
  layout,
}: Program): string {
  const lines = [
    `; instruction set ${ISA_VERSION}, machine ${machine.name}, fingerprint ${fingerprint}`,
    `; ${instructions.length} instructions, ${bytes.length} bytes with header, room for ${context} tokens`,
    ...layout.regions
      .filter(({ contents }) => contents !== "weights")
      .map(
        ({ name, memory, address, bytes: size }) =>
          `; ${name}: ${machine.memories[memory]!.name} @${address}, ${size} bytes`,
      ),
    ...weightLines(layout, machine),
    "",
  ];
  let operator = "";
  for (const [index, instruction] of instructions.entries()) {
    if (operators[index] !== operator) {
      operator = operators[index]!;
      lines.push(`; ${operator}`);
    }
    lines.push(instructionText(index, instruction, machine));
  }
  return lines.join("\n");
}

function weightLines(layout: Program["layout"], machine: Machine): string[] {
  const [first, last] = [layout.streams[0]!, layout.streams.at(-1)!];
  const { memory } = layout.regions.find(({ contents }) => contents === "weights")!;
  return [
    `; ${layout.streams.length} weight streams: ${machine.memories[memory]!.name} @${first.address}, ${last.address + last.bytes - first.address} bytes`,
  ];
}

function instructionText(index: number, instruction: Instruction, machine: Machine): string {
  const { operation, unit, wait, release } = instruction;
  const names = OPERANDS[operation];
  const operands = FIELDS.flatMap((field) => {
    const name = names[field];
    return name === undefined
      ? []
      : [`${name} ${operandText(operation, field, name, instruction[field], machine)}`];
  });
  const tokens = [
    wait === 0 ? "" : `waits for ${unitsOf(wait, machine)}`,
    release === 0 ? "" : `releases ${unitsOf(release, machine)}`,
  ];
  const comment = tokens.filter((text) => text !== "").join(", ");
  const text = `${String(index).padStart(5)}  ${operation.padEnd(24)}${unitName(unit, machine).padEnd(10)}${operands.join(", ")}`;
  return comment === "" ? text : `${text.padEnd(110)}  ; ${comment}`;
}

/** Loads and stores whose length is said in bytes; of others it is in units of 16. */
const IN_BYTES: ReadonlySet<Operation> = new Set(["LD.EMBEDDING", "LD.ANGLES", "LD.VECTOR", "ST.VECTOR"]);

function operandText(
  operation: Operation,
  field: Field,
  name: string,
  value: number,
  machine: Machine,
): string {
  const memoryOperation = operation.startsWith("LD.") || operation.startsWith("ST.");
  const inUnits =
    memoryOperation && (name === "@" || name === "layer+" || name === "token+" || name === "position+");
  const streamBytes = field === "x" && name === "bytes" && !IN_BYTES.has(operation);
  if (inUnits || streamBytes) return String(UNIT * value);
  if (name === "stream") return `${unitName(value & ~INT4, machine)}${(value & INT4) !== 0 ? " int4" : ""}`;
  return String(value);
}

function unitName(unit: number, machine: Machine): string {
  if (unit === SEQUENCER) return "sequencer";
  if (unit === MATRIX) return "matrix";
  if (unit === VECTOR) return "vector";
  return machine.memories[unit - FIRST_CHANNEL]?.name ?? `unit ${unit}`;
}

function unitsOf(mask: number, machine: Machine): string {
  return Array.from({ length: 8 }, (_, unit) => unit)
    .filter((unit) => (mask >> unit) & 1)
    .map((unit) => unitName(unit, machine))
    .join(" and ");
}
