import { containerBits } from "./demand.ts";
import type { Area } from "./layout.ts";
import type { Term } from "./term.ts";

/** What a term costs to compute, operands apart, in simple machine operations; roughly. */
export function costOf({ kind, operands }: Term): number {
  switch (kind) {
    case "constant":
      return 0;
    case "multiply":
    case "fetch":
    case "pick":
    case "mux":
    case "parity":
      return 3;
    case "concat":
      return 2 * operands.length;
    case "select":
      return 3 * operands.length;
    default:
      return 1;
  }
}

/** An address beyond the cells that are there has to be caught. */
export const needsCheck = (address: Term, cells: number): boolean =>
  2 ** Math.min(address.type.width, 40) > cells;

/** A shift of a value of so many bits may be by as many as its container has, or more. */
export const needsGuard = (amount: Term, width: number): boolean =>
  amount.kind !== "constant" && 2 ** Math.min(amount.type.width, 40) > containerBits(width);

/** How often the text of a term names its operand at `place`. */
export function mentionsOf(term: Term, place: number): number {
  const operand = term.operands[place];
  if (operand === undefined) return 0;
  switch (term.kind) {
    case "fetch":
      return needsCheck(operand, term.area.cells) ? 2 : 1;
    case "pick":
      return needsCheck(operand, term.cells.length) ? 2 : 1;
    case "select":
      // The index chooses on every level once more; the last case stands for all beyond.
      return place === 0 || place === term.operands.length - 1 ? 2 : 1;
    case "shift-left":
      return place === 1 && term.type.width > 32 ? 2 : 1;
    case "shift-right":
      return place === 1 && needsGuard(operand, term.operands[0]!.type.width) ? 2 : 1;
    default:
      return 1;
  }
}

/** How often a write names its address. */
export const addressMentions = (address: Term, { depth }: Area): number =>
  needsCheck(address, depth) ? 2 : 1;
