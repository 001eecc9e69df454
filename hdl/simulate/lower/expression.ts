import type { NumberType } from "../../builder/graph.ts";
import { needsCheck, needsGuard } from "./cost.ts";
import { bitsComputed, type ContainerBits, containerBits } from "./demand.ts";
import type { Exactness } from "./exact.ts";
import type { CellBytes } from "./layout.ts";
import type { Term } from "./term.ts";

/** What expressions need to know about their terms. */
export interface Context extends Exactness {
  readonly demands: Uint8Array;
  readonly kept: ReadonlySet<Term>;
  /** Text that reads the variable of a kept term. */
  readonly read: (term: Term) => string;
}

export const containerOf = (term: Term, { demands }: Context): ContainerBits =>
  containerBits(bitsComputed(term, demands[term.id]!));

/** A term's value in a container of so many bits. */
export function valueText(term: Term, bits: ContainerBits, context: Context): string {
  if (term.kind === "constant") return constantText(term.value, bits);
  if (term.kind === "load" && !context.kept.has(term)) return loadText(term.cell, bits);
  const own = containerOf(term, context);
  const text = context.kept.has(term) ? context.read(term) : computationText(term, context);
  return converted(text, own, bits, term.type.signed);
}

/** Computes a term in its own container. */
export function computationText(term: Term, context: Context): string {
  const bits = containerOf(term, context);
  const text = operationText(term, bits, context);
  return context.masked[term.id] === 1 ? maskText(text, term.type, bits) : text;
}

/** Text of an i32 that is not zero where the bit is 1. */
export function conditionText(term: Term, context: Context): string {
  const [value] = term.operands;
  if (value === undefined || context.kept.has(term)) return valueText(term, 32, context);
  if (term.kind === "not") return `(i32.eqz ${conditionText(value, context)})`;
  const bits = containerOf(value, context);
  if (term.kind === "any" && bits === 32) return valueText(value, bits, context);
  if (term.kind === "slice" && bits === 32)
    return `(i32.and ${valueText(value, bits, context)} ${constantText(1n << BigInt(term.low), 32)})`;
  return valueText(term, 32, context);
}

export const constantText = (value: bigint, bits: ContainerBits): string =>
  `(i${bits}.const ${BigInt.asIntN(bits, value)})`;

/** Reads memory at a fixed place. */
export function loadText(
  {
    address,
    bytes,
    type,
  }: { readonly address: number; readonly bytes: CellBytes; readonly type: NumberType },
  bits: ContainerBits,
  at = "(i32.const 0)",
): string {
  const sign = type.signed ? "s" : "u";
  const whole = bits === 32 ? bytes >= 4 : bytes === 8;
  return `(i${bits}.load${whole ? "" : `${8 * bytes}_${sign}`} offset=${address} ${at})`;
}

/** Writes memory; of a value wider than the cell the low bits. */
export const storeText = (bytes: CellBytes, offset: number, at: string, value: string): string =>
  `(i${bytes === 8 ? 64 : 32}.store${bytes >= 4 ? "" : 8 * bytes} offset=${offset} ${at} ${value})`;

/** The integer's low bits extended by its sign, as its type says. */
function maskText(text: string, { width, signed }: NumberType, bits: ContainerBits): string {
  if (width === bits) return text;
  if (!signed) return `(i${bits}.and ${text} ${constantText((1n << BigInt(width)) - 1n, bits)})`;
  if (width === 8 || width === 16 || width === 32) return `(i${bits}.extend${width}_s ${text})`;
  const by = constantText(BigInt(bits - width), bits);
  return `(i${bits}.shr_s (i${bits}.shl ${text} ${by}) ${by})`;
}

function converted(text: string, from: ContainerBits, to: ContainerBits, signed: boolean): string {
  if (from === to) return text;
  return to === 32 ? `(i32.wrap_i64 ${text})` : `(i64.extend_i32_${signed ? "s" : "u"} ${text})`;
}

const OPCODES = { add: "add", subtract: "sub", multiply: "mul", and: "and", or: "or", xor: "xor" } as const;

