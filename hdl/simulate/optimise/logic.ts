import type { Bitwise, Mux, Node, Not, Reduction, Select } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { fits, sameType } from "../../builder/type.ts";
import { isBit, isInverse, isOnes, isZero, keepsValue, tight } from "./facts.ts";
import type { Make, Rule } from "./nodes.ts";

export const bitwise: Rule<Bitwise> = (node, make) => {
  const { kind, left, right, type } = node;
  const zero = (): Node => make(op.constant(0n, type));
  if (left === right) return kind === "xor" ? zero() : left;
  if (isInverse(left, right)) return kind === "and" ? zero() : make(op.not(zero()));
  if (isZero(right)) return kind === "and" ? right : left;
  if (isOnes(right)) return kind === "and" ? left : kind === "or" ? right : make(op.not(left));
  // What is in one operand already need not come again.
  if (kind !== "xor")
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const)
      if (other.kind === kind && (other.left === one || other.right === one)) return other;
  return node;
};

export const not: Rule<Not> = (node) => (node.value.kind === "not" ? node.value.value : node);

export const reduction: Rule<Reduction> = (node, make) => {
  const { kind, value } = node;
  if (value.type.width === 1) return make(op.convert(value, op.BIT));
  if (value.kind !== "convert") return node;
  const inner = value.value;
  if (inner.type.width === value.type.width) return make(op.reduce(kind, inner));
  if (!keepsValue(value)) return node;
  if (kind === "any" || (kind === "parity" && !inner.type.signed)) return make(op.reduce(kind, inner));
  if (kind === "all") return inner.type.signed ? make(op.reduce(kind, inner)) : make(op.constant(0n, op.BIT));
  return node;
};

export const mux: Rule<Mux> = (node, make) => {
  const { condition, type } = node;
  // Within a case the condition is known.
  const then = given(node.then, condition, true);
  const otherwise = given(node.otherwise, condition, false);
  if (condition.kind === "constant") return condition.value === 1n ? then : otherwise;
  if (then === otherwise) return then;
  if (condition.kind === "not") return make(op.mux(condition.value, otherwise, then));
  if (isBit(type)) {
    const inverse = (): Node => make(op.not(condition));
    if (isOnes(then) || then === condition) return make(op.bitwise("or", condition, otherwise));
    if (isZero(otherwise) || otherwise === condition) return make(op.bitwise("and", condition, then));
    if (isZero(then)) return make(op.bitwise("and", inverse(), otherwise));
    if (isOnes(otherwise)) return make(op.bitwise("or", inverse(), then));
  }
  const narrower =
    beforeExtension(then, otherwise, make) ?? beforeExtension(otherwise, then, make)?.toReversed();
  if (narrower !== undefined) {
    const [a, b] = narrower;
    return make(op.convert(make(op.mux(condition, a!, b!)), type));
  }
  return then === node.then && otherwise === node.otherwise ? node : make(op.mux(condition, then, otherwise));
};

/** The case that a multiplexer of this condition takes; other nodes are as they are. */
function given(node: Node, condition: Node, holds: boolean): Node {
  if (node.kind !== "mux" || node.condition !== condition) return node;
  return holds ? node.then : node.otherwise;
}

/** Both values before they were extended from one type to another. */
function beforeExtension(a: Node, b: Node, make: Make): readonly Node[] | undefined {
  if (!keepsValue(a)) return undefined;
  const { type } = a.value;
  if (keepsValue(b) && sameType(b.value.type, type)) return [a.value, b.value];
  if (b.kind === "constant" && fits(b.value, type)) return [a.value, make(op.constant(b.value, type))];
  return undefined;
}

export const select: Rule<Select> = (node, make) => {
  const { index } = node;
  // The last case counts for everything beyond, so equal ones before it say nothing.
  let count = node.cases.length;
  if (index.type.width < 31) count = Math.min(count, 2 ** index.type.width);
  while (count > 1 && node.cases[count - 1] === node.cases[count - 2]) count--;
  const cases = node.cases.slice(0, count);
  const [first, second] = cases;
  if (first === undefined) return node;
  if (index.kind === "constant")
    return cases[index.value < BigInt(count) ? Number(index.value) : count - 1] ?? node;
  if (second === undefined) return first;
  if (count === 2) return make(op.mux(make(op.reduce("any", index)), second, first));
  const narrow = tight(index, make);
  if (narrow === index && count === node.cases.length) return node;
  return make({ ...node, index: narrow, cases });
};
