import type { Bitwise, Concat, Convert, Node, Reduction, Slice } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { sameType, wrap } from "../../builder/type.ts";
import { holds, isBit, stripped } from "./facts.ts";
import type { Maker, Rule } from "./make.ts";

export const bitwise: Rule<Bitwise> = (node, maker) => {
  const { kind, type, left, right } = node;
  const { make } = maker;
  if (left.kind === "constant" && right.kind !== "constant")
    return make({ kind, type, left: right, right: left });
  if (left === right) return kind === "xor" ? make(op.constant(0n, type)) : left;
  if (kind === "and" && excludes(left, right)) return right;
  if (kind === "and" && excludes(right, left)) return left;
  if (kind === "or" && includes(left, right)) return right;
  if (kind === "or" && includes(right, left)) return left;
  if (right.kind !== "constant") return null;
  const none = right.value === 0n;
  const all = right.value === wrap(-1n, type);
  if (kind === "and") return none ? right : all ? left : null;
  if (kind === "or") return none ? left : all ? right : null;
  return none ? left : all ? make(op.not(left)) : null;
};

/** `x != a` says nothing new beside `x == b`. */
function excludes(node: Node, beside: Node): boolean {
  if (node.kind !== "not" || node.value.kind !== "equal" || node.value.right.kind !== "constant")
    return false;
  const { left, right } = node.value;
  if (beside.kind === "and" && isBit(beside))
    return excludes(node, beside.left) || excludes(node, beside.right);
  if (beside.kind !== "equal" || beside.right.kind !== "constant") return false;
  return beside.left === left && beside.right.value !== right.value;
}

/** `x == a` says nothing new where `x != b` is enough. */
function includes(node: Node, beside: Node): boolean {
  if (beside.kind === "or" && isBit(beside))
    return includes(node, beside.left) || includes(node, beside.right);
  return node.kind === "equal" && excludes(beside, node);
}

export const reduction: Rule<Reduction> = ({ kind, value }, { make }) => {
  if (value.type.width === 1) return make(op.convert(value, op.BIT));
  // More copies of a sign change what is counted.
  const same = kind === "any" || (kind === "parity" && !value.type.signed);
  const inner = same ? stripped(value) : value;
  return inner === value ? null : make(op.reduce(kind, inner));
};

export const concat: Rule<Concat> = ({ parts }, maker) => {
  const { make } = maker;
  const made: Node[] = [];
  for (const part of parts.flatMap((one) => (one.kind === "concat" ? one.parts : [one]))) {
    const before = made.at(-1);
    const merged = before === undefined ? null : neighbours(before, part, maker);
    if (merged === null) made.push(part);
    else made[made.length - 1] = merged;
  }
  const [only] = made;
  if (only !== undefined && made.length === 1)
    return make(op.convert(only, op.unsignedType(only.type.width)));
  const same = made.length === parts.length && made.every((part, i) => part === parts[i]);
  return same ? null : make(op.concat(made));
};

/** Constants side by side, or bits side by side of one value, as one. */
function neighbours(high: Node, low: Node, { make }: Maker): Node | null {
  if (high.kind === "constant" && low.kind === "constant") return make(op.concat([high, low]));
  if (high.kind !== "slice") return null;
  const top = high.low + high.type.width - 1;
  const { width } = low.type;
  if (low.kind === "slice" && low.value === high.value && low.low + width === high.low)
    return make(op.slice(high.value, top, low.low));
  const lowest = low.kind === "convert" && low.value === high.value && width === high.low;
  return lowest ? make(op.slice(high.value, top, 0)) : null;
}

export const slice: Rule<Slice> = ({ value, low, type }, { make }) => {
  const { width } = type;
  const bits = (of: Node, from: number, count: number): Node => make(op.slice(of, from + count - 1, from));
  if (value.kind === "slice") return bits(value.value, low + value.low, width);
  if (value.kind === "concat" && width < value.type.width) {
    const found: Node[] = [];
    let at = 0;
    for (const part of value.parts.toReversed()) {
      const from = Math.max(low - at, 0);
      const to = Math.min(low + width - at, part.type.width);
      if (to > from) found.unshift(bits(part, from, to - from));
      at += part.type.width;
    }
    return make(op.concat(found));
  }
  if (low === 0) return make(op.convert(value, type));
  if (value.kind !== "convert") return null;
  const inner = value.value;
  const beyond = low + width - inner.type.width;
  if (beyond <= 0) return bits(inner, low, width);
  if (inner.type.signed) return null;
  if (low >= inner.type.width) return make(op.constant(0n, type));
  const zeros = make(op.constant(0n, op.unsignedType(beyond)));
  return make(op.concat([zeros, bits(inner, low, width - beyond)]));
};

export const convert: Rule<Convert> = ({ value, type }, { make }) => {
  if (sameType(value.type, type)) return value;
  const fewer = type.width < value.type.width;
  if (value.kind === "convert" && (holds(value.type, value.value.type) || type.width <= value.type.width))
    return make(op.convert(value.value, type));
  if ((value.kind === "slice" || value.kind === "concat") && fewer)
    return make(op.convert(make(op.slice(value, type.width - 1, 0)), type));
  return null;
};
