import type { Arithmetic, Comparison, Node, NumberType, Shift } from "../builder/graph.ts";
import { isOperation } from "../simulate/interpret.ts";
import { literal } from "./literal.ts";
import type { Plan } from "./plan.ts";
import { bitsOf, type Signal, type Signals } from "./signals.ts";
import { holds, isBit, stripped } from "./simplify.ts";
import { asSigned, asUnsigned, atom, bit, joined, LEVEL, type Text, within } from "./text.ts";

/** What the surroundings of an expression give it. */
interface Context {
  /** Verilog computes the expression in this width. */
  readonly width: number;
  /** The width comes from an assignment's left side, so that a sum need not bring it along. */
  readonly assigned: boolean;
}

/**
 * Writes values as Verilog expressions. Each is written for the width it is computed in: `of(node, width)` has the node's
 * low `width` bits, or the node extended to them. What would depend on surprises (an extension that Verilog does or does
 * not do, a sign lost in mixed company) is made explicit or gets a name.
 */
export class Expressions {
  private readonly signals: Signals;
  private readonly plan: Plan;
  private readonly find: (node: Node) => Signal | null;
  private readonly declare: (node: Node) => Signal;

  /**
   * @param find the signal that a node has been declared as
   * @param declare declares a signal for an unnamed value, before the statement being written
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
  assigned(node: Node, width: number, labels: readonly string[] | null): Text {
    return this.of(node, { width, assigned: true }, labels);
  }

  /** The expression of a value that is being declared, not its name. */
  definition(node: Node, width: number, labels: readonly string[] | null): Text {
    if (node.kind === "constant") return this.constant(node.value, node.type, width, labels);
    return this.written(node, { width, assigned: true }, labels);
  }

  /** An expression of exactly the node's width, whatever stands around it. */
  alone(node: Node): Text {
    return this.sized(node, node.type.width);
  }

  /** An expression of exactly `width` bits: the node's low ones, or the node extended. */
  sized(node: Node, width: number): Text {
    return this.of(node, { width, assigned: false }, null);
  }

  /** A place in a row of `2 ** width` things: never negative. */
  index(node: Node, width: number): string {
    const text = this.sized(node, width);
    return (text.signed ? asUnsigned(text) : text).text;
  }

  /** A constant as a name, for those who treat numbers in another way. */
  named(node: Node, width: number): string {
    return this.reference(this.signal(node), node, width).text;
  }

  /** What is connected to a port: a name, bits of one, a number; anything longer gets a name. */
  pin(node: Node): Text {
    const text = this.alone(node);
    const short = text.level === LEVEL.atom || (text.level === LEVEL.unary && text.text.length < 30);
    return short ? text : this.reference(this.signal(node), node, node.type.width);
  }

  /** A signal with this value, to take bits of. */
  signal(node: Node): Signal {
    return this.find(node) ?? this.declare(node);
  }

  private of(node: Node, context: Context, labels: readonly string[] | null = null): Text {
    if (node.kind === "constant") return this.constant(node.value, node.type, context.width, labels);
    const signal =
      this.find(node) ?? (this.plan.isNamed(node) || !isOperation(node) ? this.declare(node) : null);
    return signal === null
      ? this.written(node, context, labels)
      : this.reference(signal, node, context.width);
  }

  private written(node: Node, context: Context, labels: readonly string[] | null): Text {
    if (context.width > widest(node)) return this.extended(node, context.width);
    const text = this.operation(node, context, labels);
    // Only an assignment makes a sum wider than its operands.
    return text.width < context.width && !context.assigned
      ? this.reference(this.declare(node), node, context.width)
      : text;
  }

  constant(value: bigint, type: NumberType, width: number, labels: readonly string[] | null): Text {
    const label = value >= 0n ? labels?.[Number(value)] : undefined;
    if (label !== undefined && width === type.width) {
      this.signals.useAll({ name: label, type });
      return atom(label, width, type.signed);
    }
    return atom(literal(value, { width, signed: type.signed }), width, type.signed);
  }

