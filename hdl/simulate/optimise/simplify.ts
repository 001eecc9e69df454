import type { Node, Operation } from "../../builder/graph.ts";
import { arithmetic, comparison } from "./arithmetic.ts";
import { concat, convert, shift, slice } from "./bits.ts";
import { bitwise, mux, not, reduction, select } from "./logic.ts";
import type { Make } from "./nodes.ts";

/** One step towards a simpler node, by the algebra of its operation. */
export function simplify(node: Operation, make: Make): Node {
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
      return arithmetic(node, make);
    case "and":
    case "or":
    case "xor":
      return bitwise(node, make);
    case "equal":
    case "less":
      return comparison(node, make);
    case "not":
      return not(node, make);
    case "shift-left":
    case "shift-right":
      return shift(node, make);
    case "all":
    case "any":
    case "parity":
      return reduction(node, make);
    case "mux":
      return mux(node, make);
    case "select":
      return select(node, make);
    case "concat":
      return concat(node, make);
    case "slice":
      return slice(node, make);
    case "convert":
      return convert(node, make);
  }
}
