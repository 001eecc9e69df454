import type { Area, Cell } from "./layout.ts";
import type { Placement } from "./placement.ts";
import { type Body, bodiesOf, type Statement, termsOf } from "./statement.ts";
import type { Term } from "./term.ts";

/** What a term reads of the state, operands apart. */
export function readsOf(term: Term): readonly (Cell | Area)[] {
  if (term.kind === "load") return [term.cell];
  if (term.kind === "pick") return term.cells;
  return term.kind === "fetch" ? [term.area] : [];
}

/** What a statement and those inside it write. */
export function* writesOf(statement: Statement): Iterable<Cell | Area> {
  if (statement.kind === "assign") yield statement.cell;
  else if (statement.kind === "write") yield statement.area;
  else if (statement.kind === "pack") for (const { cell } of statement.lanes) yield cell;
  else for (const body of bodiesOf(statement)) for (const inner of body.statements) yield* writesOf(inner);
}

/**
 * The statements of a body, so that as far as possible whoever reads a cell comes before the one that writes it. Where they
 * read each other in a circle, some reader comes too late; it then has to read early.
 */
export function ordered({ region, statements }: Body, { regionOf }: Placement): readonly Statement[] {
  if (statements.length < 2) return statements;
  const writers = new Map<Cell | Area, Statement[]>();
  for (const statement of statements)
    for (const written of writesOf(statement)) {
      const known = writers.get(written);
      if (known === undefined) writers.set(written, [statement]);
      else if (known.at(-1) !== statement) known.push(statement);
    }
  const writersOf = (read: Cell | Area): readonly Statement[] => writers.get(read) ?? [];
  // What is computed further outside has been read before any of these statements.
  const isInside = ({ id, kind }: Term): boolean =>
    kind === "load" || (regionOf[id]?.depth ?? 0) >= region.depth;
  const operandsOf = ({ operands }: Term): readonly Term[] =>
    region.depth === 0 ? operands : operands.filter(isInside);
  const isTerm = (at: Statement | Term): at is Term => "id" in at;

  /** The order in which each comes before those that `next` leads to; circles are cut somewhere. */
  const sorted = (
    given: readonly Statement[],
    next: (at: Statement | Term) => readonly (Statement | Term)[],
  ): readonly Statement[] => {
    const order: Statement[] = [];
    visitAfter(given.toReversed(), next, (at) => {
      if (!isTerm(at)) order.push(at);
    });
    return order.reverse();
  };
  const wished = sorted(statements, (at) => {
    if (!isTerm(at)) return allTermsOf(at);
    const reads = readsOf(at);
    return reads.length === 0 ? operandsOf(at) : [...reads.flatMap(writersOf), ...operandsOf(at)];
  });
  // A single cell is read early at little cost; rows and memories are not, so they come right where circles had to be cut.
  const order = sorted(wished, (at) => {
    if (!isTerm(at)) return [...rowsOf(at).flatMap(writersOf), ...allTermsOf(at)];
    const reads = at.kind === "load" ? [] : readsOf(at);
    return reads.length === 0 ? operandsOf(at) : [...reads.flatMap(writersOf), ...operandsOf(at)];
  });
  // Ports of one memory write in their order, before anything else.
  const ports = new Set(
    [...writers].flatMap(([written, by]) => ("depth" in written && by.length > 1 ? by : [])),
  );
  return [...ports, ...order.filter((statement) => !ports.has(statement))];
}

function allTermsOf(statement: Statement): readonly Term[] {
  const inner = bodiesOf(statement).flatMap((body) => body.statements.flatMap(allTermsOf));
  return [...termsOf(statement), ...inner];
}

/** Cells that a statement and those inside it read as rows. */
function rowsOf(statement: Statement): readonly Cell[] {
  if (statement.kind === "pack") return statement.rows;
  return bodiesOf(statement).flatMap((body) => body.statements.flatMap(rowsOf));
}

/** Visits everything that can be reached, each once, after what it leads to; circles are cut somewhere. */
function visitAfter<T>(roots: readonly T[], follow: (at: T) => readonly T[], visit: (at: T) => void): void {
  const seen = new Set<T>();
  const stack: { readonly at: T; readonly to: readonly T[]; next: number }[] = [];
  const enter = (at: T): void => {
    if (seen.has(at)) return;
    seen.add(at);
    stack.push({ at, to: follow(at), next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const to = frame.to[frame.next++];
      if (to !== undefined) enter(to);
      else {
        visit(frame.at);
        stack.pop();
      }
    }
  }
}
