import type { Module, Mux, Node, Register, Select } from "../builder/graph.ts";
import { sinksOf } from "../builder/leaves.ts";
import { fits } from "../builder/type.ts";
import { operandsOf, visitInOrder } from "../builder/walk.ts";
import { covers, type Equality, equalityOf, missingValues } from "./equalities.ts";
import { isBit, labelsOf, stripped } from "./simplify/facts.ts";
import type { Simplifier } from "./simplify.ts";
import { type Arm, branch, type Statement } from "./statement.ts";

/** How often each node of a module is an operand, or drives something. */
export function countUses(module: Module): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const use = (node: Node): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  const roots = sinksOf(module).map(({ node }) => node);
  roots.forEach(use);
  visitInOrder(roots, (node) => operandsOf(node).forEach(use));
  return uses;
}

/** A link of a chain: `condition ? then : ...`. */
interface Link {
  readonly condition: Node;
  readonly equality: Equality | null;
  readonly value: Node;
}

/**
 * Turns what a register takes next into statements, as far as its multiplexers belong to it alone: a path on which it
 * takes itself becomes no assignment at all.
 */
export class Decisions {
  private readonly simplifier: Simplifier;
  private readonly uses: ReadonlyMap<Node, number>;

  constructor(simplifier: Simplifier, uses: ReadonlyMap<Node, number>) {
    this.simplifier = simplifier;
    this.uses = uses;
  }

  statements(register: Register): readonly Statement[] {
    return this.decide(register.next, register, register);
  }

  /** `base` is what the register takes where nothing is assigned. */
  private decide(node: Node, base: Node, register: Register): readonly Statement[] {
    if (this.same(node, base)) return [];
    if (this.uses.get(node) === 1) {
      if (node.kind === "mux") return this.chain(node, base, register);
      if (node.kind === "select") return this.selection(node, base, register);
    }
    return [{ kind: "assign", target: register, value: this.simplifier.simplify(node) }];
  }

  private selection({ index, cases }: Select, base: Node, register: Register): readonly Statement[] {
    const subject = stripped(this.simplifier.simplify(index));
    const bodies = cases.map((one) => this.decide(one, base, register));
    const last = bodies.at(-1) ?? [];
    if (subject.kind === "constant") return bodies[Number(subject.value)] ?? last;
    const [first = [], second = []] = bodies;
    if (bodies.length === 1) return first;
    if (isBit(subject)) return [branch(subject, second, first)];
    const arms = bodies.map((body, i) => ({ values: [BigInt(i)], body })).slice(0, -1);
    return [
      this.caseOf(
        subject,
        arms.filter(({ values }) => values.every((value) => fits(value, subject.type))),
        last,
      ),
    ];
  }

  private chain(first: Mux, base: Node, register: Register): readonly Statement[] {
    const links: Link[] = [];
    let end: Node = first;
    for (let at: Node = first; at.kind === "mux" && (at === first || this.uses.get(at) === 1); at = end) {
      const condition = this.simplifier.simplify(at.condition);
      links.push({ condition, equality: equalityOf(condition), value: at.then });
      end = at.otherwise;
    }
    if (this.same(end, base)) return this.branches(links, [], base, register);
    // What holds elsewhere and in some of the branches is assigned first.
    const again = links.reduce((sum, { value }) => sum + this.occurrences(value, end), 0);
    if (again === 0) return this.branches(links, this.decide(end, base, register), base, register);
    const before: readonly Statement[] =
      end.kind === "mux" && this.uses.get(end) === again + 1
        ? this.chain(end, base, register)
        : [{ kind: "assign", target: register, value: this.simplifier.simplify(end) }];
    return [...before, ...this.branches(links, [], end, register)];
  }

  /** `if ... else if ...`, and `case` where neighbouring conditions ask for values of the same thing. */
  private branches(
    links: readonly Link[],
    otherwise: readonly Statement[],
    base: Node,
    register: Register,
  ): readonly Statement[] {
    let rest = otherwise;
    for (let to = links.length; to > 0; ) {
      const from = this.runBefore(links, to);
      const run = links
        .slice(from, to)
        .map((link) => ({ ...link, body: this.decide(link.value, base, register) }));
      to = from;
      const [{ condition, equality, body } = { condition: null, equality: null, body: [] }] = run;
      if (condition === null) break;
      if (run.length > 1 && equality !== null)
        rest = [
          this.caseOf(
            equality.subject,
            run.map((link) => ({ values: link.equality?.values ?? [], body: link.body })),
            rest,
          ),
        ];
      else if (condition.kind === "constant") rest = condition.value === 1n ? body : rest;
      else if (body.length > 0 || rest.length > 0) rest = [branch(condition, body, rest)];
    }
    return rest;
  }

  /** Where the run of links begins that ends before `to` and makes one statement. */
  private runBefore(links: readonly Link[], to: number): number {
    const subject = links[to - 1]?.equality?.subject;
    if (subject === undefined) return to - 1;
    let from = to - 1;
    while (from > 0 && links[from - 1]?.equality?.subject === subject) from--;
    const least = labelsOf(subject) === null ? 3 : 2;
    return to - from < least ? to - 1 : from;
  }

  private caseOf(subject: Node, arms: readonly Arm[], otherwise: readonly Statement[]): Statement {
    const seen = new Set<bigint>();
    const reached = arms.flatMap(({ values, body }) => {
      const fresh = values.filter((value) => !seen.has(value));
      for (const value of fresh) seen.add(value);
      return fresh.length === 0 ? [] : [{ values: fresh, body }];
    });
    if (covers(subject, seen)) return { kind: "case", subject, arms: reached, otherwise: null };
    const missing = labelsOf(subject) === null ? [] : missingValues(subject, seen);
    return missing.length === 1
      ? { kind: "case", subject, arms: [...reached, { values: missing, body: otherwise }], otherwise: null }
      : { kind: "case", subject, arms: reached, otherwise };
  }

  /** How often `leaf` stands in the branches below a node. */
  private occurrences(node: Node, leaf: Node): number {
    let count = 0;
    let at = node;
    while (at.kind === "mux" && this.uses.get(at) === 1 && !this.same(at, leaf)) {
      count += this.occurrences(at.then, leaf);
      at = at.otherwise;
    }
    return count + (this.same(at, leaf) ? 1 : 0);
  }

  private same(a: Node, b: Node): boolean {
    return a === b || (a.kind === "constant" && b.kind === "constant" && a.value === b.value);
  }
}
