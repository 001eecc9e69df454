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
  const writers = writersOf(statements);
  // What is computed further outside has been read before any of these statements.
  const isInside = ({ id, kind }: Term): boolean =>
    kind === "load" || (regionOf[id]?.depth ?? 0) >= region.depth;
  const walk = new Walk(writers, region.depth === 0 ? () => true : isInside, regionOf.length);
  const wished = walk.sorted(statements, () => true);
  // A single cell is read early at little cost; rows and memories are not, so they come right where circles had to be cut.
  const order = walk.sorted(wished, ({ kind }) => kind !== "load");
  // Ports of one memory write in their order, before anything else.
  const ports = new Set(
    [...writers].flatMap(([written, by]) => ("depth" in written && by.length > 1 ? by : [])),
  );
  return [...ports, ...order.filter((statement) => !ports.has(statement))];
}

type Writers = ReadonlyMap<Cell | Area, readonly Statement[]>;

function writersOf(statements: readonly Statement[]): Writers {
  const writers = new Map<Cell | Area, Statement[]>();
  for (const statement of statements)
    for (const written of writesOf(statement)) {
      const known = writers.get(written);
      if (known === undefined) writers.set(written, [statement]);
      else if (known.at(-1) !== statement) known.push(statement);
    }
  return writers;
}

/** A place on the way from statements over what they compute with to the statements that have to come after them. */
interface Frame {
  /** To be put into the order when all that follows is there. */
  readonly statement: Statement | null;
  readonly terms: readonly Term[];
  readonly later: readonly Statement[];
  nextTerm: number;
  nextLater: number;
}

/** Walks through expressions, each term once. */
class Walk {
  private readonly writers: Writers;
  private readonly isInside: (term: Term) => boolean;
  private readonly termCount: number;
  private readonly contents = new Map<Statement, { readonly terms: Term[]; readonly rows: Cell[] }>();

  constructor(writers: Writers, isInside: (term: Term) => boolean, termCount: number) {
    this.writers = writers;
    this.isInside = isInside;
    this.termCount = termCount;
  }

  /**
   * The order in which each statement comes before those that write what it reads; circles are cut somewhere.
   * @param counts which terms' reads are looked at, besides rows
   */
  sorted(statements: readonly Statement[], counts: (term: Term) => boolean): readonly Statement[] {
    const order: Statement[] = [];
    const seenStatements = new Set<Statement>();
    const seenTerms = new Uint8Array(this.termCount);
    const stack: Frame[] = [];
    const enterStatement = (statement: Statement): void => {
      if (seenStatements.has(statement)) return;
      seenStatements.add(statement);
      const { terms, rows } = this.contentsOf(statement);
      const later = rows.flatMap((cell) => this.writers.get(cell) ?? []);
      stack.push({ statement, terms, later, nextTerm: 0, nextLater: 0 });
    };
    const enterTerm = (term: Term): void => {
      if (seenTerms[term.id] === 1 || !this.isInside(term)) return;
      seenTerms[term.id] = 1;
      const reads = counts(term) ? readsOf(term) : [];
      const later = reads.length === 0 ? [] : reads.flatMap((read) => this.writers.get(read) ?? []);
      if (term.operands.length > 0 || later.length > 0)
        stack.push({ statement: null, terms: term.operands, later, nextTerm: 0, nextLater: 0 });
    };
    for (const root of statements.toReversed()) {
      enterStatement(root);
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        const later = frame.later[frame.nextLater];
        const term = frame.terms[frame.nextTerm];
        if (later !== undefined) {
          frame.nextLater++;
          enterStatement(later);
        } else if (term !== undefined) {
          frame.nextTerm++;
          enterTerm(term);
        } else {
          if (frame.statement !== null) order.push(frame.statement);
          stack.pop();
        }
      }
    }
    return order.reverse();
  }

  private contentsOf(statement: Statement): {
    readonly terms: readonly Term[];
    readonly rows: readonly Cell[];
  } {
    const known = this.contents.get(statement);
    if (known !== undefined) return known;
    const made = { terms: [], rows: [] };
    collect(statement, made);
    this.contents.set(statement, made);
    return made;
  }
}

/** What a statement and those inside it compute with, and the cells that they read as rows. */
function collect(statement: Statement, into: { readonly terms: Term[]; readonly rows: Cell[] }): void {
  into.terms.push(...termsOf(statement));
  if (statement.kind === "pack") into.rows.push(...statement.rows);
  for (const { statements } of bodiesOf(statement)) for (const inner of statements) collect(inner, into);
}
