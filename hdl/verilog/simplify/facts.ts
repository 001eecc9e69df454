import type { Node, NumberType } from "../../builder/graph.ts";
import { fits, largest, smallest } from "../../builder/type.ts";

/** Every number of `inner` is one of `type`. */
export const holds = (type: NumberType, inner: NumberType): boolean =>
  fits(smallest(inner), type) && fits(largest(inner), type);

export const isBit = ({ type }: Node): boolean => type.width === 1 && !type.signed;

/** The node below conversions that change neither number nor signedness. */
export function stripped(node: Node): Node {
  let at = node;
  while (at.kind === "convert" && at.value.type.signed === at.type.signed && holds(at.type, at.value.type))
    at = at.value;
  return at;
}

/** Names of a register's values. */
export const labelsOf = (node: Node): readonly string[] | null =>
  node.kind === "register" ? node.labels : null;
