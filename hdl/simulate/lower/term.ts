import type { Operation as GraphOperation, NumberType } from "../../builder/graph.ts";
import type { Area, Cell } from "./layout.ts";

/**
 * The circuit as the code generator sees it: graph nodes in normal form, numbered so that operands come before their
 * users, with state replaced by the memory cells that hold it.
 */
export type Term = Constant | Load | Fetch | Pick | Slice | Operation;

interface Common {
  /** Place in the list of terms. */
  readonly id: number;
  readonly type: NumberType;
  readonly operands: readonly Term[];
}

export interface Constant extends Common {
  readonly kind: "constant";
  readonly value: bigint;
}

/** What a cell holds: an input, a register, the data of a read port. */
export interface Load extends Common {
  readonly kind: "load";
  readonly cell: Cell;
}

/** The word of a memory, or of a table, at the address that is its operand. */
export interface Fetch extends Common {
  readonly kind: "fetch";
  readonly area: Area;
}

/** The cell among neighbours that its operand counts; the last one for all beyond. */
export interface Pick extends Common {
  readonly kind: "pick";
  readonly cells: readonly Cell[];
}

export interface Slice extends Common {
  readonly kind: "slice";
  readonly low: number;
}

/** Operands in the order of the graph's fields; a select's index first. */
export interface Operation extends Common {
  readonly kind: Exclude<GraphOperation["kind"], "slice">;
}