  private reference(signal: Signal, node: Node, width: number): Text {
    const { name, type } = signal;
    const low = Math.min(width, type.width);
    this.signals.use(signal, 0, low);
    if (width <= type.width)
      return atom(bitsOf(signal, 0, width), width, type.signed && width === type.width);
    if (type.width < node.type.width) throw new Error(`${name} is declared too narrow`);
    const more = width - type.width;
    const whole = atom(name, type.width, type.signed);
    if (!type.signed) return joined([zeros(more), whole]);
    const sign = atom(bitsOf(signal, type.width - 1, 1), 1, false);
    return joined([...new Array<Text>(more).fill(sign), whole]);
  }

  private extended(node: Node, width: number): Text {
    const own = node.type.width;
    if (!node.type.signed) return joined([zeros(width - own), this.alone(node)]);
    const whole = node.kind === "convert" ? this.find(node.value) : null;
    if (whole === null || whole.type.width < own) return this.reference(this.declare(node), node, width);
    // Bits of something that has a name, read in two's complement.
    this.signals.use(whole, 0, own);
    const sign = atom(bitsOf(whole, own - 1, 1), 1, false);
    return joined([...new Array<Text>(width - own).fill(sign), atom(bitsOf(whole, 0, own), own, false)]);
  }

  private operation(node: Node, context: Context, labels: readonly string[] | null): Text {
    const { width } = context;
    switch (node.kind) {
      case "add":
      case "subtract":
        return this.sum(node, context);
      case "multiply":
        return this.product(node, width);
      case "and":
      case "or":
      case "xor": {
        const symbol = { and: "&", or: "|", xor: "^" }[node.kind];
        const level = { and: LEVEL.bitAnd, or: LEVEL.bitOr, xor: LEVEL.bitXor }[node.kind];
        if (!isBit(node) || node.kind === "xor")
          return this.binary(symbol, level, node.left, node.right, context);
        const logic = node.kind === "and" ? LEVEL.and : LEVEL.or;
        return this.logical(symbol + symbol, logic, node.left, node.right);
      }
      case "not":
        return isBit(node) ? this.negation(node.value) : this.complement(node.value, context);
      case "equal":
      case "less":
        return this.comparison(node, false);
      case "shift-left":
        return this.shiftLeft(node, context);
      case "shift-right":
        return this.shiftRight(node, context);
      case "all":
      case "any":
      case "parity": {
        const symbol = { all: "&", any: "|", parity: "^" }[node.kind];
        return bit(`${symbol}${within(this.alone(node.value), LEVEL.unary)}`, LEVEL.unary);
      }
      case "mux": {
        const condition = this.alone(node.condition);
        const [then, otherwise] = this.together([node.then, node.otherwise], context, labels);
        return ternary(condition, then, otherwise);
      }
      case "concat":
        return this.concat(node.parts, width);
      case "slice": {
        const signal = this.signal(node.value);
        this.signals.use(signal, node.low, width);
        return atom(
          bitsOf(signal, node.low, width),
          width,
          signal.type.signed && width === signal.type.width,
        );
      }
      case "convert":
        return this.of(node.value, context, labels);
      default:
        throw new Error(`a ${node.kind} has no expression`);
    }
  }

  private sum({ kind, left, right }: Arithmetic, context: Context): Text {
    const [l, r] = [stripped(left), stripped(right)];
    const minus = kind === "subtract";
    if (l.kind === "constant" && l.value === 0n && minus) {
      const value = this.of(r, context);
      return changed(value, `-${within(value, LEVEL.atom)}`, LEVEL.unary);
    }
    const first = this.term(l, context);
    if (r.kind !== "constant")
      return this.combine(minus ? "-" : "+", LEVEL.sum, [l, r], [first, this.term(r, context)], context);
    const magnitude = r.value < 0n ? -r.value : r.value;
    const type = { width: context.width, signed: first.signed };
    const number = atom(literal(magnitude, type), type.width, type.signed);
    const symbol = minus === r.value < 0n ? "+" : "-";
    return this.combine(symbol, LEVEL.sum, [l, r], [first, number], context);
  }

  /** An operand of a sum: one that is a bit narrower is left to the carry. */
  private term(node: Node, context: Context): Text {
    const { width, signed } = node.type;
    if (node.kind === "constant" || context.width <= width) return this.of(node, context);
    if (node.kind === "multiply" && this.find(node) === null && !this.plan.isNamed(node))
      return this.of(node, context);
    const sum = node.kind === "add" || node.kind === "subtract";
    const named = !isOperation(node) || this.find(node) !== null || this.plan.isNamed(node) || sum;
    if (!named) return this.of(node, context);
    const signal = this.signal(node);
    const carried = context.width === width + 1 && signal.type.signed === signed;
    const text = this.reference(signal, node, carried ? width : context.width);
    return carried && signed ? { ...text, needsSigned: true } : text;
  }

