import type {
  Arithmetic,
  Comparison,
  Constant,
  Mux,
  Node,
  NumberType,
  Operation,
  Select,
  Shift,
} from "../builder/graph.ts";
import { fits, largest, sameType, smallest, wrap } from "../builder/type.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import { evaluate, isOperation } from "../simulate/interpret.ts";
import { mapOperands } from "../simulate/rewrite.ts";

const BIT: NumberType = { width: 1, signed: false };
const unsigned = (width: number): NumberType => ({ width, signed: false });
const signed = (width: number): NumberType => ({ width, signed: true });

/** Both hold the same numbers or more. */
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

/**
 * Rewrites logic to what a person would have written, with the same value: constants are computed, comparisons and
 * conversions that can be seen through go away, shifts by constants become wiring. Equal results are the same object.
 * Wires are kept as leaves, because somebody has named them.
 */
export class Simplifier {
  private readonly known = new Map<Node, Node>();
  private readonly constants = new Map<string, Constant>();
  private readonly interned = new Map<string, Node>();
  private readonly ids = new Map<Node, number>();
  /** Numbers that stand behind names: nobody can compare them with anything. */
  private readonly numbers: Map<Node, bigint>;

  /** @param numbers leaves that never change */
  constructor(numbers: ReadonlyMap<Node, bigint> = new Map()) {
    this.numbers = new Map(numbers);
  }

  simplify(root: Node): Node {
    visitInOrder(
      [root],
      (node) => void this.known.set(node, this.step(node)),
      (node) => (this.known.has(node) ? [] : operandsOf(node)),
    );
    return this.of(root);
  }

  /** The number that a simplified node always is, even if it has a name. */
  numberOf(node: Node): bigint | null {
    return node.kind === "constant" ? node.value : (this.numbers.get(node) ?? null);
  }

  private of(node: Node): Node {
    const found = this.known.get(node);
    if (found === undefined) throw new Error(`a ${node.kind} is simplified before its operands`);
    return found;
  }

  private step(node: Node): Node {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    if (node.kind === "constant") return this.constant(node.value, node.type);
    if (node.kind === "wire") this.learn(node, this.numberOf(this.of(node.driver)));
    if (!isOperation(node)) return node;
    const image = mapOperands(node, (operand) => this.of(operand));
    return isOperation(image) ? this.make(image) : image;
  }

  constant(value: bigint, type: NumberType): Constant {
    const key = `${value} ${type.signed} ${type.width}`;
    const made: Constant = this.constants.get(key) ?? { kind: "constant", value, type };
    this.constants.set(key, made);
    this.known.set(made, made);
    return made;
  }

  not(value: Node): Node {
    return this.make({ kind: "not", type: value.type, value });
  }

  convert(value: Node, type: NumberType): Node {
    return this.make({ kind: "convert", type, value });
  }

  private slice(value: Node, low: number, width: number): Node {
    return this.make({ kind: "slice", type: unsigned(width), value, low });
  }

  private concat(parts: readonly Node[]): Node {
    const width = parts.reduce((sum, part) => sum + part.type.width, 0);
    return this.make({ kind: "concat", type: unsigned(width), parts });
  }

  private bitwise(kind: "and" | "or", left: Node, right: Node): Node {
    return this.make({ kind, type: left.type, left, right });
  }

  private mux(condition: Node, then: Node, otherwise: Node): Node {
    return this.make({ kind: "mux", type: then.type, condition, then, otherwise });
  }

  private equal(left: Node, value: bigint): Node {
    return this.make({ kind: "equal", type: BIT, left, right: this.constant(value, left.type) });
  }

  private intern(key: string, node: Node): Node {
    const found = this.interned.get(key);
    if (found !== undefined) return found;
    this.interned.set(key, node);
    this.known.set(node, node);
    return node;
  }

  private id(node: Node): number {
    const id = this.ids.get(node) ?? this.ids.size;
    this.ids.set(node, id);
    return id;
  }

