import type { Node, NumberType, Operation, Shift } from "../../hdl/builder/graph.ts";
import { FALSE, isFixed, type Literal, type LogicGraph, not, TRUE } from "./logic-graph.ts";
import { summandsOf, sumOf } from "./summands.ts";

/** A word's bits, the lowest first. */
export type Bits = readonly Literal[];

export const constantBits = (value: bigint, width: number): Bits =>
  Array.from({ length: width }, (_, i) => ((value >> BigInt(i)) & 1n ? TRUE : FALSE));

/** The number's bits in another width. */
export function resized(bits: Bits, { signed }: NumberType, width: number): Bits {
  const fill = signed ? (bits.at(-1) ?? FALSE) : FALSE;
  return Array.from({ length: width }, (_, i) => bits[i] ?? fill);
}

/** Comparisons with constants up to so many bits are tables of their own, without a carry chain (Yosys' cmp2lut). */
const TABLE_BITS = 4;

/** Logic of an operation, as Yosys maps it before it optimises. */
export function operationBits(
  graph: LogicGraph,
  node: Operation,
  of: (operand: Node) => Bits,
  merges: (operand: Node) => boolean,
): Bits {
  const { width } = node.type;
  const wide = (operand: Node, to = width): Bits => resized(of(operand), operand.type, to);
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
      return sumOf(graph, summandsOf(node, of, merges), width);
    case "and":
    case "or":
    case "xor": {
      const right = of(node.right);
      return of(node.left).map((a, i) => graph[node.kind](a, right[i] ?? FALSE));
    }
    case "not":
      return of(node.value).map(not);
    case "equal": {
      const most = Math.max(node.left.type.width, node.right.type.width);
      const right = wide(node.right, most);
      return [graph.all(wide(node.left, most).map((a, i) => not(graph.xor(a, right[i] ?? FALSE))))];
    }
    case "less": {
      const most = Math.max(node.left.type.width, node.right.type.width);
      return [less(graph, wide(node.left, most), wide(node.right, most), node.left.type.signed)];
    }
    case "shift-left":
    case "shift-right":
      return shifted(graph, node, of);
    case "all":
    case "any":
    case "parity":
      return [graph[node.kind](of(node.value))];
    case "mux": {
      const [condition = FALSE] = of(node.condition);
      const otherwise = of(node.otherwise);
      return of(node.then).map((a, i) => graph.mux(condition, a, otherwise[i] ?? FALSE));
    }
    case "select":
      return chosen(graph, of(node.index), node.cases.map(of));
    case "concat":
      return node.parts.toReversed().flatMap(of);
    case "slice":
      return of(node.value).slice(node.low, node.low + width);
    case "convert":
      return wide(node.value);
  }
}

function less(graph: LogicGraph, a: Bits, b: Bits, signed: boolean): Literal {
  const top = a.length - 1;
  const unsigned = (bits: Bits): Bits => (signed ? bits.map((bit, i) => (i === top ? not(bit) : bit)) : bits);
  const [x, y] = [unsigned(a), unsigned(b)];
  const table = a.length <= TABLE_BITS && (a.every(isFixed) || b.every(isFixed));
  // Whether x - y borrows.
  let carry: Literal = TRUE;
  for (const [i, bit] of x.entries()) {
    const other = not(y[i] ?? FALSE);
    carry = table
      ? graph.or(graph.and(bit, other), graph.and(carry, graph.or(bit, other)))
      : graph.carry(bit, other, carry);
  }
  return not(carry);
}

function shifted(graph: LogicGraph, { kind, value, amount, type }: Shift, of: (operand: Node) => Bits): Bits {
  const bits = of(value);
  const fill = value.type.signed ? (bits.at(-1) ?? FALSE) : FALSE;
  const left = kind === "shift-left";
  let now: Bits = left ? resized(bits, value.type, type.width) : bits;
  for (const [place, chosenBit] of of(amount).entries()) {
    if (chosenBit === FALSE) continue;
    // Beyond the word's end all places are alike.
    const by = Math.min(2 ** place, now.length);
    const before = now;
    const at = (i: number): Literal => before[i] ?? (i < 0 ? FALSE : fill);
    now = before.map((bit, i) => graph.mux(chosenBit, at(left ? i - by : i + by), bit));
  }
  return resized(now, value.type, type.width);
}

/** Whether an index counts this case. */
export const counts = (graph: LogicGraph, index: Bits, at: number): Literal =>
  graph.all(index.map((bit, place) => ((at >> place) & 1 ? bit : not(bit))));

/**
 * The case that an index counts, the last one for all beyond: written as a `case`, which Yosys maps as a sum of cases, each
 * behind its own condition; equal cases are one.
 */
function chosen(graph: LogicGraph, index: Bits, cases: readonly Bits[]): Bits {
  const reachable = cases.slice(0, 2 ** Math.min(index.length, 30));
  const last = reachable.at(-1) ?? [];
  const [only = FALSE] = index;
  if (reachable.length === 2 && index.length === 1)
    return last.map((bit, i) => graph.mux(only, bit, reachable[0]?.[i] ?? FALSE));
  const conditions = new Map<string, { readonly value: Bits; readonly when: Literal[] }>();
  for (const [at, value] of reachable.slice(0, -1).entries()) {
    const key = value.join();
    const one = conditions.get(key) ?? { value, when: [] };
    one.when.push(counts(graph, index, at));
    conditions.set(key, one);
  }
  conditions.delete(last.join());
  return summed(
    graph,
    [...conditions.values()].map(({ value, when }) => ({ value, when: graph.any(when) })),
    last,
  );
}

/** Values of which one at most is chosen; none: `otherwise`. */
function summed(
  graph: LogicGraph,
  choices: readonly { readonly value: Bits; readonly when: Literal }[],
  otherwise: Bits,
): Bits {
  const [only, ...others] = choices;
  if (only === undefined) return otherwise;
  if (others.length === 0)
    return only.value.map((bit, i) => graph.mux(only.when, bit, otherwise[i] ?? FALSE));
  const any = graph.any(choices.map(({ when }) => when));
  return otherwise.map((bit, i) => {
    const sum = graph.any(choices.map(({ value, when }) => graph.and(when, value[i] ?? FALSE)));
    return graph.or(graph.and(any, sum), graph.and(not(any), bit));
  });
}

/** The word at an address, through a tree of multiplexers with the highest bit at its root. */
export function wordAt(graph: LogicGraph, address: Bits, words: readonly Bits[]): Bits {
  const last = words.at(-1) ?? [];
  const choose = (bits: number, from: number): Bits => {
    if (bits === 0 || from >= words.length) return words[from] ?? last;
    const condition = address[bits - 1] ?? FALSE;
    const [low, high] = [choose(bits - 1, from), choose(bits - 1, from + 2 ** (bits - 1))];
    return low.map((bit, i) => graph.mux(condition, high[i] ?? FALSE, bit));
  };
  return choose(address.length, 0);
}
