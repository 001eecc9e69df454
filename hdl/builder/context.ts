import { HardwareError } from "./errors.ts";
import type { DerivedDomain, Domain, Inout, Input, Instance, Memory, Node, Register, Wire } from "./graph.ts";
import { callerLocation, type SourceLocation, sourceText } from "./source.ts";

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
  | {
      readonly kind: "if";
      /** The first whose condition holds counts. */
      readonly cases: readonly Case[];
      readonly otherwise: Block;
    };

export interface Case {
  readonly condition: Node;
  readonly statements: Block;
  readonly source: SourceLocation;
}

export type Block = Statement[];

/** A module while its body runs. */
export interface Draft {
  readonly name: string;
  readonly source: SourceLocation;
  readonly inputs: Input[];
  readonly outputs: Wire[];
  readonly inouts: Inout[];
  readonly wires: Wire[];
  readonly registers: Register[];
  readonly memories: Memory[];
  readonly instances: Instance[];
  readonly derivedDomains: DerivedDomain[];
  /** Names that are taken, and where. */
  readonly names: Map<string, SourceLocation>;
  /** Everything of this module that may be assigned to, and what to call it. */
  readonly targets: Map<Target, "output" | "wire" | "register">;
  /** Enables of whole registers. */
  readonly gates: Map<Register, Node>;
  /** What declarations assign, whatever conditions stand around them; it comes before the body. */
  readonly declared: Block;
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

/** Runs `body` with its statements in `block`, under these conditions. */
export function within(block: Block, conditions: readonly Node[], body: () => void): void {
  const at = draft("when");
  const { block: outerBlock, conditions: outerConditions } = at;
  at.block = block;
  at.conditions = conditions;
  try {
    runBody(body);
  } finally {
    at.block = outerBlock;
    at.conditions = outerConditions;
  }
}

/** Runs a body that the user wrote. TypeScript takes an async function for one, whose later part would come too late. */
export function runBody<A extends readonly unknown[]>(body: (...given: A) => unknown, ...given: A): void {
  const result = body(...given);
  if (!(result instanceof Promise)) return;
  // The error below says it all.
  result.catch(() => {});
  throw new HardwareError("a body is an async function; hardware is described at once, without await");
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

export function checkName(name: string, what: string): void {
  if (!NAME.test(name) || name.length > 200)
    throw new HardwareError(
      `${JSON.stringify(name)} cannot be the name of ${what}: a letter, then letters, digits and underscores`,
    );
}

/** Takes a name in the module under construction. */
export function claimName(name: string, what: string, source: SourceLocation = callerLocation()): string {
  const { names, name: module } = draft(what);
  checkName(name, what);
  const other = names.get(name);
  if (other !== undefined)
    throw new HardwareError(
      `${module} already has something called ${name}, from ${sourceText(other)}; give ${what} another name`,
      source,
    );
  names.set(name, source);
  return name;
}
