import { bitsComputed, containerBits, holds } from "./demand.ts";
import type { Term } from "./term.ts";

/** By term, 1 or 0. */
export interface Exactness {
  /** The container holds the integer, extended by its sign: where that is asked for, and where it comes for nothing. */
  readonly exact: Uint8Array;
  /** It takes a mask to get there. */
  readonly masked: Uint8Array;
}

/** @param demands by term, as `demands` gives them */
export function exactnessOf(terms: readonly Term[], demands: Uint8Array): Exactness {
  const exact = new Uint8Array(terms.length);
  const masked = new Uint8Array(terms.length);
  const isExact = ({ id }: Term): boolean => exact[id] === 1;
  for (const term of terms) {
    const demand = demands[term.id]!;
    if (demand === 0) continue;
    const anyway = isExactAnyway(term, demand, isExact);
    if (anyway || demand > term.type.width) exact[term.id] = 1;
    if (!anyway && demand > term.type.width) masked[term.id] = 1;
  }
  return { exact, masked };
}

/** Exact without a mask, given which operands are. */
function isExactAnyway(term: Term, demand: number, isExact: (term: Term) => boolean): boolean {
  const { kind, type, operands } = term;
  const container = containerBits(bitsComputed(term, demand));
  if (container < type.width) return false;
  switch (kind) {
    case "mux":
    case "select":
      return operands.slice(1).every(isExact);
    case "and":
      return type.signed ? operands.every(isExact) : operands.some(isExact);
    case "convert":
      return (
        type.width === container ||
        (operands.every(isExact) && operands.every((one) => holds(type, one.type)))
      );
    case "slice":
      return (
        type.width === container ||
        operands.every((value) => sliceIsExact(term.low, term, value, isExact(value)))
      );
    case "concat":
      return (
        type.width === container || operands.slice(0, 1).every((top) => !top.type.signed && isExact(top))
      );
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

/** The highest bits of an unsigned number have nothing above them. */
export const sliceIsExact = (low: number, { type }: Term, value: Term, valueIsExact: boolean): boolean =>
  valueIsExact && !value.type.signed && low + type.width === value.type.width;
