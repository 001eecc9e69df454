import type { Node, NumberType } from "../builder/graph.ts";
import { isOperation } from "../simulate/interpret.ts";
import { reconciled } from "./expression/company.ts";
import { bitwise, comparison, not } from "./expression/logic.ts";
import { product, sum } from "./expression/numbers.ts";
import { shiftLeft, shiftRight } from "./expression/shifts.ts";
import type { Context, Writer } from "./expression/writer.ts";
import { literal } from "./literal.ts";
import type { Plan } from "./plan.ts";
import { bitsOf, type Signal, type Signals } from "./signals.ts";
import { holds } from "./simplify/facts.ts";
import { asUnsigned, atom, bit, joined, LEVEL, type Text, ternary, within } from "./text.ts";

/** Names of the values of what is written. */
type ValueNames = readonly string[] | null;

/**
 * Writes values as Verilog expressions. Each is written for the width it is computed in: `of(node, context)` has the node's
 * low `context.width` bits, or the node extended to them. What would depend on surprises (an extension that Verilog does or
 * does not do, a sign lost in mixed company) is made explicit or gets a name.
 */
export class Expressions implements Writer {
  private readonly signals: Signals;
  private readonly plan: Plan;
  private readonly find: (node: Node) => Signal | null;
  private readonly declare: (node: Node) => Signal;

  /**
   * @param find the signal that a node has been declared as
   * @param declare declares a signal for a value that has none, before the statement being written
   */
  constructor(
    signals: Signals,
    plan: Plan,
    find: (node: Node) => Signal | null,
    declare: (node: Node) => Signal,
  ) {
    this.signals = signals;
    this.plan = plan;
    this.find = find;
    this.declare = declare;
  }

  /** The right side of an assignment to `width` bits. */
  assigned(node: Node, width: number, names: ValueNames): Text {
    return this.of(node, { width, assigned: true }, names);
  }

  /** The expression of a value that is being declared, not its name. */
  definition(node: Node, width: number, names: ValueNames): Text {
    if (node.kind === "constant") return this.constant(node.value, node.type, width, names);
    return this.written(node, { width, assigned: true }, names);
  }

  alone(node: Node): Text {
    return this.sized(node, node.type.width);
  }

  /**
   * Never negative, and no sum or product: Icarus 11 keeps their carry and then finds nothing at that place.
   */
  index(node: Node, width: number): string {
    const text = this.sized(node, width);
    const whole = text.level === LEVEL.atom ? text : this.named(node, width);
    return (whole.signed ? asUnsigned(whole) : whole).text;
  }

  named(node: Node, width: number): Text {
    return this.reference(this.find(node) ?? this.declare(node), node, width);
  }

  /** What is connected to a port: a name, bits of one, a number; anything longer gets a name. */
  pin(node: Node): Text {
    const text = this.alone(node);
    const short = text.level === LEVEL.atom || (text.level === LEVEL.unary && text.text.length < 30);
    return short ? text : this.named(node, node.type.width);
  }

  signalOf(node: Node): Signal | null {
    return this.find(node) ?? (this.plan.isNamed(node) ? this.declare(node) : null);
  }

  read(signal: Signal, low: number, width: number): void {
    this.signals.use(signal, low, width);
  }

  of(node: Node, context: Context, names: ValueNames = null): Text {
    if (node.kind === "constant") return this.constant(node.value, node.type, context.width, names);
    const signal = this.signalOf(node);
    if (signal !== null) return this.reference(signal, node, context.width);
    return isOperation(node) ? this.written(node, context, names) : this.named(node, context.width);
  }

  constant(value: bigint, type: NumberType, width: number, names: ValueNames): Text {
    const name = value >= 0n && width === type.width ? names?.[Number(value)] : undefined;
    if (name === undefined) return atom(literal(value, { width, signed: type.signed }), width, type.signed);
    this.signals.useAll({ name, type });
    return atom(name, width, type.signed);
  }

  /** Labels of a case: names where the subject's values have some, numbers otherwise. */
  caseLabel(subject: Node, values: readonly bigint[]): string {
    const names = this.find(subject)?.labels ?? null;
    const { type } = subject;
    return values.map((value) => this.constant(value, type, type.width, names).text).join(", ");
  }

  private sized(node: Node, width: number): Text {
    return this.of(node, { width, assigned: false });
  }

