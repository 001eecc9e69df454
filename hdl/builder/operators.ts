import { HardwareError } from "./errors.ts";
import type { Constant, Node, NumberType } from "./graph.ts";
import { fits, indexWidth, MAX_WIDTH, rangeText, sameType, typeOfNumber, typeText } from "./type.ts";

/**
 * Operators, each with its part of the one rule: **arithmetic is exact**. A result is as wide as its largest and its
 * smallest value need, so nothing is lost; operators that have no numeric meaning (and, mux, assignment ...) take operands of
 * one type. Nothing is extended, cut off or given another sign but by `truncate`, `extend`, `toSigned`, `asSigned` ...
 */
export const BIT: NumberType = { width: 1, signed: false };

export const unsignedType = (width: number): NumberType => ({ width, signed: false });
const signedType = (width: number): NumberType => ({ width, signed: true });

const widest = (a: Node, b: Node): number => Math.max(a.type.width, b.type.width);

function checked(type: NumberType, what: string): NumberType {
  if (type.width > MAX_WIDTH)
    throw new HardwareError(
      `the result of ${what} would have ${type.width} bits; at most ${MAX_WIDTH} are allowed`,
    );
  return type;
}

function demandSameSign(what: string, a: Node, b: Node): void {
  if (a.type.signed !== b.type.signed)
    throw new HardwareError(
      `${what} of ${typeText(a.type)} and ${typeText(b.type)}: make both signed by .toSigned(), which adds a bit, or reinterpret one by .asSigned() or .asUnsigned()`,
    );
}

export function demandType(what: string, value: Node, type: NumberType): void {
  if (sameType(value.type, type)) return;
  throw new HardwareError(
    `${what} takes ${typeText(type)}, and was given ${typeText(value.type)}: say ${wayTo(type, value.type)} if that is meant`,
  );
}

/** The methods that make one type of another, keeping the number where that can be. */
function wayTo(type: NumberType, from: NumberType): string {
  const { width, signed } = type;
  if (!from.signed && signed && from.width < width)
    return from.width + 1 === width ? ".toSigned()" : `.toSigned().extend(${width})`;
  const resize = from.width < width ? `.extend(${width})` : from.width > width ? `.truncate(${width})` : "";
  return from.signed === signed ? resize : `${resize}${signed ? ".asSigned()" : ".asUnsigned()"}`;
}

export function demandBit(what: string, value: Node): void {
  if (value.type.width !== 1 || value.type.signed)
    throw new HardwareError(
      `${what} takes a single unsigned bit, and was given ${typeText(value.type)}: compare it, or say .any()`,
    );
}

export const constant = (value: bigint, type: NumberType): Constant => ({ kind: "constant", type, value });

export function add(left: Node, right: Node): Node {
  demandSameSign("the sum", left, right);
  const type = checked({ width: widest(left, right) + 1, signed: left.type.signed }, "the sum");
  return { kind: "add", type, left, right };
}

export function subtract(left: Node, right: Node): Node {
  demandSameSign("the difference", left, right);
  const type = checked(signedType(widest(left, right) + 1), "the difference");
  return { kind: "subtract", type, left, right };
}

export function multiply(left: Node, right: Node): Node {
  demandSameSign("the product", left, right);
  const width = left.type.width + right.type.width;
  return { kind: "multiply", type: checked({ width, signed: left.type.signed }, "the product"), left, right };
}

export function bitwise(kind: "and" | "or" | "xor", left: Node, right: Node): Node {
  demandType(`.${kind}()`, right, left.type);
  return { kind, type: left.type, left, right };
}

export const not = (value: Node): Node => ({ kind: "not", type: value.type, value });

export function compare(kind: "equal" | "less", left: Node, right: Node): Node {
  demandSameSign("a comparison", left, right);
  return { kind, type: BIT, left, right };
}

export function shiftLeft(value: Node, amount: Node): Node {
  demandUnsigned("a shift's amount", amount);
  const most = amount.kind === "constant" ? Number(amount.value) : 2 ** amount.type.width - 1;
  const type = checked({ ...value.type, width: value.type.width + most }, "the shift to the left");
  return { kind: "shift-left", type, value, amount };
}