/** The operation with its operands, not yet masked. */
function operationText(term: Term, bits: ContainerBits, context: Context): string {
  const { kind, type, operands } = term;
  const [first = term, second = term, third = term] = operands;
  const value = (operand: Term): string => valueText(operand, bits, context);
  switch (kind) {
    case "constant":
      return constantText(term.value, bits);
    case "load":
      return loadText(term.cell, bits);
    case "fetch": {
      const { area } = term;
      // The cell behind the last word stays zero.
      const index = indexText(first, area.cells, area.depth, context);
      return loadText(area, bits, scaledText(index, area.bytes));
    }
    case "pick": {
      const [cell] = term.cells;
      if (cell === undefined) throw new Error("nothing to pick from");
      const index = indexText(first, term.cells.length, term.cells.length - 1, context);
      return loadText(cell, bits, scaledText(index, cell.bytes));
    }
    case "add":
    case "subtract":
    case "multiply":
    case "and":
    case "or":
    case "xor":
      return `(i${bits}.${OPCODES[kind]} ${value(first)} ${value(second)})`;
    case "not":
      return `(i${bits}.xor ${value(first)} ${constantText(allOnes(type), bits)})`;
    case "equal":
    case "less":
      return comparisonText(kind, first, second, context);
    case "all":
    case "any":
    case "parity":
      return reductionText(kind, first, context);
    case "shift-left":
      return guardedText(
        second,
        bits,
        type.width,
        (amount) => `(i${bits}.shl ${value(first)} ${amount})`,
        context,
      );
    case "shift-right":
      return shiftRightText(first, second, bits, context);
    case "slice":
      return sliceText(term.low, type.width, first, bits, context);
    case "convert":
      return value(first);
    case "concat":
      return concatText(term, bits, context);
    case "mux":
      return muxText(first, second, third, bits, context);
    case "select":
      return selectText(term, bits, context);
  }
}

const allOnes = ({ width, signed }: NumberType): bigint => (signed ? -1n : (1n << BigInt(width)) - 1n);

/** An index as an i32; `beyond` for those that do not count one of the cells. */
export function indexText(index: Term, cells: number, beyond: number, context: Context): string {
  if (!needsCheck(index, cells)) return valueText(index, 32, context);
  const bits = containerOf(index, context);
  const text = valueText(index, bits, context);
  const limit = constantText(BigInt(beyond), bits);
  return `(select ${converted(text, bits, 32, false)} ${constantText(BigInt(beyond), 32)} (i${bits}.lt_u ${text} ${limit}))`;
}

/** The place of a cell among neighbours, in bytes. */
export const scaledText = (index: string, bytes: CellBytes): string =>
  bytes === 1 ? index : `(i32.shl ${index} (i32.const ${Math.log2(bytes)}))`;

function comparisonText(kind: "equal" | "less", left: Term, right: Term, context: Context): string {
  const bits = containerBits(Math.max(left.type.width, right.type.width));
  const [a, b] = [valueText(left, bits, context), valueText(right, bits, context)];
  if (kind === "less") return `(i${bits}.lt_${left.type.signed ? "s" : "u"} ${a} ${b})`;
  const zero = constantText(0n, bits);
  return a === zero ? `(i${bits}.eqz ${b})` : b === zero ? `(i${bits}.eqz ${a})` : `(i${bits}.eq ${a} ${b})`;
}

function reductionText(kind: "all" | "any" | "parity", value: Term, context: Context): string {
  const { type } = value;
  const bits = containerOf(value, context);
  const text = valueText(value, bits, context);
  if (type.width === 1 && !type.signed) return text;
  if (kind === "any") return `(i${bits}.ne ${text} ${constantText(0n, bits)})`;
  if (kind === "all") return `(i${bits}.eq ${text} ${constantText(allOnes(type), bits)})`;
  const plain = type.signed ? maskText(text, { width: type.width, signed: false }, bits) : text;
  return `(i32.and ${converted(`(i${bits}.popcnt ${plain})`, bits, 32, false)} (i32.const 1))`;
}

/** A shift by amounts that may exceed the container: then it gives zero. */
function guardedText(
  amount: Term,
  bits: ContainerBits,
  width: number,
  shift: (amount: string) => string,
  context: Context,
): string {
  if (amount.kind === "constant")
    return amount.value < BigInt(bits) ? shift(constantText(amount.value, bits)) : constantText(0n, bits);
  const own = containerOf(amount, context);
  const text = valueText(amount, own, context);
  const shifted = shift(converted(text, own, bits, false));
  if (!needsGuard(amount, width) && containerBits(width) === bits) return shifted;
  return `(select ${shifted} ${constantText(0n, bits)} (i${own}.lt_u ${text} ${constantText(BigInt(bits), own)}))`;
}

