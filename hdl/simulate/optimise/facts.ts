import type { Convert, Node, NumberType } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { typeOfNumber } from "../../builder/type.ts";
import type { Make } from "./nodes.ts";

/** Whether every integer of `inner` is one of `outer`. */
export function holds(outer: NumberType, inner: NumberType): boolean {
  if (outer.signed === inner.signed) return outer.width >= inner.width;
  return outer.signed && outer.width > inner.width;
}

/** A conversion that changes no integer. */
export const keepsValue = (node: Node): node is Convert =>
  node.kind === "convert" && holds(node.type, node.value.type);

/** The same integer in fewer bits, of the same signedness, where that can be seen. */
export function tight(node: Node, make: Make): Node {
  if (node.kind === "constant")
    return make(op.constant(node.value, typeOfNumber(node.value, node.type.signed)));
  if (!keepsValue(node)) return node;
  const { value, type } = node;
  if (value.type.signed === type.signed) return value;
  return make(op.convert(value, { width: value.type.width + 1, signed: true }));
}

export const isConstant = (node: Node, value: bigint): boolean =>
  node.kind === "constant" && node.value === value;

export const isZero = (node: Node): boolean => isConstant(node, 0n);

/** All bits set. */
export const isOnes = (node: Node): boolean =>
  node.kind === "constant" && BigInt.asIntN(node.type.width, node.value) === -1n;

/** One unsigned bit. */
export const isBit = ({ width, signed }: NumberType): boolean => width === 1 && !signed;

export const isInverse = (a: Node, b: Node): boolean =>
  (a.kind === "not" && a.value === b) || (b.kind === "not" && b.value === a);
