import type { Node } from "../../builder/graph.ts";
import type { Signal } from "../signals.ts";
import type { Text } from "../text.ts";

/** What the surroundings of an expression give it. */
export interface Context {
  /** Verilog computes the expression in this width. */
  readonly width: number;
  /** The width comes from an assignment's left side, so that a sum need not bring it along. */
  readonly assigned: boolean;
}

/** What operators write their operands with. */
export interface Writer {
  /**
   * A node's low `width` bits, or the node extended to them.
   * @param names of its values
   */
  of(node: Node, context: Context, names?: readonly string[] | null): Text;
  /** An expression of exactly the node's width, whatever stands around it. */
  alone(node: Node): Text;
  /** A place in a row of `2 ** width` things. */
  index(node: Node, width: number): string;
  /** The node by its name, which it gets if it has none. */
  named(node: Node, width: number): Text;
  /** The signal that stands for a node, or will; null: it is written in place. */
  signalOf(node: Node): Signal | null;
  /** Tells that bits of a signal are read. */
  read(signal: Signal, low: number, width: number): void;
}
