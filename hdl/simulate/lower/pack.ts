import { typeText } from "../../builder/type.ts";
import { bitsComputed } from "./demand.ts";
import type { Precision } from "./exact.ts";
import type { Area, Cell } from "./layout.ts";
import { type Look, leafLook, operationLook, Shapes } from "./shape.ts";
import { type Assign, type Body, bodiesOf, type Statement, termsOf } from "./statement.ts";
import type { Term } from "./term.ts";

/** Bits of each of the lanes that one vector of 128 bits holds. */
export type LaneBits = 8 | 16 | 32;

export const VECTOR_BITS = 128;

/** Assignments of neighbouring cells that compute alike: they are made together, in one vector. */
export interface Pack {
  readonly kind: "pack";
  readonly bits: LaneBits;
  /** As many as a vector has lanes, in the order of their cells. */
  readonly lanes: readonly Assign[];
  /** Cells that they read side by side. */
  readonly rows: readonly Cell[];
  /** What all of them have, operand by operand in the same order. */
  readonly shapes: Shapes<Term>;
}

/** A body whose assignments are packed where that is possible, and the terms that are now computed in vectors only. */
export interface Packed {
  readonly body: Body;
  readonly inner: ReadonlySet<Term>;
}

export function pack(terms: readonly Term[], body: Body, precision: Precision): Packed {
  const uses = usesOf(terms, body, precision);
  const shapes = new Shapes<Term>((term) => lookOf(term, uses[term.id]!));
  for (const term of terms) if (uses[term.id]! > 0) shapes.of(term);
  const inner = new Set<Term>();
  const packer = new Packer(shapes, precision, inner);
  return { body: packer.body(body), inner };
}

/** How often terms are named, by other terms that are used and by statements. */
function usesOf(terms: readonly Term[], body: Body, { demands }: Precision): Uint32Array {
  const uses = new Uint32Array(terms.length);
  const use = ({ id }: Term): void => {
    uses[id]! += 1;
  };
  for (const term of terms) if (demands[term.id]! > 0) term.operands.forEach(use);
  const inStatements = ({ statements }: Body): void => {
    for (const statement of statements) {
      termsOf(statement).forEach(use);
      bodiesOf(statement).forEach(inStatements);
    }
  };
  inStatements(body);
  return uses;
}

/** What others use too, or is not computed lane by lane, is one and the same for all lanes. */
function lookOf(term: Term, uses: number): Look<Term> {
  const typed = `${term.kind} ${typeText(term.type)}`;
  if (term.kind === "constant") return leafLook(term.kind, 0);
  if (term.kind === "load") return leafLook(typed, term.cell.address);
  const same = leafLook(`same ${term.id}`, 0);
  if (uses > 1) return same;
  if (term.kind === "fetch") {
    const { address, depth, stride } = term.area;
    return leafLook(`${typed} ${depth} ${stride} ${term.operands[0]?.id}`, address);
  }
  return operationLook<Term>(term) ?? same;
}

class Packer {
  private readonly shapes: Shapes<Term>;
  private readonly precision: Precision;
  private readonly inner: Set<Term>;

  constructor(shapes: Shapes<Term>, precision: Precision, inner: Set<Term>) {
    this.shapes = shapes;
    this.precision = precision;
    this.inner = inner;
  }

  body({ region, statements }: Body): Body {
    const alike = new Map<string, Assign[]>();
    for (const statement of statements) {
      if (statement.kind !== "assign") continue;
      const key = `${typeText(statement.cell.type)} ${this.shapes.of(statement.value)}`;
      const group = alike.get(key);
      if (group === undefined) alike.set(key, [statement]);
      else group.push(statement);
    }
    const packs = [...alike.values()].flatMap((group) => this.packs(group));
    const packed = new Set<Statement>(packs.flatMap(({ lanes }) => lanes));
    const rest = statements.filter((statement) => !packed.has(statement));
    return { region, statements: [...packs, ...rest.map((statement) => this.inside(statement))] };
  }