  /** An operation whose operands are simple. */
  private make(operation: Operation): Node {
    const operands = operandsOf(operation);
    const values = new Map<Node, bigint | null>(operands.map((operand) => [operand, this.numberOf(operand)]));
    const known = operands.every((operand) => values.get(operand) !== null);
    const value = known
      ? wrap(
          evaluate(operation, (operand) => values.get(operand) ?? 0n),
          operation.type,
        )
      : null;
    if (value !== null && operands.every(({ kind }) => kind === "constant"))
      return this.constant(value, operation.type);
    const node = this.rewritten(operation, operands);
    this.learn(node, value);
    return node;
  }

  private learn(node: Node, value: bigint | null): void {
    if (value !== null) this.numbers.set(node, value);
  }

  private rewritten(operation: Operation, operands: readonly Node[]): Node {
    const simple = this.rewrite(operation);
    if (simple !== null) return simple;
    const { kind, type } = operation;
    const low = kind === "slice" ? operation.low : "";
    const key = `${kind} ${type.signed} ${type.width} ${low} ${operands.map((one) => this.id(one)).join()}`;
    return this.intern(key, operation);
  }

  /** Something simpler, or null. */
  private rewrite(operation: Operation): Node | null {
    switch (operation.kind) {
      case "add":
      case "subtract":
      case "multiply":
        return this.arithmetic(operation);
      case "and":
      case "or":
      case "xor":
        return this.bits(operation.kind, operation.type, operation.left, operation.right);
      case "equal":
      case "less":
        return this.compare(operation);
      case "not":
        return operation.value.kind === "not" ? operation.value.value : null;
      case "shift-left":
      case "shift-right":
        return this.shift(operation);
      case "all":
      case "any":
      case "parity": {
        const { kind, value } = operation;
        if (value.type.width === 1) return this.convert(value, BIT);
        // Copies of a sign are one bit more of 1 or 0.
        const same = kind === "any" || (kind === "parity" && !value.type.signed);
        const inner = same ? stripped(value) : value;
        return inner === value ? null : this.make({ kind, type: BIT, value: inner });
      }
      case "mux":
        return this.choice(operation);
      case "select":
        return this.select(operation);
      case "concat":
        return this.joined(operation.parts);
      case "slice":
        return this.sliced(operation.value, operation.low, operation.type.width);
      case "convert":
        return this.converted(operation.value, operation.type);
    }
  }

  private arithmetic({ kind, type, left, right }: Arithmetic): Node | null {
    const zero = (node: Node): boolean => node.kind === "constant" && node.value === 0n;
    const one = (node: Node): boolean => node.kind === "constant" && node.value === 1n;
    if (kind === "multiply") {
      if (zero(left) || zero(right)) return this.constant(0n, type);
      if (one(right)) return this.convert(left, type);
      if (one(left)) return this.convert(right, type);
    } else {
      if (zero(right)) return this.convert(left, type);
      if (zero(left) && kind === "add") return this.convert(right, type);
    }
    const [a, b] = [stripped(left), stripped(right)];
    return a === left && b === right ? null : this.make({ kind, type, left: a, right: b });
  }

  private bits(kind: "and" | "or" | "xor", type: NumberType, left: Node, right: Node): Node | null {
    if (left.kind === "constant" && right.kind !== "constant")
      return this.bits(kind, type, right, left) ?? this.make({ kind, type, left: right, right: left });
    if (left === right) return kind === "xor" ? this.constant(0n, type) : left;
    if (kind === "and" && excludes(left, right)) return right;
    if (kind === "and" && excludes(right, left)) return left;
    if (right.kind !== "constant") return null;
    const none = right.value === 0n;
    const all = right.value === wrap(-1n, type);
    if (kind === "and") return none ? right : all ? left : null;
    if (kind === "or") return none ? left : all ? right : null;
    return none ? left : all ? this.not(left) : null;
  }