function shiftRightText(value: Term, amount: Term, bits: ContainerBits, context: Context): string {
  const own = containerOf(value, context);
  const text = valueText(value, own, context);
  if (!value.type.signed)
    return converted(
      guardedText(amount, own, value.type.width, (by) => `(i${own}.shr_u ${text} ${by})`, context),
      own,
      bits,
      false,
    );
  // A negative number shifted out leaves its sign.
  const most = BigInt(own - 1);
  if (amount.kind === "constant") {
    const by = constantText(amount.value < most ? amount.value : most, own);
    return converted(`(i${own}.shr_s ${text} ${by})`, own, bits, true);
  }
  const amountBits = containerOf(amount, context);
  const given = valueText(amount, amountBits, context);
  const plain = converted(given, amountBits, own, false);
  const by = needsGuard(amount, value.type.width)
    ? `(select ${plain} ${constantText(most, own)} (i${amountBits}.lt_u ${given} ${constantText(most, amountBits)}))`
    : plain;
  return converted(`(i${own}.shr_s ${text} ${by})`, own, bits, true);
}

function sliceText(low: number, width: number, value: Term, bits: ContainerBits, context: Context): string {
  const bytes = width === 8 ? 1 : width === 16 ? 2 : width === 32 ? 4 : null;
  // Bytes of a cell are read by themselves.
  if (value.kind === "load" && bytes !== null && low % 8 === 0 && !context.kept.has(value))
    return loadText({ address: value.cell.address + low / 8, bytes, type: { width, signed: false } }, bits);
  const own = containerOf(value, context);
  const text = valueText(value, own, context);
  const shifted = low === 0 ? text : `(i${own}.shr_u ${text} ${constantText(BigInt(low), own)})`;
  return converted(shifted, own, bits, false);
}

function concatText(term: Term, bits: ContainerBits, context: Context): string {
  const demand = context.demands[term.id]!;
  const loose = demand <= term.type.width;
  let low = term.type.width;
  const texts: string[] = [];
  for (const part of term.operands) {
    const { width, signed } = part.type;
    low -= width;
    const wanted = Math.min(demand, term.type.width) - low;
    if (wanted <= 0 || (part.kind === "constant" && part.value === 0n)) continue;
    const isTop = loose && wanted <= width;
    const plain = valueText(part, bits, context);
    const text = isTop || !signed ? plain : maskText(plain, { width, signed: false }, bits);
    texts.push(low === 0 ? text : `(i${bits}.shl ${text} ${constantText(BigInt(low), bits)})`);
  }
  return texts.length === 0
    ? constantText(0n, bits)
    : texts.reduce((left, right) => `(i${bits}.or ${left} ${right})`);
}

const isBit = (term: Term, value: bigint): boolean =>
  term.kind === "constant" && term.value === value && term.type.width === 1 && !term.type.signed;

function muxText(
  condition: Term,
  then: Term,
  otherwise: Term,
  bits: ContainerBits,
  context: Context,
): string {
  if (isBit(otherwise, 0n))
    return `(i32.and ${valueText(condition, 32, context)} ${valueText(then, 32, context)})`;
  if (isBit(then, 1n))
    return `(i32.or ${valueText(condition, 32, context)} ${valueText(otherwise, 32, context)})`;
  const [a, b] = [valueText(then, bits, context), valueText(otherwise, bits, context)];
  return `(select ${a} ${b} ${conditionText(condition, context)})`;
}

/** One bit of the index after the other chooses half of the cases. */
function selectText({ operands }: Term, bits: ContainerBits, context: Context): string {
  const [index, ...cases] = operands;
  if (index === undefined) throw new Error("a select has no index");
  const texts = cases.map((one) => valueText(one, bits, context));
  const on = valueText(index, 32, context);
  const choose = (from: number, level: number): string => {
    if (level < 0) return texts[Math.min(from, texts.length - 1)]!;
    const step = 2 ** level;
    const [low, high] = [
      choose(from, level - 1),
      choose(from + step, from + step < texts.length ? level - 1 : -1),
    ];
    return low === high ? low : `(select ${high} ${low} (i32.and ${on} (i32.const ${step})))`;
  };
  return choose(0, Math.ceil(Math.log2(texts.length)) - 1);
}