  private written(node: Node, context: Context, names: ValueNames): Text {
    if (context.width > widest(node)) return this.extended(node, context.width);
    const text = this.operation(node, context, names);
    // Only an assignment makes a sum wider than its operands.
    return text.width < context.width && !context.assigned ? this.named(node, context.width) : text;
  }

  private reference(signal: Signal, node: Node, width: number): Text {
    const { name, type } = signal;
    if (width > type.width && type.width < node.type.width) throw new Error(`${name} is declared too narrow`);
    return this.bits(signal, Math.min(width, type.width), width, type.signed);
  }

  /** The low `own` bits of a signal, extended to `width` if these are more. */
  private bits(signal: Signal, own: number, width: number, signed: boolean): Text {
    this.signals.use(signal, 0, own);
    const whole = atom(bitsOf(signal, 0, own), own, signal.type.signed && own === signal.type.width);
    if (width === own) return whole;
    const more = width - own;
    if (!signed) return joined([zeros(more), whole]);
    const sign = atom(bitsOf(signal, own - 1, 1), 1, false);
    return joined([...new Array<Text>(more).fill(sign), whole]);
  }

  private extended(node: Node, width: number): Text {
    const own = node.type.width;
    if (!node.type.signed) return joined([zeros(width - own), this.part(node, own)]);
    // Bits of something that has a name, read in two's complement.
    const whole = node.kind === "convert" ? this.find(node.value) : null;
    return whole === null || whole.type.width < own
      ? this.named(node, width)
      : this.bits(whole, own, width, true);
  }

  private operation(node: Node, context: Context, names: ValueNames): Text {
    switch (node.kind) {
      case "add":
      case "subtract":
        return sum(node, context, this);
      case "multiply":
        return product(node, context.width, this);
      case "and":
      case "or":
      case "xor":
        return bitwise(node, context, this);
      case "not":
        return not(node, node.value, context, this);
      case "equal":
      case "less":
        return comparison(node, this);
      case "shift-left":
        return shiftLeft(node, context, this);
      case "shift-right":
        return shiftRight(node, context, this);
      case "all":
      case "any":
      case "parity": {
        const symbol = { all: "&", any: "|", parity: "^" }[node.kind];
        return bit(`${symbol}${within(this.alone(node.value), LEVEL.unary)}`, LEVEL.unary);
      }
      case "mux": {
        const operand = (of: Node) => ({ node: of, text: this.of(of, context, names) });
        const pair = [operand(node.then), operand(node.otherwise)] as const;
        return ternary(this.alone(node.condition), ...reconciled(pair, context.width, this));
      }
      case "concat":
        return this.concat(node.parts, context.width);
      case "slice": {
        const signal = this.find(node.value) ?? this.declare(node.value);
        this.signals.use(signal, node.low, context.width);
        const whole = context.width === signal.type.width;
        return atom(bitsOf(signal, node.low, context.width), context.width, signal.type.signed && whole);
      }
      case "convert":
        return this.of(node.value, context, names);
      default:
        throw new Error(`a ${node.kind} has no expression`);
    }
  }

  private concat(parts: readonly Node[], width: number): Text {
    const texts: Text[] = [];
    let left = width;
    for (const part of parts.toReversed()) {
      if (left === 0) break;
      const take = Math.min(left, part.type.width);
      texts.unshift(this.part(part, take));
      left -= take;
    }
    const [only] = texts;
    return texts.length === 1 && only !== undefined ? only : joined(texts);
  }

  /** A part of a concatenation; a choice is easier to read with a name. */
  private part(node: Node, width: number): Text {
    if (node.kind === "constant") return atom(literal(node.value, { width, signed: false }), width, false);
    const text = this.sized(node, width);
    return text.level === LEVEL.ternary ? this.named(node, width) : text;
  }
}

const zeros = (width: number): Text => atom(literal(0n, { width, signed: false }), width, false);

/** Sums and products are right in every width, conversions that keep the number too; all else in its own at most. */
function widest(node: Node): number {
  switch (node.kind) {
    case "add":
    case "subtract":
    case "multiply":
      return Number.POSITIVE_INFINITY;
    case "convert":
      return holds(node.type, node.value.type) ? Number.POSITIVE_INFINITY : node.type.width;
    default:
      return node.type.width;
  }
}