  private compare({ kind, left, right }: Comparison): Node | null {
    const [a, b] = [stripped(left), stripped(right)];
    const never = this.constant(0n, BIT);
    const always = this.constant(1n, BIT);
    if (a === b) return kind === "equal" ? always : never;
    const [lowA, highA, lowB, highB] = [...this.range(a), ...this.range(b)];
    if (kind === "less" && highA < lowB) return always;
    if (kind === "less" && lowA >= highB) return never;
    if (kind === "equal" && (highA < lowB || lowA > highB)) return never;
    if (kind === "equal" && a.kind === "constant") return this.make({ kind, type: BIT, left: b, right: a });
    // A constant is as wide as what it is compared with.
    const wide = (node: Node, other: Node): Node =>
      node.kind === "constant" && fits(node.value, other.type) ? this.constant(node.value, other.type) : node;
    const [x, y] = [wide(a, b), wide(b, a)];
    if (kind === "less" && !x.type.signed && y.kind === "constant" && y.value === 1n)
      return this.equal(x, 0n);
    if (kind === "equal" && y.kind === "constant" && isBit(x) && labelsOf(x) === null)
      return y.value === 1n ? x : this.not(x);
    return x === left && y === right ? null : this.make({ kind, type: BIT, left: x, right: y });
  }

  private range(node: Node): readonly [low: bigint, high: bigint] {
    const number = this.numberOf(node);
    return number === null ? [smallest(node.type), largest(node.type)] : [number, number];
  }

  private shift({ kind, type, value, amount }: Shift): Node | null {
    const { width } = value.type;
    if (amount.kind === "constant") {
      const by = Number(amount.value);
      if (kind === "shift-left") {
        if (by === 0) return this.convert(value, type);
        const bits = this.concat([value, this.constant(0n, unsigned(by))]);
        return this.convert(this.convert(bits, { width: width + by, signed: value.type.signed }), type);
      }
      if (by >= width) return this.convert(this.sign(value), type);
      const bits = this.slice(value, by, width - by);
      return this.convert(this.convert(bits, { width: width - by, signed: value.type.signed }), type);
    }
    const narrow = stripped(amount);
    if (narrow !== amount) return this.make({ kind, type, value, amount: narrow });
    if (kind === "shift-left") return null;
    if (!sameType(type, value.type))
      return this.convert(this.make({ kind, type: value.type, value, amount }), type);
    // Verilator shifts by 32 bits at most.
    const enough = width.toString(2).length;
    if (amount.type.width <= Math.max(31, enough)) return null;
    const beyond = this.make({
      kind: "any",
      type: BIT,
      value: this.slice(amount, enough, amount.type.width - enough),
    });
    const within = this.make({ kind, type, value, amount: this.slice(amount, 0, enough) });
    return this.mux(beyond, this.convert(this.sign(value), type), within);
  }

  /** What is left of a value when all of its bits are shifted out: 0, or -1 of a negative number. */
  private sign(value: Node): Node {
    const { width } = value.type;
    return value.type.signed
      ? this.convert(this.slice(value, width - 1, 1), signed(1))
      : this.constant(0n, BIT);
  }

  private choice({ type, condition, then, otherwise }: Mux): Node | null {
    if (condition.kind === "constant") return condition.value === 1n ? then : otherwise;
    if (then === otherwise) return then;
    const number = this.numberOf(then);
    if (number !== null && number === this.numberOf(otherwise)) return this.constant(number, type);
    if (then.kind === "mux") {
      if (then.condition === condition) return this.mux(condition, then.then, otherwise);
      if (then.otherwise === otherwise)
        return this.mux(this.bitwise("and", condition, then.condition), then.then, otherwise);
      if (then.then === otherwise)
        return this.mux(this.bitwise("and", condition, this.not(then.condition)), then.otherwise, otherwise);
    }
    if (otherwise.kind === "mux") {
      if (otherwise.condition === condition) return this.mux(condition, then, otherwise.otherwise);
      if (otherwise.then === then)
        return this.mux(this.bitwise("or", condition, otherwise.condition), then, otherwise.otherwise);
    }
    if (type.width !== 1 || type.signed) return null;
    if (then.kind === "constant")
      return then.value === 1n
        ? this.bitwise("or", condition, otherwise)
        : this.bitwise("and", this.not(condition), otherwise);
    if (otherwise.kind === "constant")
      return otherwise.value === 1n
        ? this.bitwise("or", this.not(condition), then)
        : this.bitwise("and", condition, then);
    return null;
  }

