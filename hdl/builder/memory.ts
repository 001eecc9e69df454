import { claimName, draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Memory, Node, ReadPort, WritePort } from "./graph.ts";
import * as op from "./operators.ts";
import {
  fieldsOf,
  type InputOf,
  type NumbersOf,
  nodesOf,
  numbersOf,
  type Shape,
  type ValueOf,
  valueFrom,
} from "./shape.ts";
import { type Literal, type Unsigned, Unsigned as UnsignedSignal } from "./signal.ts";
import { callerLocation } from "./source.ts";
import { wrap } from "./type.ts";

export interface MemoryOptions<S> {
  readonly depth: number;
  /** Words at power-up, from address 0; what is left is zero. Without it a memory begins with anything. */
  readonly initial?: readonly NumbersOf<S>[];
}

export interface WriteOptions {
  /** One bit for each lane of the word, the lowest for its lowest bits. */
  readonly mask?: Unsigned;
  readonly domain?: Domain;
}

export interface ReadOptions {
  /** Where it is 0, the data of the last read stay. */
  readonly enable?: Unsigned | Literal;
  readonly domain?: Domain;
  /** Name of the port in Verilog. */
  readonly name?: string;
}

/** Words of one shape behind synchronous ports, as block RAM has them. */
export interface MemoryOf<S extends Shape> {
  /** What stood at `address` before the clock edge; it appears in the cycle after. */
  read(address: Unsigned, options?: ReadOptions): ValueOf<S>;
  /** Writes at the clock edge, where the conditions around it hold. Of two writes the one said later wins. */
  write(address: Unsigned, data: InputOf<S>, options?: WriteOptions): void;
}

const MOST_BITS = 2 ** 33;

/** A memory. A word's fields lie side by side, the first in the lowest bits. */
export function memory<const S extends Shape>(
  name: string,
  shape: S,
  options: MemoryOptions<S>,
): MemoryOf<S> {
  const at = draft("a memory");
  const fields = fieldsOf(shape, "");
  const [only] = fields;
  if (only === undefined) throw new HardwareError(`memory ${name} has words without any field`);
  const width = fields.reduce((sum, { type }) => sum + type.width, 0);
  // A word of one number keeps its sign; fields side by side have none.
  const type = fields.length === 1 ? only.type : op.unsignedType(width);
  const { depth, initial } = options;
  if (!Number.isSafeInteger(depth) || depth < 1 || depth * width > MOST_BITS)
    throw new HardwareError(
      `memory ${name} of ${depth} words of ${width} bits; it has 1 word at least and ${MOST_BITS} bits at most`,
    );
  if (initial !== undefined && initial.length > depth)
    throw new HardwareError(
      `memory ${name} has ${depth} words, and ${initial.length} are given to begin with`,
    );
  const reads: ReadPort[] = [];
  const writes: WritePort[] = [];
  const node: Memory = {
    kind: "memory",
    name: claimName(name, "a memory"),
    type,
    depth,
    initial:
      initial === undefined ? null : initial.map((word, i) => packNumbers(shape, word, `${name}[${i}]`)),
    reads,
    writes,
    source: callerLocation(),
  };
  at.memories.push(node);
  return {
    read: (address, { enable, domain, name: portName } = {}) => {
      const here = inside(node, name);
      const port: ReadPort = {
        kind: "read",
        type,
        memory: node,
        name: claimName(
          portName ?? (reads.length === 0 ? `${name}_data` : `${name}_data_${reads.length + 1}`),
          "a read port",
        ),
        address: addressOf(address, name),
        enable: enable === undefined ? null : enableOf(enable, name),
        domain: domain ?? here.domain,
        source: callerLocation(),
      };
      reads.push(port);
      return unpackWord(shape, port);
    },
    write: (address, data, { mask, domain } = {}) => {
      const here = inside(node, name);
      if (mask !== undefined && (mask.width > width || width % mask.width !== 0))
        throw new HardwareError(
          `a mask of ${mask.width} bits does not divide the ${width} bits of a word of ${name}`,
        );
      writes.push({
        address: addressOf(address, name),
        data: packWord(shape, data, `write to ${name}`),
        enable:
          here.conditions.reduce<Node | null>(
            (all, one) => (all === null ? one : op.bitwise("and", all, one)),
            null,
          ) ?? op.constant(1n, op.BIT),
        mask: mask === undefined ? null : mask.node,
        domain: domain ?? here.domain,
        source: callerLocation(),
      });
    },
  };
}

function inside(node: Memory, name: string): ReturnType<typeof draft> {
  const at = draft("a memory's port");
  if (!at.memories.includes(node))
    throw new HardwareError(`memory ${name} belongs to another module than ${at.name}`);
  return at;
}

function addressOf(address: Unsigned, name: string): Node {
  if (!(address instanceof UnsignedSignal))
    throw new HardwareError(`an address of ${name} is an unsigned signal`);
  return address.node;
}

function enableOf(enable: Unsigned | Literal, name: string): Node {
  const node =
    enable instanceof UnsignedSignal ? enable.node : op.literalOf(enable, op.BIT, `the enable of ${name}`);
  op.demandBit(`the enable of ${name}`, node);
  return node;
}

function packWord(shape: Shape, data: unknown, what: string): Node {
  const nodes = nodesOf(shape, data, what);
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : op.concat(nodes.toReversed());
}

function unpackWord<S extends Shape>(shape: S, word: Node): ValueOf<S> {
  const fields = fieldsOf(shape, "");
  if (fields.length === 1) return valueFrom(shape, [word]);
  let low = 0;
  return valueFrom(
    shape,
    fields.map(({ type }) => {
      low += type.width;
      return op.convert(op.slice(word, low - 1, low - type.width), type);
    }),
  );
}

function packNumbers(shape: Shape, word: unknown, what: string): bigint {
  const fields = fieldsOf(shape, "");
  const numbers = numbersOf(shape, word, what);
  const [only] = numbers;
  if (fields.length === 1 && only !== undefined) return only;
  let packed = 0n;
  let low = 0;
  for (const [i, { type }] of fields.entries()) {
    packed |= wrap(numbers[i]!, { width: type.width, signed: false }) << BigInt(low);
    low += type.width;
  }
  return packed;
}