  private product({ left, right, type }: Arithmetic, width: number): Text {
    const nodes = [stripped(left), stripped(right)];
    const texts = nodes.map((node) => this.factor(node, width, type.signed));
    return this.combine("*", LEVEL.product, nodes, texts, { width, assigned: true });
  }

  /** An operand of a product has its own width: Verilog extends it, by the sign that all operands have. */
  private factor(node: Node, width: number, signed: boolean): Text {
    const own = node.type.width;
    if (width <= own) return this.of(node, { width, assigned: false });
    // Verilog would extend a negative number before it negates it.
    if (node.kind === "constant")
      return this.constant(node.value, node.type, node.value < 0n ? width : own, null);
    const text = this.alone(node);
    const whole = text.level === LEVEL.atom ? text : this.reference(this.signal(node), node, own);
    if (!signed) return whole.signed ? asUnsigned(whole) : whole;
    return { ...(whole.signed ? whole : asSigned(whole)), needsSigned: true };
  }

  private binary(symbol: string, level: number, left: Node, right: Node, context: Context): Text {
    return this.combine(symbol, level, [left, right], this.together([left, right], context, null), context);
  }

  /** Operands that Verilog computes in one width and with one signedness. */
  private together(
    nodes: readonly [Node, Node],
    context: Context,
    labels: readonly string[] | null,
  ): readonly [Text, Text] {
    const texts = nodes.map((node) => this.of(node, context, labels));
    return this.reconciled(nodes, texts, context.width);
  }

  private combine(
    symbol: string,
    level: number,
    nodes: readonly Node[],
    texts: readonly Text[],
    { width }: Context,
  ): Text {
    const [left, right] = this.reconciled(nodes, texts, width);
    return {
      text: `${within(left, level, symbol)} ${symbol} ${within(right, level, symbol)}`,
      level,
      width: Math.max(left.width, right.width),
      signed: left.signed && right.signed,
      needsSigned: left.needsSigned || right.needsSigned,
    };
  }

  /** Keeps an unsigned neighbour from making a signed expression unsigned. */
  private reconciled(nodes: readonly Node[], texts: readonly Text[], width: number): readonly [Text, Text] {
    const fixed = texts.map((text, i): Text => {
      const other = texts[1 - i];
      const node = nodes[i];
      if (other === undefined || node === undefined) throw new Error("an operator takes two operands");
      if (text.needsSigned && !other.signed && text.width === width) return asSigned(text);
      if (text.signed || !other.needsSigned || other.width === width) return text;
      return asSigned(text.width === width ? text : this.reference(this.signal(node), node, width));
    });
    const [left, right] = fixed;
    if (left === undefined || right === undefined) throw new Error("an operator takes two operands");
    return [left, right];
  }

  private logical(symbol: string, level: number, left: Node, right: Node): Text {
    const [l, r] = [this.alone(left), this.alone(right)];
    return bit(`${within(l, level, symbol)} ${symbol} ${within(r, level, symbol)}`, level);
  }

  private negation(value: Node): Text {
    const named = this.find(value) !== null || this.plan.isNamed(value);
    if (!named && (value.kind === "equal" || value.kind === "less")) return this.comparison(value, true);
    if (!named && value.kind === "any") {
      const whole = this.alone(value.value);
      return bit(
        `${within(whole, LEVEL.equality)} == ${literal(0n, { width: whole.width, signed: false })}`,
        LEVEL.equality,
      );
    }
    const text = this.alone(value);
    return bit(`!${within(text, LEVEL.atom)}`, LEVEL.unary);
  }

  private complement(value: Node, context: Context): Text {
    const text = this.of(value, context);
    return changed(text, `~${within(text, LEVEL.atom)}`, LEVEL.unary);
  }