  private select({ type, index, cases }: Select): Node | null {
    const narrow = stripped(index);
    if (index.kind === "constant") {
      const chosen = cases[Number(index.value)] ?? cases.at(-1);
      return chosen ?? null;
    }
    const reachable = index.type.width < 31 ? cases.slice(0, 2 ** narrow.type.width) : cases;
    const last = reachable.at(-1);
    const count = reachable.findLastIndex((one) => one !== last) + 2;
    const [first, second] = reachable;
    if (first !== undefined && count <= 1) return first;
    if (first !== undefined && second !== undefined && count === 2)
      return isBit(narrow)
        ? this.mux(narrow, second, first)
        : this.mux(this.equal(narrow, 0n), first, second);
    if (narrow === index && count === cases.length) return null;
    return this.make({ kind: "select", type, index: narrow, cases: reachable.slice(0, count) });
  }

  private joined(parts: readonly Node[]): Node | null {
    const made: Node[] = [];
    for (const part of parts.flatMap((one) => (one.kind === "concat" ? one.parts : [one]))) {
      const before = made.at(-1);
      const merged = before === undefined ? null : this.neighbours(before, part);
      if (merged === null) made.push(part);
      else made[made.length - 1] = merged;
    }
    const [only] = made;
    if (only !== undefined && made.length === 1) return this.convert(only, unsigned(only.type.width));
    return made.length === parts.length && made.every((part, i) => part === parts[i])
      ? null
      : this.concat(made);
  }

  /** Constants side by side, or bits side by side of one value, as one. */
  private neighbours(high: Node, low: Node): Node | null {
    const { width } = low.type;
    if (high.kind === "constant" && low.kind === "constant") {
      const bits =
        (BigInt.asUintN(high.type.width, high.value) << BigInt(width)) | BigInt.asUintN(width, low.value);
      return this.constant(bits, unsigned(high.type.width + width));
    }
    if (high.kind !== "slice") return null;
    const total = high.type.width + width;
    if (low.kind === "slice" && low.value === high.value && low.low + width === high.low)
      return this.slice(high.value, low.low, total);
    const lowest = low.kind === "convert" && low.value === high.value && width === high.low;
    return lowest ? this.slice(high.value, 0, total) : null;
  }

  private sliced(value: Node, low: number, width: number): Node | null {
    if (value.kind === "slice") return this.slice(value.value, low + value.low, width);
    if (value.kind === "concat" && width < value.type.width) return this.partOf(value.parts, low, width);
    if (low === 0) return this.convert(value, unsigned(width));
    if (value.kind !== "convert") return null;
    const inner = value.value;
    const beyond = low + width - inner.type.width;
    if (beyond <= 0) return this.slice(inner, low, width);
    if (inner.type.signed) return null;
    if (low >= inner.type.width) return this.constant(0n, unsigned(width));
    return this.concat([this.constant(0n, unsigned(beyond)), this.slice(inner, low, width - beyond)]);
  }

  private partOf(parts: readonly Node[], low: number, width: number): Node {
    const found: Node[] = [];
    let at = 0;
    for (const part of parts.toReversed()) {
      const from = Math.max(low - at, 0);
      const to = Math.min(low + width - at, part.type.width);
      if (to > from) found.unshift(this.slice(part, from, to - from));
      at += part.type.width;
    }
    return this.concat(found);
  }

  private converted(value: Node, type: NumberType): Node | null {
    if (sameType(value.type, type)) return value;
    if (value.kind === "convert" && (holds(value.type, value.value.type) || type.width <= value.type.width))
      return this.convert(value.value, type);
    if ((value.kind === "slice" || value.kind === "concat") && type.width < value.type.width)
      return this.convert(this.slice(value, 0, type.width), type);
    return null;
  }
}

/** Names of a register's values. */
export function labelsOf(node: Node): readonly string[] | null {
  return node.kind === "register" ? node.labels : null;
}

/** `x != a` says nothing new beside `x == b`. */
function excludes(node: Node, beside: Node): boolean {
  if (node.kind !== "not" || node.value.kind !== "equal" || node.value.right.kind !== "constant")
    return false;
  const { left, right } = node.value;
  if (beside.kind === "and" && isBit(beside))
    return excludes(node, beside.left) || excludes(node, beside.right);
  if (beside.kind !== "equal" || beside.right.kind !== "constant") return false;
  return beside.left === left && beside.right.value !== right.value;
}