export function shiftRight(value: Node, amount: Node): Node {
  demandUnsigned("a shift's amount", amount);
  const least = amount.kind === "constant" ? Number(amount.value) : 0;
  const width = Math.max(1, value.type.width - least);
  return { kind: "shift-right", type: { ...value.type, width }, value, amount };
}

export function demandUnsigned(what: string, value: Node): void {
  if (value.type.signed)
    throw new HardwareError(
      `${what} is unsigned, and was given ${typeText(value.type)}: say .asUnsigned() if that is meant`,
    );
}

export const reduce = (kind: "all" | "any" | "parity", value: Node): Node => ({ kind, type: BIT, value });

export function mux(condition: Node, then: Node, otherwise: Node): Node {
  demandBit("a multiplexer's condition", condition);
  demandType("a multiplexer's second case", otherwise, then.type);
  return { kind: "mux", type: then.type, condition, then, otherwise };
}

export function select(index: Node, cases: readonly Node[]): Node {
  const [first] = cases;
  if (first === undefined) throw new HardwareError("a selection has no cases; it needs one at least");
  demandIndex(index, cases.length);
  for (const one of cases) demandType("a selection's case", one, first.type);
  return { kind: "select", type: first.type, index, cases };
}

/** An index may count further than there are things, but not less far. */
export function demandIndex(index: Node, count: number): void {
  demandUnsigned("an index", index);
  const { width } = index.type;
  const needed = indexWidth(count);
  if (width < needed)
    throw new HardwareError(
      `an index of ${width} bits cannot count ${count} cases: say .extend(${needed}) if only the first ${2 ** width} are meant`,
    );
}

export function concat(parts: readonly Node[]): Node {
  if (parts.length === 0)
    throw new HardwareError("nothing to put side by side; concat takes one part at least");
  const width = parts.reduce((sum, part) => sum + part.type.width, 0);
  return { kind: "concat", type: checked(unsignedType(width), "concat"), parts };
}

export function slice(value: Node, high: number, low: number): Node {
  const { width } = value.type;
  if (!Number.isInteger(high) || !Number.isInteger(low) || low < 0 || high < low || high >= width)
    throw new HardwareError(
      high === low
        ? `bit ${high} of ${typeText(value.type)}: the highest is bit ${width - 1}, the lowest bit 0`
        : `bits ${high} to ${low} of ${typeText(value.type)}: the first is the higher one, and both lie between ${width - 1} and 0`,
    );
  return { kind: "slice", type: unsignedType(high - low + 1), value, low };
}

export const convert = (value: Node, type: NumberType): Node =>
  sameType(value.type, type) ? value : { kind: "convert", type, value };

/** A number written in the code, as an operand of arithmetic: in the narrowest type of this signedness. */
export function literal(value: number | bigint, signed: boolean): Constant {
  const whole = wholeNumber(value);
  if (!signed && whole < 0n)
    throw new HardwareError(
      `${value} is negative where unsigned numbers are computed with: say .toSigned() before`,
    );
  return constant(whole, typeOfNumber(whole, signed));
}

/** A number written in the code that a signal of this type is compared with. */
export function literalBeside(value: number | bigint, type: NumberType): Constant {
  const whole = wholeNumber(value);
  if (!fits(whole, type))
    throw new HardwareError(`a comparison of ${rangeText(type)} with ${value} is always the same`);
  return constant(whole, type);
}

/** A number written in the code where a type is asked for; it has to fit. */
export function literalOf(value: number | bigint, type: NumberType, what: string): Constant {
  const whole = wholeNumber(value);
  if (!fits(whole, type)) throw new HardwareError(`${what}: ${value} does not fit ${rangeText(type)}`);
  return constant(whole, type);
}

function wholeNumber(value: number | bigint): bigint {
  if (typeof value === "bigint") return value;
  if (!Number.isInteger(value)) throw new HardwareError(`${value} is no whole number`);
  if (!Number.isSafeInteger(value))
    throw new HardwareError(`${value} is too large for a number that is exact: write a bigint, such as 5n`);
  return BigInt(value);
}
