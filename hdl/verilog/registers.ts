import type { Domain, Module, Register } from "../builder/graph.ts";
import { BIT } from "../builder/operators.ts";
import { countUses, Decisions } from "./decision.ts";
import type { Simplifier } from "./simplify.ts";
import { collapse, type Maker, merge, type Statement } from "./statement.ts";

/** Registers that change in one always block. */
export interface RegisterBlock {
  readonly domain: Domain;
  /** Those that the domain's reset sets: all of the block, or none. */
  readonly resets: readonly Register[];
  /** What happens where there is no reset. */
  readonly statements: readonly Statement[];
}

interface Changing {
  readonly register: Register;
  readonly statements: readonly Statement[];
  readonly reset: boolean;
}

/** What a module's registers do, those together that share a clock, a reset and a condition. */
export function registerBlocks(module: Module, simplifier: Simplifier): readonly RegisterBlock[] {
  const decisions = new Decisions(simplifier, countUses(module));
  const make: Maker = {
    mux: (condition, then, otherwise) =>
      simplifier.simplify({ kind: "mux", type: then.type, condition, then, otherwise }),
    equal: (left, value) => {
      const right = simplifier.constant(value, left.type);
      return simplifier.simplify({ kind: "equal", type: BIT, left, right });
    },
  };
  const changing = module.registers
    .filter((register) => !isConstant(register, module))
    .map(
      (register): Changing => ({
        register,
        statements: decisions.statements(register),
        reset: hasReset(register, module),
      }),
    );
  return groups(changing).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        domain: first.register.domain,
        resets: first.reset ? group.map(({ register }) => register) : [],
        statements: collapse(merge(group.map(({ statements }) => statements)), make),
      },
    ];
  });
}

/** It has one value for ever: nothing assigns it. */
export const isConstant = (register: Register, module: Module): boolean =>
  register.next === register && !hasReset(register, module);

function hasReset({ reset, domain }: Register, { resets, derivedDomains }: Module): boolean {
  const derived = derivedDomains.find((one) => one.domain === domain);
  return reset !== null && (derived === undefined ? resets.has(domain) : derived.reset !== null);
}

/** In the order of their first registers. */
function groups(changing: readonly Changing[]): readonly (readonly Changing[])[] {
  const made: { readonly group: Changing[]; readonly keys: Set<unknown> }[] = [];
  for (const one of changing) {
    const keys = keysOf(one);
    const { domain } = one.register;
    const same = made.filter(({ group, keys: theirs }) => {
      const [first] = group;
      if (first === undefined || first.reset !== one.reset) return false;
      const { clock, reset, edge } = first.register.domain;
      if (clock !== domain.clock || reset !== domain.reset || edge !== domain.edge) return false;
      return keys.some((key) => theirs.has(key));
    });
    const [into = { group: [], keys: new Set() }, ...others] = same;
    if (same.length === 0) made.push(into);
    for (const other of others) {
      into.group.push(...other.group);
      for (const key of other.keys) into.keys.add(key);
      made.splice(made.indexOf(other), 1);
    }
    into.group.push(one);
    for (const key of keys) into.keys.add(key);
  }
  return made.map(({ group }) => group);
}

const ALWAYS = "every cycle";

/** Conditions that decide first; registers that change every cycle go together. */
function keysOf({ statements }: Changing): readonly unknown[] {
  const keys = statements.flatMap((statement) => {
    if (statement.kind === "assign") return [];
    return [statement.kind === "if" ? statement.condition : statement.subject];
  });
  return keys.length === 0 ? [ALWAYS] : keys;
}
