import type { Cell } from "./layout.ts";
import type { Pack } from "./pack.ts";
import type { Write } from "./statement.ts";
import type { Term } from "./term.ts";

/** What code does, step by step. */
export type Step =
  | { readonly kind: "set"; readonly target: Target; readonly value: Term }
  | Pack
  | Write
  | { readonly kind: "if"; readonly condition: Term; readonly then: Steps; readonly otherwise: Steps }
  | {
      readonly kind: "switch";
      readonly index: Term;
      /** Number of the arm for each value of the index, the last for all beyond. */
      readonly armOf: readonly number[];
      readonly arms: readonly Steps[];
    }
  /** Runs the function of this number. */
  | { readonly kind: "call"; readonly callee: number };
export type Steps = readonly Step[];

/** A cell of memory, or the variable that keeps a term's value. */
export type Target =
  | { readonly kind: "cell"; readonly cell: Cell }
  | { readonly kind: "variable"; readonly term: Term };

/** What a step computes with itself, arms apart. */
export function mentioned(step: Step): readonly Term[] {
  switch (step.kind) {
    case "set":
      return [step.value];
    case "pack":
      return step.lanes.map(({ value }) => value);
    case "write": {
      const { address, data, mask } = step;
      return mask === null ? [address, data] : [address, data, mask];
    }
    case "if":
      return [step.condition];
    case "switch":
      return [step.index];
    case "call":
      return [];
  }
}

export function armsOf(step: Step): readonly Steps[] {
  if (step.kind === "if") return [step.then, step.otherwise];
  return step.kind === "switch" ? step.arms : [];
}

/** The kept terms that a step reads, and the operations that it takes, arms apart. */
export function visitExpressions(
  step: Step,
  kept: ReadonlySet<Term>,
  visit: (term: Term, isKept: boolean) => void,
): void {
  const target = step.kind === "set" && step.target.kind === "variable" ? step.target.term : null;
  const enter = (term: Term): void => {
    // What sets the variable of a term computes the term.
    const isKept = kept.has(term) && term !== target;
    visit(term, isKept);
    if (!isKept) term.operands.forEach(enter);
  };
  mentioned(step).forEach(enter);
}

/** The last step is a branch with two arms. */
export function endsInChain(steps: Steps): boolean {
  const last = steps.at(-1);
  return last?.kind === "if" && last.otherwise.length > 0;
}
