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

  /** One bit: both numbers are equal. */
  eq(other: this | Literal): Unsigned {
    return bitOf(op.compare("equal", this.node, this.partner(other, "a comparison")));
  }

  ne(other: this | Literal): Unsigned {
    return this.eq(other).not();
  }

  lt(other: this | Literal): Unsigned {
    return bitOf(op.compare("less", this.node, this.partner(other, "a comparison")));
  }

  gt(other: this | Literal): Unsigned {
    return bitOf(op.compare("less", this.partner(other, "a comparison"), this.node));
  }

  le(other: this | Literal): Unsigned {
    return this.gt(other).not();
  }

  ge(other: this | Literal): Unsigned {
    return this.lt(other).not();
  }

  /** One bit: every bit is 1. */
  all(): Unsigned {
    return bitOf(op.reduce("all", this.node));
  }

  /** One bit: some bit is 1. */
  any(): Unsigned {
    return bitOf(op.reduce("any", this.node));
  }

  /** One bit: the number of ones is odd. */
  parity(): Unsigned {
    return bitOf(op.reduce("parity", this.node));
  }

  /** Bit `index`; 0 is the lowest. An index that is a signal reads 0 beyond the highest bit. */
  bit(index: number | Unsigned): Unsigned {
    if (typeof index === "number") return this.bits(index, index);
    return bitOf(op.slice(op.shiftRight(this.asUnsigned().node, index.node), 0, 0));
  }

  /** Bits `high` down to `low`, both included. */
  bits(high: number, low: number): Unsigned {
    return new Unsigned(op.slice(this.node, high, low));
  }

  /** The same bits, read as an unsigned number. */
  asUnsigned(): Unsigned {
    return new Unsigned(op.convert(this.node, { width: this.width, signed: false }));
  }

  /** The same bits, read in two's complement. */
  asSigned(): Signed {
    return new Signed(op.convert(this.node, { width: this.width, signed: true }));
  }

  /** A literal as this signal's partner in arithmetic or comparison. */
  protected partner(other: Signal | Literal, what: string): Node {
    if (other instanceof Signal) return other.node;
    const { signed } = this.type;
    if (what !== "a comparison") return op.literal(other, signed);
    return op.literalOf(other, this.type, `${what} with ${typeText(this.type)} is always the same`);
  }

  /** A literal in this signal's own type. */
  protected twin(other: Signal | Literal, what: string): Node {
    return other instanceof Signal ? other.node : op.literalOf(other, this.type, what);
  }

  protected narrower(width: number): NumberType {
    checkWidth(width, "truncate");
    if (width > this.width)
      throw new HardwareError(
        `.truncate(${width}) of ${typeText(this.type)}: to make it wider say .extend(${width})`,
      );
    return { width, signed: this.type.signed };
  }

  protected wider(width: number): NumberType {
    checkWidth(width, "extend");
    if (width < this.width)
      throw new HardwareError(
        `.extend(${width}) of ${typeText(this.type)}: to make it narrower say .truncate(${width})`,
      );
    return { width, signed: this.type.signed };
  }
}

/** An unsigned number; a single bit, too, is one. */
export class Unsigned extends Signal {
  /** max(w) + 1 bits. */
  add(other: Unsigned | Literal): Unsigned {
    return new Unsigned(op.add(this.node, this.partner(other, "the sum")));
  }

  /** Signed, max(w) + 1 bits. */
  sub(other: Unsigned | Literal): Signed {
    return new Signed(op.subtract(this.node, this.partner(other, "the difference")));
  }

  /** w + v bits. */
  mul(other: Unsigned | Literal): Unsigned {
    return new Unsigned(op.multiply(this.node, this.partner(other, "the product")));
  }

  /** The sum modulo 2^width, for counters. Both have this type. */
  addWrap(other: Unsigned | Literal): Unsigned {
    const partner = this.twin(other, ".addWrap()");
    op.demandType(".addWrap()", partner, this.type);
    return new Unsigned(op.convert(op.add(this.node, partner), this.type));
  }

  /** The difference modulo 2^width. Both have this type. */
  subWrap(other: Unsigned | Literal): Unsigned {
    const partner = this.twin(other, ".subWrap()");
    op.demandType(".subWrap()", partner, this.type);
    return new Unsigned(op.convert(op.subtract(this.node, partner), this.type));
  }

  and(other: Unsigned | Literal): Unsigned {
    return new Unsigned(op.bitwise("and", this.node, this.twin(other, ".and()")));
  }

  or(other: Unsigned | Literal): Unsigned {
    return new Unsigned(op.bitwise("or", this.node, this.twin(other, ".or()")));
  }

  xor(other: Unsigned | Literal): Unsigned {
    return new Unsigned(op.bitwise("xor", this.node, this.twin(other, ".xor()")));
  }

