import type { Node, Operation } from "../../builder/graph.ts";

/** What rules make nodes with. Operands are simple already, and equal nodes are the same object. */
export interface Maker {
  /** The simplest node that equals this one. */
  make(node: Node): Node;
  /** The number that a node always is, even if it has a name; null: it may change. */
  numberOf(node: Node): bigint | null;
}

/** Something simpler that equals the node, or null. */
export type Rule<N extends Operation> = (node: N, maker: Maker) => Node | null;
