import type { Concat, Convert, Node, Shift, Slice } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { holds, isZero, keepsValue, tight } from "./facts.ts";
import type { Make, Rule } from "./nodes.ts";

export const shift: Rule<Shift> = (node, make) => {
  const { kind, value, type } = node;
  if (isZero(value)) return make(op.constant(0n, type));
  if (node.amount.kind === "constant") {
    const amount = node.amount.value;
    if (amount === 0n) return make(op.convert(value, type));
    const { width, signed } = value.type;
    if (kind === "shift-right" && !signed) {
      if (amount >= BigInt(width)) return make(op.constant(0n, type));
      return make(op.convert(make(op.slice(value, width - 1, Number(amount))), type));
    }
  }
  const amount = tight(node.amount, make);
  return amount === node.amount ? node : make({ ...node, amount });
};

export const convert: Rule<Convert> = (node, make) => {
  const { value, type } = node;
  if (type.width === value.type.width && type.signed === value.type.signed) return value;
  switch (value.kind) {
    case "convert":
      if (type.width <= value.type.width || holds(value.type, value.value.type))
        return make(op.convert(value.value, type));
      return node;
    case "slice":
    case "concat":
      if (type.width < value.type.width)
        return make(op.convert(make(op.slice(value, type.width - 1, 0)), type));
      return node;
    case "mux": {
      const { condition, then, otherwise } = value;
      if (then.kind !== "constant" || otherwise.kind !== "constant") return node;
      return make(op.mux(condition, make(op.convert(then, type)), make(op.convert(otherwise, type))));
    }
    default:
      return node;
  }
};

export const slice: Rule<Slice> = (node, make) => {
  const { value, low, type } = node;
  const { width } = type;
  const high = low + width - 1;
  const bits = (of: Node, from: number): Node => make(op.slice(of, from + width - 1, from));
  switch (value.kind) {
    case "slice":
      return bits(value.value, value.low + low);
    case "concat":
      return sliceOfConcat(value, low, high, make);
    case "convert": {
      const inner = value.value.type;
      if (high < inner.width) return bits(value.value, low);
      if (!inner.signed && low >= inner.width) return make(op.constant(0n, type));
      if (low < inner.width && keepsValue(value) && !inner.signed)
        return make(op.convert(make(op.slice(value.value, inner.width - 1, low)), type));
      break;
    }
    case "shift-left":
      if (value.amount.kind === "constant") {
        const places = Number(value.amount.value);
        if (high < places) return make(op.constant(0n, type));
        if (low >= places && high - places < value.value.type.width) return bits(value.value, low - places);
      }
      break;
    case "shift-right":
      if (value.amount.kind === "constant") {
        const places = Number(value.amount.value);
        if (high + places < value.value.type.width) return bits(value.value, low + places);
      }
      break;
  }
  // Bits from the bottom on have one form only. But what is counted out of a table stays a bit: the lowering knows it as logic.
  const counted = value.kind === "shift-right" && value.value.kind === "constant";
  return low === 0 && !counted ? make(op.convert(value, type)) : node;
};

/** The parts that bits `low` to `high` lie in, the outer ones cut. */
function sliceOfConcat({ parts }: Concat, low: number, high: number, make: Make): Node {
  const pieces: Node[] = [];
  let end = parts.reduce((sum, part) => sum + part.type.width, 0);
  for (const part of parts) {
    const start = end - part.type.width;
    const [from, to] = [Math.max(low, start), Math.min(high, end - 1)];
    if (from <= to) pieces.push(make(op.slice(part, to - start, from - start)));
    end = start;
  }
  return make(op.concat(pieces));
}

/** Longer lists of parts are not spread out in others. */
const MOST_PARTS = 16;

export const concat: Rule<Concat> = (node, make) => {
  const parts: Node[] = [];
  for (const part of node.parts) {
    const inner = part.kind === "concat" && part.parts.length <= MOST_PARTS ? part.parts : [part];
    for (const next of inner) {
      const last = parts.at(-1);
      const both = last === undefined ? null : joined(last, next, make);
      if (both === null) parts.push(next);
      else parts[parts.length - 1] = both;
    }
  }
  const [first, ...rest] = parts;
  if (first === undefined) return node;
  if (rest.length === 0) return make(op.convert(first, node.type));
  if (isZero(first)) return make(op.convert(make(op.concat(rest)), node.type));
  if (parts.length === node.parts.length && parts.every((part, i) => part === node.parts[i])) return node;
  return make(op.concat(parts));
};

/** Two neighbours as one node: constants, or bits that lay side by side before. */
function joined(high: Node, low: Node, make: Make): Node | null {
  if (high.kind === "constant" && low.kind === "constant") return make(op.concat([high, low]));
  const a = bitsOf(high);
  const b = bitsOf(low);
  if (a === null || b === null || a.value !== b.value || a.low !== b.low + low.type.width) return null;
  return make(op.slice(a.value, a.low + high.type.width - 1, b.low));
}

/** A node as bits of another one. */
function bitsOf(node: Node): { readonly value: Node; readonly low: number } | null {
  if (node.kind === "slice") return node;
  if (node.kind === "convert" && node.type.width <= node.value.type.width)
    return { value: node.value, low: 0 };
  return null;
}