  not(): Unsigned {
    return new Unsigned(op.not(this.node));
  }

  /** Times 2^amount, exact: `amount` more bits, or for a signal of k bits 2^k − 1 more. */
  shl(amount: number | Unsigned): Unsigned {
    return new Unsigned(op.shiftLeft(this.node, amountOf(amount)));
  }

  /** Divided by 2^amount, rounded down: `amount` fewer bits, or for a signal the same width. */
  shr(amount: number | Unsigned): Unsigned {
    return new Unsigned(op.shiftRight(this.node, amountOf(amount)));
  }

  /** The low `width` bits. */
  truncate(width: number): Unsigned {
    return new Unsigned(op.convert(this.node, this.narrower(width)));
  }

  /** The same number in `width` bits. */
  extend(width: number): Unsigned {
    return new Unsigned(op.convert(this.node, this.wider(width)));
  }

  /** The same number as a signed one, of one bit more. */
  toSigned(): Signed {
    return new Signed(op.convert(this.node, { width: this.width + 1, signed: true }));
  }

  /** `count` copies side by side. */
  repeat(count: number): Unsigned {
    return new Unsigned(op.concat(new Array<Node>(count).fill(this.node)));
  }
}

/** A number in two's complement. */
export class Signed extends Signal {
  /** max(w) + 1 bits. */
  add(other: Signed | Literal): Signed {
    return new Signed(op.add(this.node, this.partner(other, "the sum")));
  }

  /** max(w) + 1 bits. */
  sub(other: Signed | Literal): Signed {
    return new Signed(op.subtract(this.node, this.partner(other, "the difference")));
  }

  /** w + v bits. */
  mul(other: Signed | Literal): Signed {
    return new Signed(op.multiply(this.node, this.partner(other, "the product")));
  }

  /** The sum modulo 2^width. Both have this type. */
  addWrap(other: Signed | Literal): Signed {
    const partner = this.twin(other, ".addWrap()");
    op.demandType(".addWrap()", partner, this.type);
    return new Signed(op.convert(op.add(this.node, partner), this.type));
  }

  /** The difference modulo 2^width. Both have this type. */
  subWrap(other: Signed | Literal): Signed {
    const partner = this.twin(other, ".subWrap()");
    op.demandType(".subWrap()", partner, this.type);
    return new Signed(op.convert(op.subtract(this.node, partner), this.type));
  }

  /** w + 1 bits. */
  negate(): Signed {
    const zero = op.constant(0n, { width: 1, signed: true });
    return new Signed(op.subtract(zero, this.node));
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

  and(other: Signed | Literal): Signed {
    return new Signed(op.bitwise("and", this.node, this.twin(other, ".and()")));
  }

  or(other: Signed | Literal): Signed {
    return new Signed(op.bitwise("or", this.node, this.twin(other, ".or()")));
  }

  xor(other: Signed | Literal): Signed {
    return new Signed(op.bitwise("xor", this.node, this.twin(other, ".xor()")));
  }

  not(): Signed {
    return new Signed(op.not(this.node));
  }

  /** Times 2^amount, exact: `amount` more bits, or for a signal of k bits 2^k − 1 more. */
  shl(amount: number | Unsigned): Signed {
    return new Signed(op.shiftLeft(this.node, amountOf(amount)));
  }

  /** Divided by 2^amount, rounded down: `amount` fewer bits, or for a signal the same width. */
  shr(amount: number | Unsigned): Signed {
    return new Signed(op.shiftRight(this.node, amountOf(amount)));
  }

  /** The low `width` bits, in two's complement. */
  truncate(width: number): Signed {
    return new Signed(op.convert(this.node, this.narrower(width)));
  }

  /** The same number in `width` bits. */
  extend(width: number): Signed {
    return new Signed(op.convert(this.node, this.wider(width)));
  }

  /** The nearest number of `width` bits. */
  saturate(width: number): Signed {
    const type = this.narrower(width);
    if (width === this.width) return this;
    const top = op.slice(this.node, this.width - 1, width - 1);
    const fits = op.bitwise("or", op.reduce("all", top), op.not(op.reduce("any", top)));
    const limit = 1n << BigInt(width - 1);
    const bound = op.mux(this.isNegative().node, op.constant(-limit, type), op.constant(limit - 1n, type));
    return new Signed(op.mux(fits, op.convert(this.node, type), bound));
  }
}

function amountOf(amount: number | Unsigned): Node {
  if (typeof amount !== "number") return amount.node;
  if (!Number.isInteger(amount) || amount < 0)
    throw new HardwareError(`a shift by ${amount}: an amount is a whole number, and not negative`);
  return op.literal(amount, false);
}

const bitOf = (node: Node): Unsigned => new Unsigned(node);

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
