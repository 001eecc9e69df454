import type { Arithmetic, Comparison, Node } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { fits, largest, smallest } from "../../builder/type.ts";
import { isBit, isZero, tight } from "./facts.ts";
import type { Rule } from "./nodes.ts";

const operation = { add: op.add, subtract: op.subtract, multiply: op.multiply };

export const arithmetic: Rule<Arithmetic> = (node, make) => {
  const { kind, left, right, type } = node;
  const as = (value: Node): Node => make(op.convert(value, type));
  if (kind === "subtract" && left === right) return make(op.constant(0n, type));
  if (isZero(right)) return kind === "multiply" ? make(op.constant(0n, type)) : as(left);
  if (kind === "multiply" && right.kind === "constant" && right.value > 0n) {
    const places = right.value.toString(2).length - 1;
    if (right.value === 1n << BigInt(places))
      return as(make(op.shiftLeft(left, make(op.literal(places, false)))));
  }
  const [a, b] = [tight(left, make), tight(right, make)];
  return a === left && b === right ? node : as(make(operation[kind](a, b)));
};

export const comparison: Rule<Comparison> = (node, make) => {
  const { kind, left, right } = node;
  const bit = (value: boolean): Node => make(op.constant(value ? 1n : 0n, op.BIT));
  if (left === right) return bit(kind === "equal");
  const [a, b] = [tight(left, make), tight(right, make)];
  if (a !== left || b !== right) return make(op.compare(kind, a, b));
  if (right.kind === "constant") {
    const { type } = left;
    if (kind === "less" && right.value > largest(type)) return bit(true);
    if (kind === "less" && right.value <= smallest(type)) return bit(false);
    if (kind === "equal" && !fits(right.value, type)) return bit(false);
    if (kind === "equal" && isBit(type)) return isZero(right) ? make(op.not(left)) : left;
    if (kind === "less" && isZero(right)) return make(op.slice(left, type.width - 1, type.width - 1));
    if (kind === "less" && !type.signed && right.value === 1n)
      return make(op.compare("equal", left, make(op.literal(0, false))));
    if (kind === "equal" && left.kind === "mux") {
      const [then, otherwise] = [left.then, left.otherwise];
      if (then.kind === "constant" && otherwise.kind === "constant") {
        const cases = [bit(then.value === right.value), bit(otherwise.value === right.value)] as const;
        return make(op.mux(left.condition, ...cases));
      }
    }
  }
  if (kind === "less" && left.kind === "constant") {
    if (left.value >= largest(right.type)) return bit(false);
    if (left.value < smallest(right.type)) return bit(true);
    if (left.value === 0n && !right.type.signed) return make(op.reduce("any", right));
  }
  return node;
};
