import type { Node } from "../builder/graph.ts";
import { isOperation } from "../simulate/interpret.ts";
import { isBit, stripped } from "./simplify/facts.ts";

/** A name longer than this says less than a short one. */
const LONGEST_NAME = 24;

/**
 * A name for a value that nobody has named: what is done with what, as long as that is short.
 * @param nameOf the name of a node that has one
 * @param wish a name for what it is used as
 * @param purpose the name of what it is a part of
 */
export function describe(
  node: Node,
  nameOf: (node: Node) => string | null,
  wish: string | null,
  purpose: string,
): string {
  const said = say(node, nameOf, 2);
  if (said !== null && said.length <= LONGEST_NAME && /^[A-Za-z]/.test(said)) return said;
  return (
    wish ?? `${purpose}_${isBit(node) && LOGIC.has(node.kind) ? "condition" : (NOUNS[node.kind] ?? "value")}`
  );
}

const LOGIC: ReadonlySet<Node["kind"]> = new Set(["and", "or", "not"]);

const NOUNS: Partial<Readonly<Record<Node["kind"], string>>> = {
  add: "sum",
  subtract: "difference",
  multiply: "product",
  and: "masked",
  or: "union",
  xor: "toggled",
  not: "inverted",
  equal: "match",
  less: "below",
  "shift-left": "shifted",
  "shift-right": "shifted",
  all: "all",
  any: "any",
  parity: "parity",
  mux: "choice",
  select: "choice",
  concat: "bits",
  slice: "bits",
  convert: "value",
};

function say(node: Node, nameOf: (node: Node) => string | null, depth: number): string | null {
  const inner = (operand: Node): string | null => (depth === 0 ? null : say(operand, nameOf, depth - 1));
  const pair = (left: Node, word: string, right: Node): string | null => {
    const [l, r] = [inner(left), inner(right)];
    return l === null || r === null ? null : `${l}_${word}_${r}`;
  };
  const one = (before: string, value: Node, after: string): string | null => {
    const said = inner(value);
    return said === null ? null : before + said + after;
  };
  if (node.kind === "constant") return node.value < 0n ? `minus_${-node.value}` : `${node.value}`;
  const name = nameOf(node);
  if (name !== null || !isOperation(node)) return name;
  switch (node.kind) {
    case "add":
      return pair(node.left, "plus", node.right);
    case "subtract":
      return node.left.kind === "constant" && node.left.value === 0n
        ? one("minus_", node.right, "")
        : pair(node.left, "minus", node.right);
    case "multiply":
      return pair(node.left, "times", node.right);
    case "and":
    case "or":
    case "xor":
      return pair(node.left, node.kind, node.right);
    case "equal":
      return pair(node.left, "is", node.right);
    case "less":
      return node.left.kind === "constant"
        ? pair(node.right, "above", node.left)
        : pair(node.left, "below", node.right);
    case "not":
      return one("not_", node.value, "");
    case "shift-left":
      return one("", node.value, "_shifted_left");
    case "shift-right":
      return one("", node.value, "_shifted_right");
    case "all":
    case "any":
      return one(`${node.kind}_`, node.value, "");
    case "parity":
      return one("", node.value, "_parity");
    case "mux":
      return pair(node.then, "or", node.otherwise);
    case "select":
      return one("chosen_by_", node.index, "");
    case "convert": {
      const value = stripped(node);
      return value === node ? inner(node.value) : say(value, nameOf, depth);
    }
    case "concat":
    case "slice":
      return null;
  }
}
