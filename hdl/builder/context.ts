import { HardwareError } from "./errors.ts";
import type { DerivedDomain, Domain, Inout, Input, Instance, Memory, Node, Register, Wire } from "./graph.ts";
import type { SourceLocation } from "./source.ts";

/** What may be assigned to. */
export type Target = Wire | Register;

/** Assignments as they were written; the last one whose conditions hold counts. */
export type Statement =
  | {
      readonly kind: "assign";
      readonly target: Target;
      readonly value: Node;
      readonly source: SourceLocation;
    }
  | { readonly kind: "if"; readonly condition: Node; readonly then: Block; readonly otherwise: Block };

export type Block = Statement[];

/** A module while its body runs. */
export interface Draft {
  readonly name: string;
  readonly inputs: Input[];
  readonly outputs: Wire[];
  readonly inouts: Inout[];
  readonly wires: Wire[];
  readonly registers: Register[];
  readonly memories: Memory[];
  readonly instances: Instance[];
  readonly derivedDomains: DerivedDomain[];
  readonly names: Set<string>;
  /** Everything of this module that may be assigned to. */
  readonly targets: Set<Target>;
  /** Enables of whole registers. */
  readonly gates: Map<Register, Node>;
  readonly body: Block;
  /** Where statements go at the moment, and under which conditions, outermost first. */
  block: Block;
  conditions: readonly Node[];
  domain: Domain;
}

let current: Draft | null = null;

/** The module whose body is running. */
export function draft(what: string): Draft {
  if (current === null) throw new HardwareError(`${what} stands outside of a module's body`);
  return current;
}

/** Runs `body` with `inner` as the module under construction. */
export function building<T>(inner: Draft, body: () => T): T {
  const outer = current;
  current = inner;
  try {
    return body();
  } finally {
    current = outer;
  }
}

/** Runs `body` with its statements in `block`, under one more condition. */
export function within<T>(block: Block, condition: Node, body: () => T): T {
  const at = draft("when");
  const { block: outerBlock, conditions: outerConditions } = at;
  at.block = block;
  at.conditions = [...outerConditions, condition];
  try {
    return body();
  } finally {
    at.block = outerBlock;
    at.conditions = outerConditions;
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

export function checkName(name: string, what: string): void {
  if (!NAME.test(name) || name.length > 200)
    throw new HardwareError(
      `${JSON.stringify(name)} cannot be the name of ${what}: a letter, then letters, digits and underscores`,
    );
}

/** Takes a name in the module under construction. */
export function claimName(name: string, what: string): string {
  const { names, name: module } = draft(what);
  checkName(name, what);
  if (names.has(name)) throw new HardwareError(`${module} already has something called ${name}`);
  names.add(name);
  return name;
}
