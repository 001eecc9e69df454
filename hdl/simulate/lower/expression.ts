import { needsCheck, needsGuard } from "./cost.ts";
import { type ContainerBits, containerBits } from "./demand.ts";
import { containerOf, type Precision } from "./exact.ts";
import type { CellBytes } from "./layout.ts";
import type { Fetch, Term } from "./term.ts";
import { allOnes, constantText, converted, loadText, maskText, scaledText } from "./text.ts";

/** What expressions need to know about their terms. */
export interface Context extends Precision {
  readonly kept: ReadonlySet<Term>;
  /** Text that reads the variable of a kept term. */
  readonly read: (term: Term) => string;
  /** Locals of cells that a step reads more than once. */
  readonly held: ReadonlyMap<Term, string>;
}

/** A term's value in a container of so many bits. */
export function valueText(term: Term, bits: ContainerBits, context: Context): string {
  if (term.kind === "constant") return constantText(term.value, bits);
  const own = containerOf(term, context);
  const held = context.held.get(term);
  if (held !== undefined) return converted(`(local.get ${held})`, own, bits, term.type.signed);
  if (context.kept.has(term)) return converted(context.read(term), own, bits, term.type.signed);
  if (term.kind === "load") return loadText(term.cell, bits);
  return converted(computationText(term, context), own, bits, term.type.signed);
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
    case "fetch":
      return loadText(term.area, bits, fetchPlaceText(term, context));
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

/** An index as an i32; `beyond` for those that do not count one of the cells. */
export function indexText(index: Term, cells: number, beyond: number, context: Context): string {
  if (!needsCheck(index, cells)) return valueText(index, 32, context);
  const bits = containerOf(index, context);
  const text = valueText(index, bits, context);
  const limit = constantText(BigInt(beyond), bits);
  return `(select ${converted(text, bits, 32, false)} ${constantText(BigInt(beyond), 32)} (i${bits}.lt_u ${text} ${limit}))`;
}

/** Where a fetched word lies, from its area's first one. */
export function fetchPlaceText({ area, operands }: Fetch, context: Context): string {
  const [address] = operands;
  if (address === undefined) throw new Error("a word is fetched without an address");
  // The cell behind the last word stays zero.
  return scaledText(indexText(address, area.cells, area.depth, context), area.stride);
}

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

/** How many bytes bits are that fill whole ones. */
const wholeBytes = (low: number, width: number): CellBytes | null =>
  low % 8 > 0 ? null : width === 8 ? 1 : width === 16 ? 2 : width === 32 ? 4 : null;

/** Cells that an expression reads several times as a whole. */
export function repeatedLoads(roots: readonly Term[], kept: ReadonlySet<Term>): readonly Term[] {
  const seen = new Set<Term>();
  const repeated = new Set<Term>();
  const visit = (term: Term): void => {
    if (kept.has(term)) return;
    if (term.kind === "load") (seen.has(term) ? repeated : seen).add(term);
    const [value] = term.operands;
    const isByte =
      term.kind === "slice" && value?.kind === "load" && wholeBytes(term.low, term.type.width) !== null;
    if (!isByte) term.operands.forEach(visit);
  };
  roots.forEach(visit);
  return [...repeated];
}

function sliceText(low: number, width: number, value: Term, bits: ContainerBits, context: Context): string {
  const bytes = wholeBytes(low, width);
  // Bytes of a cell are read by themselves.
  if (value.kind === "load" && bytes !== null && !context.kept.has(value) && !context.held.has(value))
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
