import { HardwareError } from "./errors.ts";
import type { Node, NumberType } from "./graph.ts";
import * as op from "./operators.ts";
import { checkWidth, typeText } from "./type.ts";

/** A number written in the code. */
export type Literal = number | bigint;

/**
 * A value in the circuit: an integer of a known width, unsigned or signed. Operators make new signals and follow one
 * rule: arithmetic is exact (`add` of two 8-bit numbers has 9 bits), everything else asks for equal types. Literals take
 * their partner's signedness and have to fit.
 */
export abstract class Signal {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  get type(): NumberType {
    return this.node.type;
  }

  get width(): number {
    return this.node.type.width;
  }

  /** One bit: every bit is 1. */
  all(): Unsigned {
    return new Unsigned(op.reduce("all", this.node));
  }

  /** One bit: some bit is 1. */
  any(): Unsigned {
    return new Unsigned(op.reduce("any", this.node));
  }

  /** One bit: the number of ones is odd. */
  parity(): Unsigned {
    return new Unsigned(op.reduce("parity", this.node));
  }

  /** Bit `index`; 0 is the lowest. An index that is a signal reads 0 beyond the highest bit. */
  bit(index: number | Unsigned): Unsigned {
    if (typeof index === "number") return this.bits(index, index);
    return new Unsigned(op.slice(op.shiftRight(this.asUnsigned().node, index.node), 0, 0));
  }

  /** Bits `high` down to `low`, both included. */
  bits(high: number, low: number): Unsigned {
    return new Unsigned(op.slice(this.node, high, low));
  }

  /** `count` copies of the bits, side by side. */
  repeat(count: number): Unsigned {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new HardwareError(`.repeat(${count}); a count is a whole number, at least 1`);
    return new Unsigned(op.concat(Array.from({ length: count }, () => this.node)));
  }

  /** The same bits, read as an unsigned number. */
  asUnsigned(): Unsigned {
    return new Unsigned(op.convert(this.node, { width: this.width, signed: false }));
  }

  /** The same bits, read in two's complement. */
  asSigned(): Signed {
    return new Signed(op.convert(this.node, { width: this.width, signed: true }));
  }

  /** What `a + b`, `a < b` and `${a}` of the language come to: they would compute with the description. */
  [Symbol.toPrimitive](): never {
    throw new HardwareError(
      "a signal is not a number of TypeScript: compute with its methods, .add(), .lt(), .eq() ...",
    );
  }
}

// `set` is typed where something can be assigned, but what functions such as `select` return has the type of what they were given.
Object.defineProperty(Signal.prototype, "set", {
  writable: true,
  value: () => {
    throw new HardwareError(
      "this signal cannot be assigned: registers, wires and outputs can; an element that a signal counts by assignAt",
    );
  },
});

/** What unsigned and signed numbers share. */
abstract class Integer<Self extends Signal> extends Signal {
  /** A signal of this class. */
  protected abstract of(node: Node): Self;

  /** One bit: both numbers are equal. */
  eq(other: Self | Literal): Unsigned {
    return new Unsigned(op.compare("equal", this.node, this.beside(other)));
  }

  ne(other: Self | Literal): Unsigned {
    return this.eq(other).not();
  }

  lt(other: Self | Literal): Unsigned {
    return new Unsigned(op.compare("less", this.node, this.beside(other)));
  }

  gt(other: Self | Literal): Unsigned {
    return new Unsigned(op.compare("less", this.beside(other), this.node));
  }

  le(other: Self | Literal): Unsigned {
    return this.gt(other).not();
  }

  ge(other: Self | Literal): Unsigned {
    return this.lt(other).not();
  }

  /** max(w, v) + 1 bits. */
  add(other: Self | Literal): Self {
    return this.of(op.add(this.node, this.term(other)));
  }

  /** Signed, max(w, v) + 1 bits. */
  sub(other: Self | Literal): Signed {
    return new Signed(op.subtract(this.node, this.term(other)));
  }

  /** w + v bits. */
  mul(other: Self | Literal): Self {
    return this.of(op.multiply(this.node, this.term(other)));
  }

  /** The sum modulo 2^width, as of a counter. Both have this type. */
  addWrap(other: Self | Literal): Self {
    return this.of(op.convert(op.add(this.node, this.twin(other, ".addWrap()")), this.type));
  }

  /** The difference modulo 2^width. Both have this type. */
  subWrap(other: Self | Literal): Self {
    return this.of(op.convert(op.subtract(this.node, this.twin(other, ".subWrap()")), this.type));
  }

  and(other: Self | Literal): Self {
    return this.of(op.bitwise("and", this.node, this.twin(other, ".and()")));
  }

  or(other: Self | Literal): Self {
    return this.of(op.bitwise("or", this.node, this.twin(other, ".or()")));
  }

  xor(other: Self | Literal): Self {
    return this.of(op.bitwise("xor", this.node, this.twin(other, ".xor()")));
  }

