import type { Arithmetic, Comparison, Node, Shift } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { fits, largest, sameType, smallest } from "../../builder/type.ts";
import { isBit, labelsOf, stripped } from "./facts.ts";
import type { Maker, Rule } from "./make.ts";

const is = (node: Node, value: bigint): boolean => node.kind === "constant" && node.value === value;

export const arithmetic: Rule<Arithmetic> = ({ kind, type, left, right }, { make }) => {
  if (kind === "multiply") {
    if (is(left, 0n) || is(right, 0n)) return make(op.constant(0n, type));
    if (is(right, 1n)) return make(op.convert(left, type));
    if (is(left, 1n)) return make(op.convert(right, type));
  } else {
    if (is(right, 0n)) return make(op.convert(left, type));
    if (is(left, 0n) && kind === "add") return make(op.convert(right, type));
  }
  const [a, b] = [stripped(left), stripped(right)];
  return a === left && b === right ? null : make({ kind, type, left: a, right: b });
};

export const comparison: Rule<Comparison> = ({ kind, left, right }, maker) => {
  const { make } = maker;
  const [a, b] = [stripped(left), stripped(right)];
  const bit = (value: boolean): Node => make(op.constant(value ? 1n : 0n, op.BIT));
  if (a === b) return bit(kind === "equal");
  const [lowA, highA] = range(a, maker);
  const [lowB, highB] = range(b, maker);
  if (kind === "less" && highA < lowB) return bit(true);
  if (kind === "less" && lowA >= highB) return bit(false);
  if (kind === "equal" && (highA < lowB || lowA > highB)) return bit(false);
  if (kind === "equal" && a.kind === "constant") return make({ kind, type: op.BIT, left: b, right: a });
  const [x, y] = [widened(a, b, maker), widened(b, a, maker)];
  if (kind === "less" && !x.type.signed && is(y, 1n))
    return make({ kind: "equal", type: op.BIT, left: x, right: make(op.constant(0n, x.type)) });
  if (kind === "equal" && y.kind === "constant" && isBit(x) && labelsOf(x) === null)
    return y.value === 1n ? x : make(op.not(x));
  return x === left && y === right ? null : make({ kind, type: op.BIT, left: x, right: y });
};

function range(node: Node, { numberOf }: Maker): readonly [low: bigint, high: bigint] {
  const number = numberOf(node);
  return number === null ? [smallest(node.type), largest(node.type)] : [number, number];
}

/** A constant in the type of what it is compared with. */
function widened(node: Node, other: Node, { make }: Maker): Node {
  return node.kind === "constant" && fits(node.value, other.type)
    ? make(op.constant(node.value, other.type))
    : node;
}

export const shift: Rule<Shift> = ({ kind, type, value, amount }, maker) => {
  const { make } = maker;
  const as = (node: Node): Node => make(op.convert(node, type));
  const { width, signed } = value.type;
  if (amount.kind === "constant") {
    // Wiring.
    const by = Number(amount.value);
    const placed = (bits: Node): Node => as(make(op.convert(bits, { width: bits.type.width, signed })));
    if (by === 0) return as(value);
    if (kind === "shift-left")
      return placed(make(op.concat([value, make(op.constant(0n, op.unsignedType(by)))])));
    return by >= width ? as(sign(value, maker)) : placed(make(op.slice(value, width - 1, by)));
  }
  const narrow = stripped(amount);
  if (narrow !== amount) return make({ kind, type, value, amount: narrow });
  if (kind === "shift-left") return null;
  if (!sameType(type, value.type)) return as(make({ kind, type: value.type, value, amount }));
  // Verilator takes amounts of 32 bits at most.
  const enough = width.toString(2).length;
  const { width: bits } = amount.type;
  if (bits <= Math.max(31, enough)) return null;
  const beyond = make(op.reduce("any", make(op.slice(amount, bits - 1, enough))));
  const within = make({ kind, type, value, amount: make(op.slice(amount, enough - 1, 0)) });
  return make(op.mux(beyond, as(sign(value, maker)), within));
};

/** What is left of a value when all of its bits are shifted out: 0, or -1 of a negative number. */
function sign(value: Node, { make }: Maker): Node {
  const { width, signed } = value.type;
  if (!signed) return make(op.constant(0n, op.BIT));
  return make(op.convert(make(op.slice(value, width - 1, width - 1)), { width: 1, signed: true }));
}
