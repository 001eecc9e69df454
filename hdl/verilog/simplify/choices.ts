import type { Mux, Node, Select } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { isBit, stripped } from "./facts.ts";
import type { Rule } from "./make.ts";

export const mux: Rule<Mux> = ({ type, condition, then, otherwise }, { make, numberOf }) => {
  if (condition.kind === "constant") return condition.value === 1n ? then : otherwise;
  if (then === otherwise) return then;
  const number = numberOf(then);
  if (number !== null && number === numberOf(otherwise)) return make(op.constant(number, type));
  const both = (a: Node, b: Node): Node => make(op.bitwise("and", a, b));
  const either = (a: Node, b: Node): Node => make(op.bitwise("or", a, b));
  const not = (node: Node): Node => make(op.not(node));
  if (then.kind === "mux") {
    if (then.condition === condition) return make(op.mux(condition, then.then, otherwise));
    if (then.otherwise === otherwise)
      return make(op.mux(both(condition, then.condition), then.then, otherwise));
    if (then.then === otherwise)
      return make(op.mux(both(condition, not(then.condition)), then.otherwise, otherwise));
  }
  if (otherwise.kind === "mux") {
    if (otherwise.condition === condition) return make(op.mux(condition, then, otherwise.otherwise));
    if (otherwise.then === then)
      return make(op.mux(either(condition, otherwise.condition), then, otherwise.otherwise));
  }
  if (type.width !== 1 || type.signed) return null;
  if (then.kind === "constant")
    return then.value === 1n ? either(condition, otherwise) : both(not(condition), otherwise);
  if (otherwise.kind === "constant")
    return otherwise.value === 1n ? either(not(condition), then) : both(condition, then);
  return null;
};

export const select: Rule<Select> = ({ type, index, cases }, { make }) => {
  const narrow = stripped(index);
  if (index.kind === "constant") return cases[Number(index.value)] ?? cases.at(-1) ?? null;
  // The last case counts for all beyond.
  const reachable = narrow.type.width < 31 ? cases.slice(0, 2 ** narrow.type.width) : cases;
  const last = reachable.at(-1);
  const count = reachable.findLastIndex((one) => one !== last) + 2;
  const [first, second] = reachable;
  if (first !== undefined && count <= 1) return first;
  if (first !== undefined && second !== undefined && count === 2) {
    if (isBit(narrow)) return make(op.mux(narrow, second, first));
    const lowest = make(op.compare("equal", narrow, make(op.constant(0n, narrow.type))));
    return make(op.mux(lowest, first, second));
  }
  if (narrow === index && count === cases.length) return null;
  return make({ kind: "select", type, index: narrow, cases: reachable.slice(0, count) });
};
