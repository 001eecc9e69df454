import type { Node, Operation } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { product, sum } from "./limbs.ts";
import { shift } from "./shift.ts";
import type { Bits, Wide } from "./wide.ts";

/** An operation that takes or gives more than one part. */
export function wideOperation(node: Operation, of: (node: Node) => Wide, bits: Bits): Wide {
  const { type } = node;
  const { make } = bits;
  const bit = (value: Node): Wide => ({ type: op.BIT, parts: [value] });
  switch (node.kind) {
    case "add":
    case "subtract":
      return sum(node.kind, of(node.left), of(node.right), type, bits);
    case "multiply":
      return product(of(node.left), of(node.right), type, bits);
    case "and":
    case "or":
    case "xor": {
      const { kind } = node;
      return {
        type,
        parts: zip([of(node.left), of(node.right)], ([a, b]) => make(op.bitwise(kind, a!, b!))),
      };
    }
    case "equal":
    case "less":
      return bit(compare(node.kind, of(node.left), of(node.right), bits));
    case "not":
      return { type, parts: of(node.value).parts.map((part) => make(op.not(part))) };
    case "shift-left":
    case "shift-right":
      return shift(node, of(node.value), of(node.amount), bits);
    case "all":
    case "any":
    case "parity": {
      const each = of(node.value).parts.map((part) => make(op.reduce(node.kind, part)));
      return bit(bits.combine(({ all: "and", any: "or", parity: "xor" } as const)[node.kind], each));
    }
    case "mux": {
      const condition = bits.clamp(of(node.condition));
      const cases = [of(node.then), of(node.otherwise)];
      return { type, parts: zip(cases, ([a, b]) => make(op.mux(condition, a!, b!))) };
    }
    case "select": {
      const index = bits.clamp(of(node.index));
      return { type, parts: zip(node.cases.map(of), (cases) => make(selectOf(index, cases))) };
    }
    case "concat":
      return bits.join(node.parts.toReversed().map(of), type);
    case "slice":
      return bits.build(type, (low, width) => bits.at(of(node.value), node.low + low, width));
    case "convert":
      return bits.convert(of(node.value), type);
  }
}

/** One node for each place, of the parts in this place. */
function zip(values: readonly Wide[], join: (parts: readonly Node[]) => Node): readonly Node[] {
  const [first] = values;
  if (first === undefined) return [];
  return first.parts.map((_, i) => join(values.map(({ parts }) => parts[i]!)));
}

const selectOf = (index: Node, cases: readonly Node[]): Node => ({
  kind: "select",
  type: cases[0]!.type,
  index,
  cases,
});

/** Part by part, the high one deciding first. */
function compare(kind: "equal" | "less", left: Wide, right: Wide, bits: Bits): Node {
  const { make } = bits;
  const type = left.type.width > right.type.width ? left.type : right.type;
  const [a, b] = [bits.convert(left, type).parts, bits.convert(right, type).parts];
  const pairs = a.map((part, i) => [part, b[i]!] as const);
  const equal = pairs.map(([a, b]) => make(op.compare("equal", a, b)));
  if (kind === "equal") return bits.combine("and", equal);
  return pairs
    .map(([a, b]) => make(op.compare("less", a, b)))
    .reduce((below, less, i) => make(op.bitwise("or", less, make(op.bitwise("and", equal[i]!, below)))));
}
