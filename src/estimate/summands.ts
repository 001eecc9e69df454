import type { Arithmetic, Node } from "../../hdl/builder/graph.ts";
import { FALSE, type Literal, type LogicGraph, not, TRUE } from "./logic-graph.ts";

/** A number, or a product of two, to be added or subtracted. */
export interface Summand {
  /** Lowest first. */
  readonly bits: readonly Literal[];
  readonly times: readonly Literal[] | null;
  readonly signed: boolean;
  readonly minus: boolean;
}

/**
 * What a sum adds up. Sums and products that it alone takes are part of it, as Yosys' `alumacc` merges them.
 * @param merges whether an operand is taken by this sum alone
 */
export function summandsOf(
  sum: Arithmetic,
  of: (operand: Node) => readonly Literal[],
  merges: (operand: Node) => boolean,
): readonly Summand[] {
  const collect = (node: Arithmetic, minus: boolean): readonly Summand[] => {
    const { kind, left, right } = node;
    const { signed } = left.type;
    if (kind === "multiply") return [{ bits: of(left), times: of(right), signed, minus }];
    const operand = (value: Node, negative: boolean): readonly Summand[] => {
      const inner = merged(value, merges);
      return inner === null
        ? [{ bits: of(value), times: null, signed: value.type.signed, minus: negative }]
        : collect(inner, negative);
    };
    return [...operand(left, minus), ...operand(right, minus !== (kind === "subtract"))];
  };
  return collect(sum, false);
}

/** The sum or product below names and widenings, where it is merged into the one that takes it. */
function merged(value: Node, merges: (operand: Node) => boolean): Arithmetic | null {
  if (!merges(value)) return null;
  switch (value.kind) {
    case "add":
    case "subtract":
    case "multiply":
      return value;
    case "wire":
      return merged(value.driver, merges);
    case "convert": {
      const { type } = value.value;
      const widens = type.signed === value.type.signed && type.width <= value.type.width;
      return widens ? merged(value.value, merges) : null;
    }
    default:
      return null;
  }
}

/**
 * The low bits of a sum: a carry chain for two numbers, and for more of them carry-save adders before it, as Yosys'
 * `maccmap` builds both sums of more than two numbers and products.
 */
export function sumOf(graph: LogicGraph, summands: readonly Summand[], width: number): readonly Literal[] {
  const [a, b] = summands;
  if (a !== undefined && b !== undefined && summands.length === 2 && a.times === null && b.times === null) {
    if (!a.minus)
      return added(graph, extended(a.bits, a.signed, width), row(b, width), b.minus ? TRUE : FALSE);
  }
  const columns = new Columns(width);
  for (const summand of summands) columns.add(graph, summand);
  return columns.sum(graph);
}

const extended = (bits: readonly Literal[], signed: boolean, width: number): Literal[] =>
  Array.from({ length: width }, (_, i) => bits[i] ?? (signed ? (bits.at(-1) ?? FALSE) : FALSE));

function row({ bits, signed, minus }: Summand, width: number): Literal[] {
  const wide = extended(bits, signed, width);
  return minus ? wide.map(not) : wide;
}

function added(graph: LogicGraph, a: readonly Literal[], b: readonly Literal[], carryIn: Literal): Literal[] {
  let carry = carryIn;
  return a.map((bit, i) => {
    const other = b[i] ?? FALSE;
    const sum = graph.sum(bit, other, carry);
    carry = graph.carry(bit, other, carry);
    return sum;
  });
}

/** Bits to be added, by their places. */
class Columns {
  private readonly columns: Set<Literal>[];

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => new Set());
  }

  add(graph: LogicGraph, { bits, times, signed, minus }: Summand): void {
    if (times === null) {
      this.addRow(bits, signed, minus, 0);
      return;
    }
    const [long, short] = bits.length < times.length ? [times, bits] : [bits, times];
    for (const [place, factor] of short.entries()) {
      const top = signed && place === short.length - 1;
      this.addRow(
        long.map((bit) => graph.and(bit, factor)),
        signed,
        minus !== top,
        place,
      );
    }
  }

  private addRow(bits: readonly Literal[], signed: boolean, minus: boolean, place: number): void {
    const width = this.columns.length - place;
    if (width <= 0) return;
    const wide = extended(bits, signed, width);
    for (const [i, bit] of wide.entries()) this.addBit(minus ? not(bit) : bit, place + i);
    if (minus) this.addBit(TRUE, place);
  }

  /** The same bit twice is one of the next place. */
  private addBit(bit: Literal, place: number): void {
    const column = this.columns[place];
    if (column === undefined || bit === FALSE) return;
    if (!column.delete(bit)) column.add(bit);
    else this.addBit(bit, place + 1);
  }

  sum(graph: LogicGraph): readonly Literal[] {
    let words = this.words();
    while (words.length > 2) {
      const next: Literal[][] = [];
      for (let i = 0; i < words.length; i += 3) {
        const [a, b, c] = [words[i], words[i + 1], words[i + 2]];
        if (a !== undefined && b !== undefined && c !== undefined) next.push(...saved(graph, a, b, c));
        else next.push(...words.slice(i, i + 3));
      }
      words = next;
    }
    const [a = this.columns.map(() => FALSE), b = this.columns.map(() => FALSE)] = words;
    return added(graph, a, b, FALSE);
  }

  /** As few words as hold all bits. */
  private words(): Literal[][] {
    const columns = this.columns.map((column) => [...column]);
    const most = Math.max(0, ...columns.map(({ length }) => length));
    return Array.from({ length: most }, (_, i) => columns.map((column) => column[i] ?? FALSE));
  }
}

/** Three words as two with the same sum. */
function saved(
  graph: LogicGraph,
  a: readonly Literal[],
  b: readonly Literal[],
  c: readonly Literal[],
): readonly [Literal[], Literal[]] {
  const sums: Literal[] = [];
  const carries: Literal[] = [FALSE];
  for (const [i, x] of a.entries()) {
    const [y = FALSE, z = FALSE] = [b[i], c[i]];
    const half = graph.xor(x, y);
    sums.push(graph.xor(half, z));
    carries.push(graph.or(graph.and(x, y), graph.and(half, z)));
  }
  return [sums, carries.slice(0, a.length)];
}
