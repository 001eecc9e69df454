import type { Precision } from "./exact.ts";
import type { Area, Cell } from "./layout.ts";
import { ordered, readsOf, writesOf } from "./order.ts";
import type { Packed } from "./pack.ts";
import { type Placement, place } from "./placement.ts";
import { common, type Region } from "./region.ts";
import { type Body, bodiesOf, type Statement, termsOf } from "./statement.ts";
import type { Step, Steps, Target } from "./step.ts";
import type { Term } from "./term.ts";
import { type Variables, variablesOf } from "./variables.ts";

export interface Sequence {
  readonly steps: Steps;
  /** Terms whose value is kept in a variable; all others are computed where they are used. */
  readonly kept: ReadonlySet<Term>;
}

/**
 * Puts everything into an order in which all reads see the state of before. What would be read after its cell has been
 * written is read early, into a variable.
 */
export function sequence(terms: readonly Term[], { body, inner }: Packed, precision: Precision): Sequence {
  const writers = writingRegions(body);
  const early = new Map<Term, Region>();
  for (;;) {
    const placement = place(terms, body, early, inner);
    const variables = variablesOf(terms, body, placement, early, precision, inner);
    const { steps, late } = new Sequencer(terms.length, placement, variables, early).run(body);
    if (late.size === 0) return { steps, kept: variables.kept };
    if ([...late].every((term) => early.has(term))) throw new Error("what is read early comes too late");
    for (const term of late)
      early.set(
        term,
        readsOf(term)
          .flatMap((read) => writers.get(read) ?? [])
          .reduce(common),
      );
  }
}

/** Regions in which each cell or memory is written. */
function writingRegions(body: Body): ReadonlyMap<Cell | Area, Region[]> {
  const regions = new Map<Cell | Area, Region[]>();
  const visit = ({ region, statements }: Body): void => {
    for (const statement of statements) {
      const bodies = bodiesOf(statement);
      if (bodies.length > 0) bodies.forEach(visit);
      else
        for (const written of writesOf(statement))
          regions.set(written, [...(regions.get(written) ?? []), region]);
    }
  };
  visit(body);
  return regions;
}

class Sequencer {
  private readonly placement: Placement;
  private readonly variables: Variables;
  /** Early terms by what they read. */
  private readonly early = new Map<Cell | Area, Term[]>();
  private readonly steps = new Map<Region, Step[]>();
  private readonly done: Uint8Array;
  /** What has been written on the way to here, in this order. */
  private readonly written = new Set<Cell | Area>();
  private readonly late = new Set<Term>();

  constructor(
    termCount: number,
    placement: Placement,
    variables: Variables,
    early: ReadonlyMap<Term, Region>,
  ) {
    this.placement = placement;
    this.variables = variables;
    this.done = new Uint8Array(termCount);
    for (const term of early.keys())
      for (const read of readsOf(term)) this.early.set(read, [...(this.early.get(read) ?? []), term]);
  }

  run(body: Body): { readonly steps: Steps; readonly late: ReadonlySet<Term> } {
    return { steps: this.body(body), late: this.late };
  }

  private body(body: Body): Steps {
    for (const statement of ordered(body, this.placement)) this.statement(statement, body.region);
    return this.stepsOf(body.region);
  }

  private statement(statement: Statement, region: Region): void {
    this.compute(termsOf(statement));
    switch (statement.kind) {
      case "assign":
        this.compute(this.early.get(statement.cell) ?? []);
        this.give({ kind: "cell", cell: statement.cell }, statement.value, region);
        this.written.add(statement.cell);
        return;
      case "pack":
        for (const { cell } of statement.lanes) this.compute(this.early.get(cell) ?? []);
        this.stepsOf(region).push(statement);
        for (const { cell } of statement.lanes) this.written.add(cell);
        return;
      case "write":
        this.compute(this.early.get(statement.area) ?? []);
        this.stepsOf(region).push(statement);
        this.written.add(statement.area);
        return;
      case "if": {
        const { kind, condition } = statement;
        const [then = [], otherwise = []] = this.arms([statement.then, statement.otherwise]);
        this.stepsOf(region).push({ kind, condition, then, otherwise });
        return;
      }
      case "switch": {
        const { kind, index, armOf } = statement;
        this.stepsOf(region).push({ kind, index, armOf, arms: this.arms(statement.arms) });
      }
    }
  }

  /** Only one of the arms runs: none sees what another has written. */
  private arms(bodies: readonly Body[]): readonly Steps[] {
    const before = this.written.size;
    const after: (Cell | Area)[] = [];
    const arms = bodies.map((body) => {
      const steps = this.body(body);
      if (this.written.size > before)
        for (const written of [...this.written].slice(before)) {
          after.push(written);
          this.written.delete(written);
        }
      return steps;
    });
    for (const written of after) this.written.add(written);
    return arms;
  }

  /** Appends what these terms need to the regions where it belongs. */
  private compute(roots: readonly Term[]): void {
    const found: Term[] = [];
    const stack: Term[] = [];
    const reach = (term: Term): void => {
      // What is not kept is computed where it is used, each time.
      if (this.variables.kept.has(term)) {
        if (this.done[term.id] === 1) return;
        this.done[term.id] = 1;
        found.push(term);
      }
      for (const read of readsOf(term)) if (this.written.has(read)) this.late.add(term);
      stack.push(term);
    };
    roots.forEach(reach);
    for (let term = stack.pop(); term !== undefined; term = stack.pop()) term.operands.forEach(reach);
    for (const term of found.sort((a, b) => a.id - b.id)) if (this.variables.kept.has(term)) this.keep(term);
  }

  private keep(term: Term): void {
    const region = this.placement.regionOf[term.id];
    if (region === undefined) throw new Error(`a ${term.kind} has no region`);
    const target = { kind: "variable", term } as const;
    if (this.placement.branches.has(term)) this.branch(target, term, region);
    else this.stepsOf(region).push({ kind: "set", target, value: term });
  }

  /** A value goes to its target, in each arm of a branch by itself. */
  private give(target: Target, value: Term, region: Region): void {
    if (this.variables.direct.has(value)) this.branch(target, value, region);
    // A register that keeps its value needs no step.
    else if (target.kind !== "cell" || value.kind !== "load" || value.cell !== target.cell)
      this.stepsOf(region).push({ kind: "set", target, value });
  }

  private branch(target: Target, term: Term, region: Region): void {
    const [on, ...cases] = term.operands;
    const regions = this.placement.branches.get(term);
    if (on === undefined || regions === undefined) throw new Error(`a ${term.kind} is no branch`);
    const distinct = [...new Set(regions)];
    for (const arm of distinct) this.give(target, cases[regions.indexOf(arm)]!, arm);
    const arms = distinct.map((arm) => this.stepsOf(arm));
    const armOf = regions.map((arm) => distinct.indexOf(arm));
    const [then = [], otherwise = []] = armOf.map((arm) => arms[arm]!);
    this.stepsOf(region).push(
      term.kind === "mux"
        ? { kind: "if", condition: on, then, otherwise }
        : { kind: "switch", index: on, armOf, arms },
    );
  }

  private stepsOf(region: Region): Step[] {
    const steps = this.steps.get(region) ?? [];
    this.steps.set(region, steps);
    return steps;
  }
}
