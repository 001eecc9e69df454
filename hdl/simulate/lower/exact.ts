import { bitsComputed, type ContainerBits, containerBits, holds } from "./demand.ts";
import type { Term } from "./term.ts";

/** What is computed of each term. */
export interface Precision {
  /** Bits that somebody looks at; 0: it is not used. See `demands`. */
  readonly demands: Uint8Array;
  /** 1: the container holds the integer, extended by its sign. That is asked for, or comes for nothing. */
  readonly exact: Uint8Array;
  /** 1: it takes a mask to get there. */
  readonly masked: Uint8Array;
}

/** @param demands by term, as `demands` gives them */
export function precisionOf(terms: readonly Term[], demands: Uint8Array): Precision {
  const exact = new Uint8Array(terms.length);
  const masked = new Uint8Array(terms.length);
  const precision = { demands, exact, masked };
  for (const term of terms) {
    const demand = demands[term.id]!;
    if (demand === 0) continue;
    const anyway = isExactAnyway(term, precision);
    if (anyway || demand > term.type.width) exact[term.id] = 1;
    if (!anyway && demand > term.type.width) masked[term.id] = 1;
  }
  return precision;
}

export const containerOf = (term: Term, { demands }: Precision): ContainerBits =>
  containerBits(bitsComputed(term, demands[term.id]!));

/** Its text is its operand's, in the same container. */
export function isFree(term: Term, precision: Precision): boolean {
  const [value] = term.operands;
  if (value === undefined || precision.masked[term.id] === 1) return false;
  if (term.kind !== "convert" && (term.kind !== "slice" || term.low > 0)) return false;
  return containerOf(term, precision) === containerOf(value, precision);
}

/** Exact without a mask, given which operands are. */
function isExactAnyway(term: Term, precision: Precision): boolean {
  const { kind, type, operands } = term;
  const container = containerOf(term, precision);
  if (container < type.width) return false;
  const isExact = ({ id }: Term): boolean => precision.exact[id] === 1;
  const [first = term] = operands;
  switch (kind) {
    case "mux":
    case "select":
      return operands.slice(1).every(isExact);
    case "and":
      return type.signed ? operands.every(isExact) : operands.some(isExact);
    case "convert":
      return type.width === container || (isExact(first) && holds(type, first.type));
    case "slice": {
      const high = term.low + type.width;
      // Nothing stands above the highest bits of an unsigned number, or of the container.
      const isTop = high === first.type.width && !first.type.signed && isExact(first);
      return isTop || type.width === container || (high === containerOf(first, precision) && term.low > 0);
    }
    case "concat":
      return type.width === container || (!first.type.signed && isExact(first));
    case "shift-left":
    case "shift-right":
    case "add":
    case "subtract":
    case "multiply":
    case "or":
    case "xor":
    case "not":
      return operands.every(isExact);
    default:
      return true;
  }
}
