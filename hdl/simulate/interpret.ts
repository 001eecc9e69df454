import type { Domain, Memory, Node, NumberType, Operation, ReadPort, Register } from "../builder/graph.ts";
import { fits, typeText, wrap } from "../builder/type.ts";
import { type FlatDesign, type FlatSignal, PART_BITS } from "./flat.ts";
import { EVERYTHING, liveNodes } from "./rewrite.ts";

export interface InterpreterOptions {
  /** Power-up contents of registers, read ports and memory words that have none of their own; zero otherwise. */
  readonly random?: (bits: number) => bigint;
}

/** Computes a design as its definition reads, with integers of any size. Slow: it is what faster ways are compared with. */
export class Interpreter {
  private readonly design: FlatDesign;
  /** Operands before the operations on them. */
  private readonly operations: readonly Operation[];
  private readonly registers: readonly Register[];
  private readonly reads: readonly ReadPort[];
  private readonly memories = new Map<Memory, bigint[]>();
  private readonly inputs: ReadonlyMap<string, FlatSignal>;
  private readonly signals: ReadonlyMap<string, FlatSignal>;
  private readonly values = new Map<Node, bigint>();
  private settled = false;

  constructor(design: FlatDesign, options: InterpreterOptions = {}) {
    const { random = () => 0n } = options;
    this.design = design;
    const anything = (type: NumberType): bigint => wrap(random(type.width), type);
    const nodes = liveNodes(design, EVERYTHING);
    this.operations = nodes.filter(isOperation);
    this.registers = nodes.filter((node) => node.kind === "register");
    this.reads = nodes.filter((node) => node.kind === "read");
    for (const node of nodes) {
      if (node.kind === "constant") this.values.set(node, node.value);
      if (node.kind === "input") this.values.set(node, 0n);
      if (node.kind === "register") this.values.set(node, node.initial ?? anything(node.type));
      if (node.kind === "read") this.values.set(node, anything(node.type));
    }
    for (const memory of new Set([
      ...this.reads.map((port) => port.memory),
      ...design.memories.flatMap(({ parts }) => parts ?? []),
    ]))
      this.memories.set(
        memory,
        Array.from({ length: memory.depth }, (_, word) =>
          memory.initial === null ? anything(memory.type) : (memory.initial[word] ?? 0n),
        ),
      );
    const byName = (list: readonly FlatSignal[]): Map<string, FlatSignal> =>
      new Map(list.map((signal) => [signal.path.join("."), signal]));
    this.inputs = byName(design.inputs);
    this.signals = byName([...design.signals, ...design.outputs]);
  }

  /** @param value within the input's range */
  set(input: string, value: bigint): void {
    const signal = this.inputs.get(input);
    if (signal?.parts == null) throw new Error(`${this.design.name} has no input ${input}`);
    if (!fits(value, signal.type))
      throw new Error(`${value} does not fit ${input}: ${typeText(signal.type)}`);
    for (const [i, part] of signal.parts.entries())
      this.values.set(part, wrap(value >> BigInt(i * PART_BITS), part.type));
    this.settled = false;
  }

  /** The value of an output, or of any signal that is still there, by its path joined with dots. */
  get(name: string): bigint {
    const parts = this.signals.get(name)?.parts;
    if (parts == null) throw new Error(`${this.design.name} has no signal ${name}`);
    this.settle();
    return parts.reduce((sum, part, i) => sum + (this.valueOf(part) << BigInt(i * PART_BITS)), 0n);
  }

  /** The clock edges of some domains, at the same time; of all where nothing is said. */
  step(domains: ReadonlySet<Domain> = new Set(this.design.domains)): void {
    this.settle();
    const value = (node: Node): bigint => this.valueOf(node);
    const changes: (() => void)[] = [];
    for (const register of this.registers) {
      if (!domains.has(register.domain)) continue;
      const next = value(register.next);
      changes.push(() => this.values.set(register, next));
    }
    for (const port of this.reads) {
      if (!domains.has(port.domain) || (port.enable !== null && value(port.enable) === 0n)) continue;
      const data = this.memories.get(port.memory)?.[Number(value(port.address))] ?? 0n;
      changes.push(() => this.values.set(port, data));
    }
    for (const [memory, words] of this.memories)
      for (const port of memory.writes) {
        if (!domains.has(port.domain) || value(port.enable) === 0n) continue;
        const address = value(port.address);
        if (address >= BigInt(memory.depth)) continue;
        const data = value(port.data);
        const written =
          port.mask === null ? -1n : spread(value(port.mask), port.mask.type.width, memory.type.width);
        changes.push(() => {
          const old = words[Number(address)] ?? 0n;
          words[Number(address)] = wrap((old & ~written) | (data & written), memory.type);
        });
      }
    for (const change of changes) change();
    this.settled = false;
  }

