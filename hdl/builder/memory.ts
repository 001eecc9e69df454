import { claimName, type Draft, draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Collisions, Domain, Memory, Node, ReadPort, WritePort } from "./graph.ts";
import * as op from "./operators.ts";
import { packNodes, packNumbers, unpackNode, wordType } from "./pack.ts";
import { type InputOf, type NumbersOf, nodesOf, type Shape, type ValueOf } from "./shape.ts";
import { type Literal, Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";
import { indexWidth } from "./type.ts";

export interface MemoryOptions<S> {
  readonly depth: number;
  /** Words at power-up, from address 0; what is left is zero. Without it a memory begins with anything. */
  readonly initial?: readonly NumbersOf<S>[];
  /**
   * What a read gives of a word that is written in the same cycle. `undefined` is a promise that nobody uses it, and saves the
   * logic that some parts need for the old word; simulations then give its bits inverted. Default `old`.
   */
  readonly collisions?: Collisions;
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

/**
 * Words of one shape behind synchronous ports, as block RAM has them. An address has as many bits as the depth needs; beyond
 * the depth there are no words: a read gives zero, a write does nothing.
 */
export interface MemoryOf<S extends Shape> {
  /** What stood at `address` before the clock edge (see `collisions`); it appears in the cycle after. Only `enable` stops it, no `when` does. */
  read(address: Unsigned | Literal, options?: ReadOptions): ValueOf<S>;
  /** Writes at the clock edge, where the conditions around it hold. Of two writes the one said later wins. */
  write(address: Unsigned | Literal, data: InputOf<S>, options?: WriteOptions): void;
}

const MOST_BITS = 2 ** 33;

/** A memory. A word's fields lie side by side, the first in the lowest bits. */
export function memory<const S extends Shape>(
  name: string,
  shape: S,
  options: MemoryOptions<S>,
): MemoryOf<S> {
  const at = draft("a memory");
  const type = wordType(shape, `a word of memory ${name}`);
  const { width } = type;
  const { depth, initial, collisions = "old" } = options;
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
  const source = callerLocation();
  const node: Memory = {
    kind: "memory",
    name: claimName(name, "this memory", source),
    type,
    depth,
    collisions,
    initial: initial === undefined ? null : packNumbers(shape, initial, name),
    reads,
    writes,
    source,
  };
  at.memories.push(node);
  const addressType = op.unsignedType(indexWidth(depth));
  const addressOf = (address: Unsigned | Literal): Node =>
    nodesOf({ shape: "unsigned", width: addressType.width }, address, `an address of ${name}`)[0]!;
  return {
    read: (address, { enable, domain, name: portName } = {}) => {
      const here = inside(node);
      const port: ReadPort = {
        kind: "read",
        type,
        memory: node,
        name: claimName(
          portName ?? (reads.length === 0 ? `${name}_data` : `${name}_data_${reads.length + 1}`),
          "this read port",
        ),
        address: addressOf(address),
        enable: enable === undefined ? null : bitNode(enable, `the enable of ${name}`),
        domain: domain ?? here.domain,
        source: callerLocation(),
      };
      reads.push(port);
      return unpackNode(shape, port);
    },
    write: (address, data, { mask, domain } = {}) => {
      const here = inside(node);
      if (mask !== undefined && (mask.width > width || width % mask.width !== 0))
        throw new HardwareError(
          `a mask of ${mask.width} bits does not divide the ${width} bits of a word of ${name}`,
        );
      writes.push({
        address: addressOf(address),
        data: packNodes(nodesOf(shape, data, `a write to ${name}`)),
        enable: conjunction(here.conditions),
        mask: mask === undefined ? null : mask.node,
        domain: domain ?? here.domain,
        source: callerLocation(),
      });
    },
  };
}

function inside(node: Memory): Draft {
  const at = draft("a memory's port");
  if (!at.memories.includes(node))
    throw new HardwareError(
      `memory ${node.name} belongs to another module than ${at.name}; connect them by ports`,
    );
  return at;
}

function bitNode(value: Unsigned | Literal, what: string): Node {
  const node = value instanceof Unsigned ? value.node : op.literalOf(value, op.BIT, what);
  op.demandBit(what, node);
  return node;
}

const conjunction = ([first, ...others]: readonly Node[]): Node =>
  first === undefined
    ? op.constant(1n, op.BIT)
    : others.reduce((all, one) => op.bitwise("and", all, one), first);
