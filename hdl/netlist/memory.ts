import type { Domain, Memory, Node, NumberType, ReadPort, Register, WritePort } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { UNKNOWN_SOURCE } from "../builder/source.ts";
import type { Cell } from "./cell.ts";
import { type Circuit, newRegister } from "./circuit.ts";
import { NetlistError } from "./errors.ts";
import type { Bits } from "./json.ts";

/**
 * Yosys' `$mem_v2`, which stands for a memory with all its ports. Memories that are read at clock edges, and then what stood
 * there before, become memories; others become a register a word, which is slow where they are large. Where Yosys says x,
 * a read and a write to one word at once, the old word is read; where two writes meet, the later port wins.
 */
export function readMemory(cell: Cell, circuit: Circuit): boolean {
  if (cell.type !== "$mem_v2") return false;
  const memory = describe(cell);
  if (memory.reads.every(isPlain)) readBlock(memory, cell, circuit);
  else readWords(memory, cell, circuit);
  return true;
}

interface Description {
  readonly type: NumberType;
  readonly depth: number;
  /** Of all words, the last one first; x where nothing is said. */
  readonly initial: string;
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
}

interface Read {
  readonly clocked: boolean;
  readonly falling: boolean;
  readonly clock: Bits;
  readonly enable: Bits;
  readonly address: Bits;
  readonly data: Bits;
  /** Whether a word that is being written is read as the new one, for each write port. */
  readonly transparent: readonly boolean[];
  readonly synchronousReset: Bits;
  readonly asynchronousReset: Bits;
  readonly enableOverReset: boolean;
  /** Of the data: at power-up, and after the resets. */
  readonly values: { readonly initial: string; readonly synchronous: string; readonly asynchronous: string };
}

interface Write {
  readonly falling: boolean;
  readonly clock: Bits;
  /** One for each bit. */
  readonly enable: Bits;
  readonly address: Bits;
  readonly data: Bits;
}

const MOST_BITS = 2 ** 28;
const MOST_PORTS = 1024;

function describe(cell: Cell): Description {
  const { parameters: of, where } = cell;
  const width = of.integer("WIDTH");
  const addressBits = of.integer("ABITS");
  const [readCount, writeCount, depth] = [of.integer("RD_PORTS"), of.integer("WR_PORTS"), of.integer("SIZE")];
  if (width < 1 || depth < 1 || depth * width > MOST_BITS)
    throw new NetlistError(
      `${where} has ${depth} words of ${width} bits; from 1 to ${MOST_BITS} bits are read`,
    );
  if (readCount > MOST_PORTS || writeCount > MOST_PORTS)
    throw new NetlistError(
      `${where} has ${readCount} read and ${writeCount} write ports; at most ${MOST_PORTS} are read`,
    );
  const part = (port: string, index: number, size: number): Bits =>
    (cell.optional(port) ?? []).slice(index * size, (index + 1) * size);
  const flag = (name: string, index: number): boolean => of.pattern(name, "").at(-1 - index) === "1";
  const word = (name: string, index: number): string => partOf(of.pattern(name, "x"), index, width);
  if (of.integer("OFFSET", 0) !== 0)
    throw new NetlistError(
      `${where}: its first address is ${of.integer("OFFSET")}; only memories from 0 on are read`,
    );
  if (/1/.test(of.pattern("RD_WIDE_CONTINUATION", "")) || /1/.test(of.pattern("WR_WIDE_CONTINUATION", "")))
    throw new NetlistError(`${where} has ports wider than its words; run Yosys' memory_narrow before`);
  return {
    type: { width, signed: false },
    depth,
    initial: of.pattern("INIT", "x"),
    reads: Array.from({ length: readCount }, (_, i) => ({
      clocked: flag("RD_CLK_ENABLE", i),
      falling: !flag("RD_CLK_POLARITY", i),
      clock: part("RD_CLK", i, 1),
      enable: part("RD_EN", i, 1),
      address: part("RD_ADDR", i, addressBits),
      data: part("RD_DATA", i, width),
      transparent: Array.from({ length: writeCount }, (_, write) =>
        flag("RD_TRANSPARENCY_MASK", i * writeCount + write),
      ),
      synchronousReset: part("RD_SRST", i, 1),
      asynchronousReset: part("RD_ARST", i, 1),
      enableOverReset: flag("RD_CE_OVER_SRST", i),
      values: {
        initial: word("RD_INIT_VALUE", i),
        synchronous: word("RD_SRST_VALUE", i),
        asynchronous: word("RD_ARST_VALUE", i),
      },
    })),
    writes: Array.from({ length: writeCount }, (_, i) => {
      if (!flag("WR_CLK_ENABLE", i))
        throw new NetlistError(`${where} is written without a clock, like a latch`);
      return {
        falling: !flag("WR_CLK_POLARITY", i),
        clock: part("WR_CLK", i, 1),
        enable: part("WR_EN", i, width),
        address: part("WR_ADDR", i, addressBits),
        data: part("WR_DATA", i, width),
      };
    }),
  };
}

