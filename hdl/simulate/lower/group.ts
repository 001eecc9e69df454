import { DEEPEST_REGION, Region } from "./region.ts";
import type { Assign, Body, Statement, Write } from "./statement.ts";
import type { Term } from "./term.ts";
import type { Terms } from "./terms.ts";

/** Something to do where all conditions hold. */
export interface Pending {
  readonly conditions: readonly Term[];
  readonly action: Assign | Write;
}

/** What has to hold for a bit to be 1: the parts of a conjunction, outermost first. */
export function conjuncts(bit: Term): readonly Term[] {
  const [left, right] = bit.operands;
  return bit.kind === "and" && left !== undefined && right !== undefined
    ? [...conjuncts(left), ...conjuncts(right)]
    : [bit];
}

/**
 * Puts what hangs on one condition into one branch, and what hangs on one index into one switch, again and again inside
 * the arms. A register that keeps its value in an arm needs nothing there.
 */
export function group(pending: readonly Pending[], terms: Terms, region = new Region(null)): Body {
  const buckets = new Map<string, { readonly pending: Pending[]; readonly splits: Split[] }>();
  for (const [i, one] of pending.entries()) {
    const split = region.depth < DEEPEST_REGION ? splitOf(one) : null;
    const key = split === null ? `alone ${i}` : `${split.kind} ${split.on.id}`;
    const bucket = buckets.get(key) ?? { pending: [], splits: [] };
    bucket.pending.push(one);
    if (split !== null) bucket.splits.push(split);
    buckets.set(key, bucket);
  }
  const statements = [...buckets.values()].flatMap(({ pending: alike, splits }): readonly Statement[] => {
    const [first] = splits;
    if (first === undefined || splits.length < 2) return alike.map((one) => single(one, terms, region));
    return [
      first.kind === "if" ? branch(first.on, splits, terms, region) : choice(first.on, splits, terms, region),
    ];
  });
  return { region, statements };
}

/** What is left to do in each arm of a branch or a switch; null: nothing. */
interface Split {
  readonly kind: "if" | "switch";
  readonly on: Term;
  readonly arms: readonly (Pending | null)[];
}

function splitOf({ conditions, action }: Pending): Split | null {
  const [first, ...others] = conditions;
  if (first !== undefined) {
    const then = { conditions: others, action };
    const [negated] = first.operands;
    if (first.kind === "not" && negated !== undefined) return { kind: "if", on: negated, arms: [null, then] };
    return { kind: "if", on: first, arms: [then, null] };
  }
  if (action.kind === "write") return null;
  const { cell, value } = action;
  if (value.kind !== "mux" && value.kind !== "select") return null;
  const [on, ...cases] = value.operands;
  if (on === undefined) return null;
  const arms = cases.map((one): Pending | null =>
    one.kind === "load" && one.cell === cell ? null : { conditions: [], action: { ...action, value: one } },
  );
  return { kind: value.kind === "mux" ? "if" : "switch", on, arms };
}

function single({ conditions, action }: Pending, terms: Terms, region: Region): Statement {
  if (conditions.length === 0) return action;
  const then = { region: new Region(region), statements: [action] };
  const otherwise = { region: new Region(region), statements: [] };
  return { kind: "if", condition: terms.all(conditions), then, otherwise };
}

function branch(condition: Term, splits: readonly Split[], terms: Terms, region: Region): Statement {
  const arm = (number: number): Body =>
    group(
      splits.flatMap(({ arms }) => arms[number] ?? []),
      terms,
      new Region(region),
    );
  const then = arm(0);
  const otherwise = arm(1);
  return { kind: "if", condition, then, otherwise };
}

function choice(index: Term, splits: readonly Split[], terms: Terms, region: Region): Statement {
  const arms: Body[] = [];
  const known = new Map<string, number>();
  const count = Math.max(...splits.map(({ arms }) => arms.length));
  const armOf = Array.from({ length: count }, (_, i) => {
    // Selects of fewer cases repeat their last one.
    const parts = splits.map(({ arms }) => arms[Math.min(i, arms.length - 1)] ?? null);
    const key = parts.map((part) => (part?.action.kind === "assign" ? part.action.value.id : "")).join();
    const arm = known.get(key) ?? arms.length;
    known.set(key, arm);
    if (arm === arms.length)
      arms.push(
        group(
          parts.flatMap((part) => part ?? []),
          terms,
          new Region(region),
        ),
      );
    return arm;
  });
  return { kind: "switch", index, armOf, arms };
}