  /** Contents of a memory, by its path joined with dots. */
  words(name: string): readonly bigint[] {
    const memory = this.design.memories.find(({ path }) => path.join(".") === name);
    if (memory?.parts == null) throw new Error(`${this.design.name} has no memory ${name}`);
    const parts = memory.parts.map((part) => this.memories.get(part) ?? []);
    return Array.from({ length: memory.depth }, (_, word) =>
      parts.reduce((sum, part, i) => sum + ((part[word] ?? 0n) << BigInt(i * PART_BITS)), 0n),
    );
  }

  private valueOf(node: Node): bigint {
    const value = this.values.get(node);
    if (value === undefined) throw new Error(`${node.kind} has no value`);
    return value;
  }

  private settle(): void {
    if (this.settled) return;
    for (const node of this.operations) {
      const value = evaluate(node, (operand) => this.valueOf(operand));
      if (!fits(value, node.type))
        throw new Error(`${node.kind} gives ${value}, which does not fit ${typeText(node.type)}`);
      this.values.set(node, value);
    }
    this.settled = true;
  }
}

export function isOperation(node: Node): node is Operation {
  switch (node.kind) {
    case "constant":
    case "input":
    case "wire":
    case "register":
    case "read":
    case "instance-output":
      return false;
    default:
      return true;
  }
}

/** What an operation gives for its operands' values: the definition of each of them. */
export function evaluate(node: Operation, of: (operand: Node) => bigint): bigint {
  switch (node.kind) {
    case "add":
      return of(node.left) + of(node.right);
    case "subtract":
      return of(node.left) - of(node.right);
    case "multiply":
      return of(node.left) * of(node.right);
    case "and":
      return of(node.left) & of(node.right);
    case "or":
      return of(node.left) | of(node.right);
    case "xor":
      return of(node.left) ^ of(node.right);
    case "equal":
      return bit(of(node.left) === of(node.right));
    case "less":
      return bit(of(node.left) < of(node.right));
    case "not":
      return wrap(~of(node.value), node.type);
    case "shift-left":
      return of(node.value) << of(node.amount);
    case "shift-right":
      return of(node.value) >> of(node.amount);
    case "all":
      return bit(bitsOf(node.value, of) === (1n << BigInt(node.value.type.width)) - 1n);
    case "any":
      return bit(of(node.value) !== 0n);
    case "parity":
      return bit(bitsOf(node.value, of).toString(2).replaceAll("0", "").length % 2 === 1);
    case "mux":
      return of(node.condition) === 1n ? of(node.then) : of(node.otherwise);
    case "select": {
      const last = BigInt(node.cases.length - 1);
      const index = of(node.index);
      return of(node.cases[Number(index < last ? index : last)]!);
    }
    case "concat":
      return node.parts.reduce((bits, part) => (bits << BigInt(part.type.width)) | bitsOf(part, of), 0n);
    case "slice":
      return BigInt.asUintN(node.type.width, of(node.value) >> BigInt(node.low));
    case "convert":
      return wrap(of(node.value), node.type);
  }
}

const bit = (condition: boolean): bigint => (condition ? 1n : 0n);

const bitsOf = (node: Node, of: (operand: Node) => bigint): bigint =>
  BigInt.asUintN(node.type.width, of(node));

/** Each of `lanes` mask bits as often as a lane of the word has bits. */
function spread(mask: bigint, lanes: number, width: number): bigint {
  const lane = (1n << BigInt(width / lanes)) - 1n;
  let bits = 0n;
  for (let i = 0; i < lanes; i++) if ((mask >> BigInt(i)) & 1n) bits |= lane << BigInt((i * width) / lanes);
  return bits;
}
