import type { Constant, Node, Operation } from "../../builder/graph.ts";
import { constant } from "../../builder/operators.ts";
import { sameType, typeText } from "../../builder/type.ts";
import { operandsOf } from "../../builder/walk.ts";
import { evaluate, isOperation } from "../interpret.ts";

/** Gives the simplest known node that equals this one; of equal nodes always the same one. Operands come from it too. */
export type Make = (node: Node) => Node;

/** An equal node that is simpler, or the node itself. */
export type Rule<N extends Operation = Operation> = (node: N, make: Make) => Node;

/** A table in which equal nodes are one. */
export function sharing(rule: Rule): Make {
  const numbers = new Map<Node, number>();
  const made = new Map<string, Node>();
  const results = new Set<Node>();
  const numberOf = (node: Node): number => {
    const known = numbers.get(node);
    if (known !== undefined) return known;
    numbers.set(node, numbers.size);
    return numbers.size - 1;
  };
  const make: Make = (given) => {
    if (results.has(given) || (given.kind !== "constant" && !isOperation(given))) return given;
    const node = ordered(given, numberOf);
    const key = keyOf(node, numberOf);
    const known = made.get(key);
    if (known !== undefined) return known;
    const result = isOperation(node) ? (folded(node) ?? rule(node, make)) : node;
    if (!sameType(result.type, node.type))
      throw new Error(
        `${node.kind} of ${typeText(node.type)} became ${result.kind} of ${typeText(result.type)}`,
      );
    const final = result === node || result.kind !== "constant" ? result : make(result);
    made.set(key, final);
    results.add(final);
    return final;
  };
  return make;
}

/** The result, where all operands are constants. */
function folded(node: Operation): Constant | null {
  if (!operandsOf(node).every((operand) => operand.kind === "constant")) return null;
  return constant(
    evaluate(node, (operand) => (operand.kind === "constant" ? operand.value : 0n)),
    node.type,
  );
}

/** Operands that may change places come in one order, constants last. */
function ordered(node: Constant | Operation, numberOf: (node: Node) => number): Constant | Operation {
  switch (node.kind) {
    case "add":
    case "multiply":
    case "and":
    case "or":
    case "xor":
    case "equal": {
      const rank = (operand: Node): number => (operand.kind === "constant" ? Infinity : numberOf(operand));
      const { left, right } = node;
      return rank(left) > rank(right) ? { ...node, left: right, right: left } : node;
    }
    default:
      return node;
  }
}

function keyOf(node: Constant | Operation, numberOf: (node: Node) => number): string {
  const { kind, type } = node;
  const head = `${kind}${type.signed ? "s" : "u"}${type.width}`;
  switch (node.kind) {
    case "constant":
      return `${head}=${node.value}`;
    case "slice":
      return `${head}@${node.low},${numberOf(node.value)}`;
    default:
      return `${head},${operandsOf(node).map(numberOf).join()}`;
  }
}
