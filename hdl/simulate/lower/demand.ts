import type { NumberType } from "../../builder/graph.ts";
import type { Term } from "./term.ts";

/**
 * How much of a term its users look at. Addition, multiplication and the like give right low bits from right low bits;
 * so a sum that is cut off afterwards may be computed without its high bits, and needs no mask before the cut.
 *
 * A demand of k bits, k <= the term's width: only the low k bits need to be right. Any more: the whole container has to
 * hold the integer, extended by its sign.
 */
export const EXACT = 65;

/** Bits of a container: i32 or i64. */
export type ContainerBits = 32 | 64;

export const containerBits = (bits: number): ContainerBits => (bits <= 32 ? 32 : 64);

/** Demands by term, 0 where nobody asks. `roots` are what statements ask for. */
export function demands(
  terms: readonly Term[],
  roots: Iterable<{ readonly term: Term; readonly bits: number }>,
): Uint8Array {
  const asked = new Uint8Array(terms.length);
  const ask = ({ id }: Term, bits: number): void => {
    if (bits > asked[id]!) asked[id] = bits;
  };
  for (const { term, bits } of roots) ask(term, bits);
  for (let id = terms.length - 1; id >= 0; id--) {
    const term = terms[id]!;
    if (asked[id]! > 0) demandOperands(term, asked[id]!, ask);
  }
  return asked;
}

/** Bits that the term's container has to hold. */
export const bitsComputed = ({ type }: Term, demand: number): number => Math.min(type.width, demand);

/** Every integer of type `from` is one of type `to`. */
export const holds = (to: NumberType, from: NumberType): boolean =>
  from.signed ? to.signed && to.width >= from.width : to.width >= from.width + (to.signed ? 1 : 0);

function demandOperands(term: Term, demand: number, ask: (term: Term, bits: number) => void): void {
  const { kind, type, operands } = term;
  const loose = demand <= type.width;
  const [first, second] = operands;
  switch (kind) {
    case "constant":
    case "load":
      return;
    case "add":
    case "subtract":
    case "multiply": {
      const bits = loose ? demand : containerBits(type.width);
      for (const operand of operands) ask(operand, bits);
      return;
    }
    case "and":
    case "or":
    case "xor":
    case "not":
      for (const operand of operands) ask(operand, loose ? demand : EXACT);
      return;
    case "mux":
    case "select":
      for (const [i, operand] of operands.entries()) ask(operand, i === 0 || !loose ? EXACT : demand);
      return;
    case "shift-left":
      if (first === undefined || second === undefined) return;
      ask(first, loose ? demand : containerBits(type.width));
      ask(second, EXACT);
      return;
    case "shift-right": {
      if (first === undefined || second === undefined) return;
      const by = second.kind === "constant" ? Number(second.value) : Number.POSITIVE_INFINITY;
      ask(first, loose && demand + by <= first.type.width ? demand + by : EXACT);
      ask(second, EXACT);
      return;
    }
    case "slice":
      if (first !== undefined) ask(first, term.low + Math.min(demand, type.width));
      return;
    case "convert":
      if (first === undefined) return;
      if (holds(type, first.type)) ask(first, loose ? demand : EXACT);
      else ask(first, Math.min(demand, type.width));
      return;
    case "concat": {
      let low = type.width;
      for (const part of operands) {
        low -= part.type.width;
        const wanted = Math.min(demand, type.width) - low;
        if (wanted <= 0) continue;
        // Nobody looks at what stands above the highest part that is wanted.
        const top = loose && wanted <= part.type.width;
        ask(part, top ? wanted : part.type.signed ? part.type.width : EXACT);
      }
      return;
    }
    default:
      for (const operand of operands) ask(operand, EXACT);
  }
}