/** Word `index` of a pattern whose highest bit stands first; x where the pattern ends before it. */
function partOf(pattern: string, index: number, width: number): string {
  const end = pattern.length - index * width;
  return end <= 0 ? "x".repeat(width) : pattern.slice(Math.max(0, end - width), end).padStart(width, "x");
}

const isUnset = (bits: Bits): boolean => bits.every((bit) => bit === "0");
const isUnknown = (pattern: string): boolean => /^x*$/.test(pattern);

const isPlain = ({ clocked, transparent, synchronousReset, asynchronousReset, values }: Read): boolean =>
  clocked &&
  !transparent.includes(true) &&
  isUnset(synchronousReset) &&
  isUnset(asynchronousReset) &&
  isUnknown(values.initial);

function domainOf(port: Read | Write, { clocks }: Circuit, cell: Cell): Domain {
  const [clock = "x"] = port.clock;
  return clocks.domain(clock, port.falling, cell.where);
}

function readBlock(memory: Description, cell: Cell, circuit: Circuit): void {
  const { nets, names, finish } = circuit;
  const reads: ReadPort[] = [];
  const writes: WritePort[] = [];
  const { width } = memory.type;
  const node: Memory = {
    kind: "memory",
    name: names.unique(cell.parameters.text("MEMID", cell.name).replace(/^\\/, "")),
    source: UNKNOWN_SOURCE,
    type: memory.type,
    depth: memory.depth,
    collisions: "old",
    initial: isUnknown(memory.initial)
      ? null
      : Array.from({ length: memory.depth }, (_, i) => nets.constant(partOf(memory.initial, i, width))),
    reads,
    writes,
  };
  circuit.memories.push(node);
  for (const read of memory.reads) {
    const port: { -readonly [key in keyof ReadPort]: ReadPort[key] } = {
      kind: "read",
      type: memory.type,
      memory: node,
      name: names.ofState(read.data, `${node.name}_data`),
      source: UNKNOWN_SOURCE,
      // Set below: it may follow the data.
      address: op.constant(0n, op.BIT),
      enable: null,
      domain: domainOf(read, circuit, cell),
    };
    reads.push(port);
    nets.leaf(read.data, port, cell.where);
    finish.push(() => {
      port.address = nets.word(read.address);
      port.enable = isAlways(read.enable) ? null : nets.word(read.enable);
    });
  }
  for (const write of memory.writes) {
    const domain = domainOf(write, circuit, cell);
    finish.push(() => {
      const { enable, mask } = lanes(write.enable, circuit);
      const address = nets.word(write.address);
      writes.push({ source: UNKNOWN_SOURCE, address, data: nets.word(write.data), enable, mask, domain });
    });
  }
}

const isAlways = (enable: Bits): boolean => enable.every((bit) => bit === "1");

/** Enables of single bits as one of the word, or as a mask of lanes as wide as they can be. */
function lanes(enable: Bits, { nets }: Circuit): Pick<WritePort, "enable" | "mask"> {
  const [first = "0"] = enable;
  if (enable.every((bit) => bit === first)) return { enable: nets.bit(first), mask: null };
  let lane = enable.length;
  const uniform = (size: number): boolean => enable.every((bit, i) => bit === enable[i - (i % size)]);
  do lane--;
  while (enable.length % lane !== 0 || !uniform(lane));
  const mask = nets.word(enable.filter((_, i) => i % lane === 0));
  return { enable: op.constant(1n, op.BIT), mask };
}

/** Most words of a memory that is made of registers. */
const MOST_WORDS = 4096;