  not(): Self {
    return this.of(op.not(this.node));
  }

  /** Times 2^amount, exact: `amount` more bits, or for a signal of k bits 2^k − 1 more. */
  shl(amount: number | Unsigned): Self {
    return this.of(op.shiftLeft(this.node, amountOf(amount)));
  }

  /** Divided by 2^amount, rounded down: `amount` fewer bits, or for a signal the same width. */
  shr(amount: number | Unsigned): Self {
    return this.of(op.shiftRight(this.node, amountOf(amount)));
  }

  /** The low `width` bits. */
  truncate(width: number): Self {
    return this.of(op.convert(this.node, this.narrower(width, ".truncate")));
  }

  /** The same number in `width` bits. */
  extend(width: number): Self {
    checkWidth(width, ".extend");
    if (width < this.width)
      throw new HardwareError(
        `.extend(${width}) of ${typeText(this.type)}: to make it narrower say .truncate(${width})`,
      );
    return this.of(op.convert(this.node, { ...this.type, width }));
  }

  protected narrower(width: number, what: string): NumberType {
    checkWidth(width, what);
    if (width > this.width)
      throw new HardwareError(
        `${what}(${width}) of ${typeText(this.type)}: to make it wider say .extend(${width})`,
      );
    return { ...this.type, width };
  }

  /** The other operand of arithmetic; a literal in the narrowest type of this signedness. */
  private term(other: Self | Literal): Node {
    return other instanceof Signal ? other.node : op.literal(other, this.type.signed);
  }

  /** The other operand of a comparison. */
  private beside(other: Self | Literal): Node {
    return other instanceof Signal ? other.node : op.literalBeside(other, this.type);
  }

  /** The other operand where both have this type. */
  private twin(other: Self | Literal, what: string): Node {
    if (!(other instanceof Signal)) return op.literalOf(other, this.type, what);
    op.demandType(what, other.node, this.type);
    return other.node;
  }
}

/** An unsigned number; a single bit, too, is one. */
export class Unsigned extends Integer<Unsigned> {
  protected override of(node: Node): Unsigned {
    return new Unsigned(node);
  }

  /** The same number as a signed one, of one bit more. */
  toSigned(): Signed {
    return new Signed(op.convert(this.node, { width: this.width + 1, signed: true }));
  }

  /** The nearest number of `width` bits. */
  saturate(width: number): Unsigned {
    const type = this.narrower(width, ".saturate");
    if (width === this.width) return this;
    const over = this.bits(this.width - 1, width).any();
    const most = op.constant((1n << BigInt(width)) - 1n, type);
    return new Unsigned(op.mux(over.node, most, op.convert(this.node, type)));
  }
}

/** A number in two's complement. */
export class Signed extends Integer<Signed> {
  protected override of(node: Node): Signed {
    return new Signed(node);
  }

  /** w + 1 bits. */
  negate(): Signed {
    return new Signed(op.subtract(op.constant(0n, { width: 1, signed: true }), this.node));
  }

  /** The magnitude, unsigned, as wide as this. */
  abs(): Unsigned {
    const { width } = this;
    const negative = op.convert(this.negate().node, { width, signed: false });
    return new Unsigned(op.mux(this.isNegative().node, negative, this.asUnsigned().node));
  }

  isNegative(): Unsigned {
    return this.bit(this.width - 1);
  }

  /** The nearest number of `width` bits. */
  saturate(width: number): Signed {
    const type = this.narrower(width, ".saturate");
    if (width === this.width) return this;
    const top = this.bits(this.width - 1, width - 1);
    const fits = top.all().or(top.any().not());
    const limit = 1n << BigInt(width - 1);
    const bound = op.mux(this.isNegative().node, op.constant(-limit, type), op.constant(limit - 1n, type));
    return new Signed(op.mux(fits.node, op.convert(this.node, type), bound));
  }
}

function amountOf(amount: number | Unsigned): Node {
  if (typeof amount !== "number") return amount.node;
  if (!Number.isInteger(amount) || amount < 0)
    throw new HardwareError(`a shift by ${amount}: an amount is a whole number, and not negative`);
  return op.literal(amount, false);
}

/** The signal that stands for a node. */
export function signalOf(node: Node): Unsigned | Signed {
  return node.type.signed ? new Signed(node) : new Unsigned(node);
}

/** A constant of `width` bits. */
export function unsignedConstant(value: Literal, width: number): Unsigned {
  checkWidth(width, "a constant");
  return new Unsigned(op.literalOf(value, { width, signed: false }, "a constant"));
}

/** A constant of `width` bits in two's complement. */
export function signedConstant(value: Literal, width: number): Signed {
  checkWidth(width, "a constant");
  return new Signed(op.literalOf(value, { width, signed: true }, "a constant"));
}

/** Bits side by side, the first in the highest places. */
export function concat(...parts: readonly Signal[]): Unsigned {
  return new Unsigned(op.concat(parts.map(({ node }) => node)));
}
