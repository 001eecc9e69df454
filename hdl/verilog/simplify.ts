import type { Constant, Node, NumberType, Operation } from "../builder/graph.ts";
import * as op from "../builder/operators.ts";
import { wrap } from "../builder/type.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import { evaluate, isOperation } from "../simulate/interpret.ts";
import { mapOperands } from "../simulate/rewrite.ts";
import { bitwise, concat, convert, reduction, slice } from "./simplify/bits.ts";
import { mux, select } from "./simplify/choices.ts";
import type { Maker } from "./simplify/make.ts";
import { arithmetic, comparison, shift } from "./simplify/numbers.ts";

/**
 * Rewrites logic to what a person would have written, with the same value: constants are computed, comparisons and
 * conversions that can be seen through go away, shifts by constants become wiring. Equal results are the same object.
 * Wires are kept as leaves, because somebody has named them.
 */
export class Simplifier implements Maker {
  private readonly known = new Map<Node, Node>();
  private readonly made = new Map<string, Node>();
  private readonly constants = new Map<string, Constant>();
  private readonly ids = new Map<Node, number>();
  /** Numbers that stand behind names. */
  private readonly numbers: Map<Node, bigint>;

  /** @param numbers leaves that never change */
  constructor(numbers: ReadonlyMap<Node, bigint> = new Map()) {
    this.numbers = new Map(numbers);
  }

  simplify(root: Node): Node {
    visitInOrder(
      [root],
      (node) => {
        if (!this.known.has(node)) this.known.set(node, this.step(node));
      },
      (node) => (this.known.has(node) ? [] : operandsOf(node)),
    );
    return this.of(root);
  }

  readonly not = (value: Node): Node => this.make(op.not(value));

  readonly constant = (value: bigint, type: NumberType): Constant => {
    const key = `${value} ${type.signed} ${type.width}`;
    const made: Constant = this.constants.get(key) ?? op.constant(value, type);
    this.constants.set(key, made);
    this.known.set(made, made);
    return made;
  };

  readonly numberOf = (node: Node): bigint | null =>
    node.kind === "constant" ? node.value : (this.numbers.get(node) ?? null);

  readonly make = (node: Node): Node => {
    if (node.kind === "constant") return this.constant(node.value, node.type);
    if (!isOperation(node) || this.known.get(node) === node) return node;
    const operands = operandsOf(node);
    const value = this.valueOf(node, operands);
    if (value !== null && operands.every(({ kind }) => kind === "constant"))
      return this.constant(value, node.type);
    const simple = rewritten(node, this) ?? this.shared(node, operands);
    this.learn(simple, value);
    return simple;
  };

  private of(node: Node): Node {
    const found = this.known.get(node);
    if (found === undefined) throw new Error(`a ${node.kind} is simplified before its operands`);
    return found;
  }

  private step(node: Node): Node {
    if (node.kind === "wire") this.learn(node, this.numberOf(this.of(node.driver)));
    return isOperation(node) ? this.make(mapOperands(node, (operand) => this.of(operand))) : this.make(node);
  }

  private valueOf(node: Operation, operands: readonly Node[]): bigint | null {
    const values = new Map(operands.map((operand) => [operand, this.numberOf(operand)]));
    if ([...values.values()].includes(null)) return null;
    return wrap(
      evaluate(node, (operand) => values.get(operand) ?? 0n),
      node.type,
    );
  }

  private learn(node: Node, value: bigint | null): void {
    if (value !== null) this.numbers.set(node, value);
  }

  /** Of equal operations always the same one. */
  private shared(node: Operation, operands: readonly Node[]): Node {
    const { kind, type } = node;
    const low = kind === "slice" ? node.low : "";
    const key = `${kind} ${type.signed} ${type.width} ${low} ${operands.map((one) => this.id(one)).join()}`;
    const found = this.made.get(key);
    if (found !== undefined) return found;
    this.made.set(key, node);
    this.known.set(node, node);
    return node;
  }

  private id(node: Node): number {
    const id = this.ids.get(node) ?? this.ids.size;
    this.ids.set(node, id);
    return id;
  }
}

/** Something simpler, or null. */
function rewritten(node: Operation, maker: Maker): Node | null {
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
      return arithmetic(node, maker);
    case "and":
    case "or":
    case "xor":
      return bitwise(node, maker);
    case "equal":
    case "less":
      return comparison(node, maker);
    case "not":
      return node.value.kind === "not" ? node.value.value : null;
    case "shift-left":
    case "shift-right":
      return shift(node, maker);
    case "all":
    case "any":
    case "parity":
      return reduction(node, maker);
    case "mux":
      return mux(node, maker);
    case "select":
      return select(node, maker);
    case "concat":
      return concat(node, maker);
    case "slice":
      return slice(node, maker);
    case "convert":
      return convert(node, maker);
  }
}