function readWords(memory: Description, cell: Cell, circuit: Circuit): void {
  const { nets, finish } = circuit;
  const { type, depth } = memory;
  if (depth > MOST_WORDS)
    throw new NetlistError(
      `${cell.where} has ${depth} words and is not read at a clock edge alone; a memory of registers has ${MOST_WORDS} words at most`,
    );
  const [firstWrite] = memory.writes;
  const domain = firstWrite === undefined ? null : domainOf(firstWrite, circuit, cell);
  if (memory.writes.some((write) => domainOf(write, circuit, cell) !== domain))
    throw new NetlistError(`${cell.where} is written by two clocks, and is not read at a clock edge alone`);
  const name = cell.parameters.text("MEMID", cell.name).replace(/^\\/, "");
  const words = Array.from({ length: depth }, (_, i) => {
    const pattern = partOf(memory.initial, i, type.width);
    const initial = isUnknown(pattern) ? null : nets.constant(pattern);
    if (domain === null) return op.constant(initial ?? nets.constant(pattern), type);
    const bits: Bits = Array.from({ length: type.width }, () => "x" as const);
    return newRegister(circuit, bits, `${name}[${i}]`, domain, initial);
  });
  finish.push(() => {
    const ports = memory.writes.map((write) => ({
      address: nets.word(write.address),
      data: nets.word(write.data),
      enable: nets.word(write.enable),
    }));
    words.forEach((word, i) => {
      if (word.kind !== "register") return;
      word.next = ports.reduce<Node>((before, { address, data, enable }) => {
        if (i >= 2 ** address.type.width) return before;
        const here = op.compare("equal", address, op.constant(BigInt(i), address.type));
        return op.mux(here, merged(before, data, enable), before);
      }, word);
    });
  });
  for (const read of memory.reads) {
    const value = (): Node => {
      const address = nets.word(read.address);
      const reachable = words.slice(0, 2 ** Math.min(31, address.type.width));
      const beyond = reachable.length < 2 ** address.type.width ? [op.constant(0n, type)] : [];
      return op.select(address, [...reachable, ...beyond]);
    };
    if (!read.clocked) nets.logic(read.data, [read.address], value, cell.where);
    else readRegister(read, memory.writes, value, cell, circuit);
  }
}

/** Bits of `data` where `enable` is set, and of `before` where it is not. */
const merged = (before: Node, data: Node, enable: Node): Node =>
  op.bitwise("or", op.bitwise("and", data, enable), op.bitwise("and", before, op.not(enable)));

/** A port that is read at a clock edge, as a register behind one that is read at once. */
function readRegister(
  read: Read,
  writes: readonly Write[],
  value: () => Node,
  cell: Cell,
  circuit: Circuit,
): void {
  const { nets, finish } = circuit;
  const { initial } = read.values;
  const register: Register = newRegister(
    circuit,
    read.data,
    `${cell.name}_data`,
    domainOf(read, circuit, cell),
    isUnknown(initial) ? null : nets.constant(initial),
  );
  const constant = (pattern: string): Node => op.constant(nets.constant(pattern), register.type);
  const withReset = (reset: Bits, pattern: string, otherwise: Node): Node =>
    isUnset(reset) ? otherwise : op.mux(nets.word(reset), constant(pattern), otherwise);
  const { asynchronousReset, values } = read;
  if (isUnset(asynchronousReset)) nets.leaf(read.data, register, cell.where);
  else
    nets.logic(
      read.data,
      [asynchronousReset],
      () => withReset(asynchronousReset, values.asynchronous, register),
      cell.where,
    );
  finish.push(() => {
    const address = nets.word(read.address);
    let next = value();
    writes.forEach((write, i) => {
      if (!read.transparent[i]) return;
      const here = op.compare("equal", address, nets.word(write.address));
      next = op.mux(here, merged(next, nets.word(write.data), nets.word(write.enable)), next);
    });
    const enabled = (then: Node): Node =>
      isAlways(read.enable) ? then : op.mux(nets.word(read.enable), then, register);
    const reset = (otherwise: Node): Node => withReset(read.synchronousReset, values.synchronous, otherwise);
    next = read.enableOverReset ? enabled(reset(next)) : reset(enabled(next));
    register.next = withReset(asynchronousReset, values.asynchronous, next);
  });
}
