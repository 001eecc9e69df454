import { addressMentions, costOf, mentionsOf } from "./cost.ts";
import { isFree, type Precision } from "./exact.ts";
import type { Placement } from "./placement.ts";
import { type Body, bodiesOf, termsOf } from "./statement.ts";
import type { Term } from "./term.ts";

/** A larger expression is cut, so that functions can be divided between the parts. In simple operations. */
const LARGEST_EXPRESSION = 60;

/** Which terms are kept in a variable, and which branches give their value right where it is wanted. */
export interface Variables {
  readonly kept: ReadonlySet<Term>;
  /** Branches whose only user is an assignment, or the case of another branch. */
  readonly direct: ReadonlySet<Term>;
}

/** Terms that are used more than once are kept, large ones, branches and early ones. Constants, cells and what is free are at hand. */
export function variablesOf(
  terms: readonly Term[],
  body: Body,
  { regionOf, branches }: Placement,
  early: ReadonlyMap<Term, unknown>,
  precision: Precision,
  vectors: ReadonlySet<Term>,
): Variables {
  const used = terms.filter(({ id }) => regionOf[id] !== undefined);
  const uses = new Uint32Array(terms.length);
  /** Uses that take a value as it comes, without computing with it. */
  const plain = new Uint32Array(terms.length);
  const use = ({ id }: Term, times: number, isPlain: boolean): void => {
    uses[id]! += times;
    if (isPlain) plain[id]! += times;
  };
  countInStatements(body, use);
  for (const term of used.toReversed()) {
    const [on, ...cases] = term.operands;
    if (on !== undefined && isFree(term, precision)) {
      use(on, uses[term.id]!, false);
      continue;
    }
    if (branches.has(term) && on !== undefined) {
      use(on, 1, false);
      for (const one of new Set(cases)) use(one, 1, true);
    } else for (const [i, operand] of term.operands.entries()) use(operand, mentionsOf(term, i), false);
  }
  const kept = new Set<Term>(early.keys());
  const direct = new Set<Term>();
  const sizes = new Uint32Array(terms.length);
  for (const term of used) {
    const { id, kind, operands } = term;
    const size = operands.reduce((sum, one) => sum + (kept.has(one) ? 1 : sizes[one.id]!), costOf(term));
    sizes[id] = size;
    if (kind === "constant" || kind === "load" || kept.has(term) || isFree(term, precision)) continue;
    if (vectors.has(term)) continue;
    if (!branches.has(term)) {
      if (uses[id]! > 1 || size > LARGEST_EXPRESSION) kept.add(term);
    } else if (uses[id] === 1 && plain[id] === 1) direct.add(term);
    else kept.add(term);
  }
  return { kept, direct };
}

function countInStatements(
  { statements }: Body,
  use: (term: Term, times: number, isPlain: boolean) => void,
): void {
  for (const statement of statements) {
    if (statement.kind === "write") {
      const { address, area, data, mask } = statement;
      use(address, addressMentions(address, area), false);
      use(data, 1, false);
      if (mask !== null) use(mask, 2, false);
    } else for (const term of termsOf(statement)) use(term, 1, statement.kind === "assign");
    for (const inner of bodiesOf(statement)) countInStatements(inner, use);
  }
}
