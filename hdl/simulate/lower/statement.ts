import type { Area, Cell } from "./layout.ts";
import type { Pack } from "./pack.ts";
import type { Region } from "./region.ts";
import type { Term } from "./term.ts";

/** What code does to the state. */
export type Statement = Assign | Pack | Write | If | Switch;

export interface Assign {
  readonly kind: "assign";
  readonly cell: Cell;
  readonly value: Term;
}

/** A memory takes a word; addresses beyond its depth do nothing. */
export interface Write {
  readonly kind: "write";
  readonly area: Area;
  readonly address: Term;
  readonly data: Term;
  /** A bit for each lane of the word; null: all of it. */
  readonly mask: Term | null;
}

export interface If {
  readonly kind: "if";
  readonly condition: Term;
  readonly then: Body;
  readonly otherwise: Body;
}

export interface Switch {
  readonly kind: "switch";
  readonly index: Term;
  /** Number of the arm for each value of the index, the last for all beyond. */
  readonly armOf: readonly number[];
  readonly arms: readonly Body[];
}

export interface Body {
  readonly region: Region;
  readonly statements: readonly Statement[];
}

/** What a statement computes with itself, arms apart. */
export function termsOf(statement: Statement): readonly Term[] {
  switch (statement.kind) {
    case "assign":
      return [statement.value];
    case "pack":
      return statement.lanes.map(({ value }) => value);
    case "write": {
      const { address, data, mask } = statement;
      return mask === null ? [address, data] : [address, data, mask];
    }
    case "if":
      return [statement.condition];
    case "switch":
      return [statement.index];
  }
}

export function bodiesOf(statement: Statement): readonly Body[] {
  switch (statement.kind) {
    case "if":
      return [statement.then, statement.otherwise];
    case "switch":
      return statement.arms;
    default:
      return [];
  }
}
