import type { Mux, Node, ReadPort, Register, Select } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { sameType } from "../../builder/type.ts";
import { operandsOf, visitInOrder } from "../../builder/walk.ts";
import { logicOfTable } from "./truth-table.ts";

/** A chain of comparisons shorter than this stays one. */
const SHORTEST_CHAIN = 4;

/** Muxes in muxes within a case of a chain that are looked into. */
const MOST_MUXES = 3;

/**
 * Equal values in the form that is fastest to compute: no negated conditions, chains of comparisons with one index as a
 * select, truth tables of single bits as logic, operators that all cases share behind the select.
 */
export class Normaliser {
  private readonly known = new Map<Node, Node>();

  /** This node in normal form; its operands may not be. */
  normal(node: Node): Node {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    let now = node;
    for (let next = step(now); next !== now; next = step(now)) now = next;
    this.known.set(node, now);
    return now;
  }

  /** Visits what `roots` follow in normal form, operands first and nothing behind `isKnown`. */
  visit(
    roots: Iterable<Node>,
    visit: (node: Node) => void,
    isKnown: (node: Node) => boolean = () => false,
  ): void {
    visitInOrder(roots, visit, (node) => (isKnown(node) ? [] : operandsOf(this.normal(node))));
  }
}

function step(node: Node): Node {
  if (node.kind === "mux") return normalMux(node);
  if (node.kind === "select") return normalSelect(node);
  // A bit of a constant, as netlists write their truth tables.
  if (node.kind === "slice" && node.type.width === 1 && node.low === 0 && node.value.kind === "shift-right") {
    const { value, amount } = node.value;
    if (value.kind === "constant" && !value.type.signed && amount.type.width <= 6)
      return logicOfTable(tableText(value.value, amount.type.width), amount) ?? node;
  }
  return node;
}

function normalMux(node: Mux): Node {
  const { condition, then, otherwise } = node;
  if (condition.kind === "not") return op.mux(condition.value, otherwise, then);
  if (condition.kind === "constant") return condition.value === 1n ? then : otherwise;
  return selectOfChain(node) ?? node;
}

/** `index` compared with a constant. */
function comparisonOf(condition: Node): { readonly index: Node; readonly value: bigint } | null {
  if (condition.kind !== "equal" || condition.left.type.signed) return null;
  const { left, right } = condition;
  if (right.kind === "constant") return { index: left, value: right.value };
  if (left.kind === "constant") return { index: right, value: left.value };
  return null;
}

/** Comparisons of one index with small constants, one after the other, as a select. */
function selectOfChain(head: Mux): Node | null {
  const index = comparisonOf(head.condition)?.index;
  if (index === undefined) return null;
  const cases = new Map<bigint, Node>();
  let rest: Node = head;
  while (rest.kind === "mux") {
    const comparison = comparisonOf(rest.condition);
    if (comparison?.index !== index) break;
    // Of equal constants the first one counts.
    if (!cases.has(comparison.value))
      cases.set(comparison.value, whereIndexIs(comparison.value, index, rest.then, MOST_MUXES));
    rest = rest.otherwise;
  }
  const largest = [...cases.keys()].reduce((a, b) => (a > b ? a : b));
  if (cases.size < SHORTEST_CHAIN || largest > BigInt(4 * cases.size)) return null;
  const all = 1n << BigInt(index.type.width);
  const count = largest + 2n < all ? largest + 2n : all;
  const fallback = rest;
  return op.select(
    index,
    Array.from({ length: Number(count) }, (_, i) => cases.get(BigInt(i)) ?? fallback),
  );
}

/** What a node is where the index has this value: comparisons with it are decided, in muxes inside of so many others. */
function whereIndexIs(value: bigint, index: Node, node: Node, levels: number): Node {
  let now = node;
  while (now.kind === "mux") {
    const comparison = comparisonOf(now.condition);
    if (comparison?.index !== index) break;
    now = comparison.value === value ? now.then : now.otherwise;
  }
  if (now.kind !== "mux" || levels === 0) return now;
  const then = whereIndexIs(value, index, now.then, levels - 1);
  const otherwise = whereIndexIs(value, index, now.otherwise, levels - 1);
  return then === now.then && otherwise === now.otherwise ? now : op.mux(now.condition, then, otherwise);
}

function normalSelect(node: Select): Node {
  const { index, cases } = node;
  const [first, second] = cases;
  if (first === undefined) return node;
  if (cases.every((one) => one === first)) return first;
  if (cases.length === 2 && second !== undefined)
    return op.mux(index.type.width === 1 ? index : op.reduce("any", index), second, first);
  const { width } = index.type;
  const enough = Math.ceil(Math.log2(cases.length));
  if (width > enough)
    return op.mux(
      op.reduce("any", op.slice(index, width - 1, enough)),
      cases[cases.length - 1]!,
      op.select(op.slice(index, enough - 1, 0), cases),
    );
  return tableOfBits(node) ?? behindSelect(node) ?? node;
}

/** Constant single bits as logic, or as one constant that is shifted by the index. */
function tableOfBits({ index, cases, type }: Select): Node | null {
  const inputs = index.type.width;
  if (type.width > 1 || type.signed || inputs > 6 || cases.some((one) => one.kind !== "constant"))
    return null;
  const length = 2 ** inputs;
  let bits = 0n;
  for (let i = 0; i < length; i++) {
    const one = cases[Math.min(i, cases.length - 1)];
    if (one?.kind === "constant") bits |= one.value << BigInt(i);
  }
  const logic = logicOfTable(tableText(bits, inputs), index);
  return logic ?? op.slice(op.shiftRight(op.constant(bits, op.unsignedType(length)), index), 0, 0);
}

/** A character for each value of an index of so many bits. */
function tableText(bits: bigint, inputs: number): string {
  const length = 2 ** inputs;
  return [...BigInt.asUintN(length, bits).toString(2).padStart(length, "0")].toReversed().join("");
}

/** A conversion or slice that all cases share is made once, after the select. */
function behindSelect({ index, cases }: Select): Node | null {
  const [first] = cases;
  if (first === undefined) return null;
  if (first.kind === "convert") {
    const { type } = first.value;
    const inner = cases.flatMap((one) =>
      one.kind === "convert" && sameType(one.value.type, type) ? [one.value] : [],
    );
    return inner.length === cases.length ? op.convert(op.select(index, inner), first.type) : null;
  }
  if (first.kind === "slice") {
    const { low, type, value } = first;
    const inner = cases.flatMap((one) =>
      one.kind === "slice" &&
      one.low === low &&
      one.type.width === type.width &&
      sameType(one.value.type, value.type)
        ? [one.value]
        : [],
    );
    return inner.length === cases.length
      ? op.slice(op.select(index, inner), low + type.width - 1, low)
      : null;
  }
  return null;
}

/** The registers, all different, between which a select chooses; null if it chooses between anything else, or is none. */
export function registersOf(node: Node): readonly (Register | ReadPort)[] | null {
  if (node.kind !== "select") return null;
  const registers = node.cases.flatMap((one) =>
    one.kind === "register" || one.kind === "read" ? [one] : [],
  );
  return registers.length === node.cases.length && new Set(registers).size === registers.length
    ? registers
    : null;
}