  private comparison({ kind, left, right }: Comparison, negated: boolean): Text {
    const swapped = kind === "less" && left.kind === "constant";
    const nodes = swapped ? [right, left] : [left, right];
    const width = Math.max(left.type.width, right.type.width);
    const labels =
      nodes.map((node) => this.find(node)?.labels ?? null).find((found) => found !== null) ?? null;
    const context = { width, assigned: false };
    const texts = nodes.map((node) => this.of(node, context, kind === "equal" ? labels : null));
    const [a, b] =
      kind === "equal" ? this.reconciled(nodes, texts, width) : this.ordered(texts, left.type.signed);
    const symbols = kind === "equal" ? ["==", "!="] : swapped ? [">", "<="] : ["<", ">="];
    const level = kind === "equal" ? LEVEL.equality : LEVEL.relation;
    return bit(`${within(a, level)} ${symbols[negated ? 1 : 0]} ${within(b, level)}`, level);
  }

  /** Operands of `<` with the signedness that it is about: Verilog compares unsigned as soon as one of them is. */
  private ordered(texts: readonly Text[], signed: boolean): readonly [Text, Text] {
    const [left, right] = texts;
    if (left === undefined || right === undefined) throw new Error("a comparison takes two operands");
    if (!signed) return left.signed && right.signed ? [asUnsigned(left), right] : [left, right];
    return [left.signed ? left : asSigned(left), right.signed ? right : asSigned(right)];
  }

  private shiftLeft({ value, amount }: Shift, context: Context): Text {
    const text = this.of(value, context);
    return this.shifted(text, "<<", amount);
  }

  private shiftRight(node: Shift, context: Context): Text {
    const { value, amount, type } = node;
    if (context.width < type.width) {
      const picked = context.width === 1 && !isOperation(value) ? this.pickedBit(value, amount) : null;
      return picked ?? this.reference(this.signal(node), node, context.width);
    }
    const text = this.of(value, context);
    if (!type.signed) return this.shifted(text, ">>", amount);
    const whole = text.width === type.width ? text : this.reference(this.signal(value), value, type.width);
    const signed = whole.signed ? whole : asSigned(whole);
    return { ...this.shifted(signed, ">>>", amount), needsSigned: true };
  }

  private shifted(value: Text, symbol: string, amount: Node): Text {
    const by = this.alone(amount);
    return changed(value, `${within(value, LEVEL.shift)} ${symbol} ${within(by, LEVEL.shift)}`, LEVEL.shift);
  }

  /** One bit of a value at an index that may lie beyond. */
  private pickedBit(value: Node, amount: Node): Text | null {
    const signal = this.find(value);
    if (signal === null || signal.type.width < 2) return null;
    const { width, signed } = signal.type;
    const index = stripped(amount);
    const place = this.index(index, (width - 1).toString(2).length);
    const picked = atom(`${signal.name}[${place}]`, 1, false);
    this.signals.useAll(signal);
    if (2 ** index.type.width <= width) return picked;
    const end = literal(BigInt(width), { width: index.type.width, signed: false });
    const inside = bit(`${within(this.alone(index), LEVEL.relation)} < ${end}`, LEVEL.relation);
    return ternary(inside, picked, atom(signed ? bitsOf(signal, width - 1, 1) : "1'b0", 1, false));
  }

  private concat(parts: readonly Node[], width: number): Text {
    const texts: Text[] = [];
    let left = width;
    for (const part of parts.toReversed()) {
      if (left === 0) break;
      const take = Math.min(left, part.type.width);
      const text = this.of(part, { width: take, assigned: false });
      texts.unshift(
        part.kind === "constant"
          ? atom(literal(part.value, { width: take, signed: false }), take, false)
          : text,
      );
      left -= take;
    }
    const [only] = texts;
    return texts.length === 1 && only !== undefined ? only : joined(texts);
  }
}

/** Another text of the same kind. */
const changed = ({ width, signed, needsSigned }: Text, text: string, level: number): Text => ({
  text,
  level,
  width,
  signed,
  needsSigned,
});

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

function ternary(condition: Text, then: Text, otherwise: Text): Text {
  const choice = [within(condition, LEVEL.ternary), within(then, LEVEL.ternary)] as const;
  const { arms, last } = otherwise.choices ?? { arms: [], last: within(otherwise, LEVEL.ternary) };
  return {
    text: `${choice[0]} ? ${choice[1]} : ${otherwise.text}`,
    level: LEVEL.ternary,
    width: Math.max(then.width, otherwise.width),
    signed: then.signed && otherwise.signed,
    needsSigned: then.needsSigned || otherwise.needsSigned,
    choices: { arms: [choice, ...arms], last },
  };
}