  private inside(statement: Statement): Statement {
    if (statement.kind === "switch")
      return { ...statement, arms: statement.arms.map((arm) => this.body(arm)) };
    if (statement.kind !== "if") return statement;
    const [then, otherwise] = [this.body(statement.then), this.body(statement.otherwise)];
    return { ...statement, then, otherwise };
  }

  /** Vectors of assignments whose expressions have one shape. */
  private packs(group: readonly Assign[]): readonly Pack[] {
    const bits = this.laneBits(group);
    if (bits === null || group.length < VECTOR_BITS / bits) return [];
    const lanes = group.toSorted((a, b) => a.cell.address - b.cell.address);
    const leaves = lanes.map(({ value }) => this.leavesOf(value));
    const packs: Pack[] = [];
    const count = VECTOR_BITS / bits;
    for (let start = 0; start + count <= lanes.length; ) {
      let end = start + 1;
      while (end < start + count && this.goesOn(lanes, leaves, start, end)) end++;
      if (end === start + count) {
        const members = lanes.slice(start, end);
        packs.push({
          kind: "pack",
          bits,
          lanes: members,
          rows: rowsOf(leaves.slice(start, end)),
          shapes: this.shapes,
        });
        for (const { value } of members) this.markInner(value);
        start = end;
      } else start = end;
    }
    return packs;
  }

  /** Whether lane `at` continues the row that begins with lane `start`. */
  private goesOn(
    lanes: readonly Assign[],
    leaves: readonly (readonly Term[])[],
    start: number,
    at: number,
  ): boolean {
    const [first, last, next] = [leaves[start]!, leaves[at - 1]!, leaves[at]!];
    if (!follows(lanes[at - 1]!.cell, lanes[at]!.cell)) return false;
    return next.every((leaf, i) => {
      const [origin, before] = [first[i]!, last[i]!];
      if (leaf.kind === "constant") return true;
      // The same for all lanes so far.
      if (before === origin && leaf === origin) return true;
      if (before === origin && at > start + 1) return false;
      if (leaf.kind === "load" && before.kind === "load") return follows(before.cell, leaf.cell);
      return leaf.kind === "fetch" && before.kind === "fetch" && follows(before.area, leaf.area);
    });
  }

  private leavesOf(term: Term): readonly Term[] {
    const operands = this.shapes.operandsOf(term);
    return operands.length === 0 ? [term] : operands.flatMap((operand) => this.leavesOf(operand));
  }

  private markInner(term: Term): void {
    const operands = this.shapes.operandsOf(term);
    if (operands.length > 0 || term.kind === "fetch") this.inner.add(term);
    for (const operand of operands) this.markInner(operand);
  }

  /** The narrowest lanes in which everything can be computed. */
  private laneBits(group: readonly Assign[]): LaneBits | null {
    let most = 8;
    const need = (bits: number): void => {
      most = Math.max(most, bits);
    };
    const visit = (term: Term): void => {
      const operands = this.shapes.operandsOf(term);
      if (term.kind === "load") need(8 * term.cell.bytes);
      else if (term.kind === "fetch") need(8 * term.area.bytes);
      else need(bitsComputed(term, this.precision.demands[term.id]!));
      // There is no multiplication of bytes.
      if (term.kind === "multiply" && operands.length > 0) need(16);
      operands.forEach(visit);
    };
    for (const { cell, value } of group) {
      need(8 * cell.bytes);
      visit(value);
    }
    return most <= 8 ? 8 : most <= 16 ? 16 : most <= 32 ? 32 : null;
  }
}

/** Cells that stand in the same place of all lanes, a different one in each. */
const rowsOf = ([first = [], ...others]: readonly (readonly Term[])[]): readonly Cell[] =>
  first.flatMap((leaf, i) => {
    const place = [leaf, ...others.map((leaves) => leaves[i]!)];
    return place[1] === leaf ? [] : place.flatMap((one) => (one.kind === "load" ? [one.cell] : []));
  });

const follows = (a: Cell | Area, b: Cell | Area): boolean => b.address === a.address + a.bytes;
