import type { Node, NumberType } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { PART_BITS } from "../flat.ts";
import { mapOperands } from "../rewrite.ts";
import type { Make } from "./nodes.ts";

/** How many of a node's low bits anybody wants. */
export type Demand = ReadonlyMap<Node, number>;

/** What a value costs: half a part, a part, two parts ... Narrowing within the same cost would gain nothing. */
const cost = (width: number): number => (width <= PART_BITS / 2 ? 0 : Math.ceil(width / PART_BITS));

/**
 * Demand on all nodes of a design.
 * @param order operands before their users
 * @param whole nodes that are wanted whole: what registers, memories and outputs take
 */
export function demandOf(order: readonly Node[], whole: Iterable<Node>): Demand {
  const demand = new Map<Node, number>();
  const want = (node: Node, bits: number): void => {
    demand.set(node, Math.max(demand.get(node) ?? 0, Math.min(bits, node.type.width)));
  };
  for (const node of whole) want(node, node.type.width);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    const bits = demand.get(node);
    if (bits !== undefined)
      for (const [operand, wanted] of wantedBy(node, kept(node, bits))) want(operand, wanted);
  }
  return demand;
}

/** The bits that a node keeps of those it has. */
function kept(node: Node, demanded: number): number {
  return cost(demanded) < cost(node.type.width) ? demanded : node.type.width;
}

const whole = (...nodes: Node[]): [Node, number][] => nodes.map((node) => [node, node.type.width]);

/** What a node wants of its operands for its own low `bits`. */
function wantedBy(node: Node, bits: number): readonly (readonly [Node, number])[] {
  const all = bits === node.type.width;
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
      return all
        ? whole(node.left, node.right)
        : [
            [node.left, bits],
            [node.right, bits],
          ];
    case "not":
    case "convert":
      return [[node.value, bits]];
    case "slice":
      return [[node.value, node.low + bits]];
    case "mux":
      return [...whole(node.condition), [node.then, bits], [node.otherwise, bits]];
    case "select":
      return [...whole(node.index), ...node.cases.map((one) => [one, bits] as const)];
    case "shift-left":
      return [...whole(node.amount), [node.value, bits]];
    case "concat": {
      const wanted: [Node, number][] = [];
      let low = 0;
      for (const part of node.parts.toReversed()) {
        if (low < bits) wanted.push([part, bits - low]);
        low += part.type.width;
      }
      return wanted;
    }
    case "shift-right":
      return whole(node.value, node.amount);
    case "equal":
    case "less":
      return whole(node.left, node.right);
    case "all":
    case "any":
    case "parity":
      return whole(node.value);
    default:
      return [];
  }
}

/** The node with only the bits that are wanted of it, computed from no more of its operands' than that takes. */
export function narrowed(
  node: Node,
  demand: Demand,
  image: (operand: Node) => Node,
  make: Make,
  old: Node,
): Node {
  const bits = kept(node, demand.get(old) ?? node.type.width);
  /** An operand's low bits, in its own signedness. */
  const low = (operand: Node, most: number = operand.type.width): Node => {
    const { width, signed } = operand.type;
    const whole = image(operand);
    if (most >= width && whole.type.width === width) return whole;
    return make(op.convert(whole, { width: Math.min(most, width), signed }));
  };
  if (node.kind === "input") return node;
  if (bits === node.type.width) return make(mapOperands(node, (operand) => low(operand)));
  const type: NumberType = { width: bits, signed: node.type.signed };
  const cut = (value: Node): Node => make(op.convert(make(value), type));
  switch (node.kind) {
    case "add":
      return cut(op.add(low(node.left, bits), low(node.right, bits)));
    case "subtract":
      return cut(op.subtract(low(node.left, bits), low(node.right, bits)));
    case "multiply":
      return cut(op.multiply(low(node.left, bits), low(node.right, bits)));
    case "and":
    case "or":
    case "xor":
      return make({ ...node, type, left: low(node.left, bits), right: low(node.right, bits) });
    case "not":
      return make({ ...node, type, value: low(node.value, bits) });
    case "convert":
      return cut(low(node.value, bits));
    case "slice":
      return make({ ...node, type, value: low(node.value, node.low + bits) });
    case "mux":
      return make(op.mux(low(node.condition), low(node.then, bits), low(node.otherwise, bits)));
    case "select":
      return make({ ...node, type, index: low(node.index), cases: node.cases.map((one) => low(one, bits)) });
    case "shift-left":
      return cut(op.shiftLeft(low(node.value, bits), low(node.amount)));
    case "concat": {
      const parts: Node[] = [];
      let have = 0;
      for (const part of node.parts.toReversed()) {
        if (have < bits) parts.unshift(low(part, bits - have));
        have += part.type.width;
      }
      return make(op.concat(parts));
    }
    default:
      return cut(mapOperands(node, (operand) => low(operand)));
  }
}
