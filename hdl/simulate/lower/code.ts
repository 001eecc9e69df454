import type { NumberType } from "../../builder/graph.ts";
import { needsCheck } from "./cost.ts";
import { type ContainerBits, demands, EXACT } from "./demand.ts";
import { divide, MOST_CASES } from "./divide.ts";
import { containerOf, type Precision, precisionOf } from "./exact.ts";
import { type Context, computationText, conditionText, repeatedLoads, valueText } from "./expression.ts";
import type { CellBytes, Layout } from "./layout.ts";
import { pack } from "./pack.ts";
import { sequence } from "./sequence.ts";
import { type Body, bodiesOf, type Write } from "./statement.ts";
import {
  armsOf,
  endsInChain,
  mentioned,
  type Step,
  type Steps,
  type Target,
  visitExpressions,
} from "./step.ts";
import type { Term } from "./term.ts";
import { constantText, loadText, scaledText, storeText } from "./text.ts";
import { packText } from "./vector.ts";

/**
 * WebAssembly functions, as text, that do what `body` says when `$<name>` is called. Values that several functions use get
 * a place in `layout`.
 */
export function functionsText(name: string, terms: readonly Term[], body: Body, layout: Layout): string {
  const precision = precisionOf(terms, demands(terms, asked(body)));
  const { steps, kept } = sequence(terms, pack(terms, body, precision), precision);
  const functions = divide(steps, kept);
  const { local, shared } = homesOf(functions, kept);
  const places = new Map<Term, number>();
  for (const term of shared) {
    const bytes = containerOf(term, precision) / 8;
    places.set(term, layout.allocate(bytes, bytes));
  }
  const writer = new Writer(name, precision, kept, places);
  return functions.map((steps, i) => writer.function(i, steps, local[i] ?? [])).join("\n");
}

/** What statements look at of their terms. */
function* asked({ statements }: Body): Iterable<{ readonly term: Term; readonly bits: number }> {
  for (const statement of statements) {
    switch (statement.kind) {
      case "assign":
        yield { term: statement.value, bits: storedBits(statement.cell) };
        break;
      case "pack":
        for (const { cell, value } of statement.lanes) yield { term: value, bits: storedBits(cell) };
        break;
      case "write":
        yield { term: statement.address, bits: EXACT };
        yield { term: statement.data, bits: storedBits(statement.area) };
        if (statement.mask !== null) yield { term: statement.mask, bits: EXACT };
        break;
      case "if":
        yield { term: statement.condition, bits: EXACT };
        break;
      case "switch":
        yield { term: statement.index, bits: EXACT };
    }
    for (const inner of bodiesOf(statement)) yield* asked(inner);
  }
}

/** A value that fills its cell is cut off by being stored. */
const storedBits = ({ type, bytes }: { readonly type: NumberType; readonly bytes: CellBytes }): number =>
  type.width === 8 * bytes ? type.width : EXACT;

/** Variables of one function are its locals; the others are shared. */
function homesOf(
  functions: readonly Steps[],
  kept: ReadonlySet<Term>,
): { readonly local: readonly (readonly Term[])[]; readonly shared: readonly Term[] } {
  const home = new Map<Term, number | null>();
  const visit = (step: Step, at: number): void => {
    const touch = (term: Term): void => {
      const before = home.get(term);
      home.set(term, before === undefined || before === at ? at : null);
    };
    if (step.kind === "set" && step.target.kind === "variable") touch(step.target.term);
    visitExpressions(step, kept, (term, isKept) => {
      if (isKept) touch(term);
    });
    for (const arm of armsOf(step)) for (const inner of arm) visit(inner, at);
  };
  for (const [at, steps] of functions.entries()) for (const step of steps) visit(step, at);
  const local: Term[][] = functions.map(() => []);
  for (const [term, at] of home) if (at !== null) local[at]?.push(term);
  return { local, shared: [...home].flatMap(([term, at]) => (at === null ? [term] : [])) };
}

/** Writes steps as text. */
class Writer {
  private readonly name: string;
  private readonly context: Context;
  /** Where shared variables lie. */
  private readonly places: ReadonlyMap<Term, number>;
  private labels = 0;
  private readonly held = new Map<Term, string>();
  /** Locals for cells that are read several times, by name with their type. */
  private holders = new Map<string, string>();

  constructor(
    name: string,
    precision: Precision,
    kept: ReadonlySet<Term>,
    places: ReadonlyMap<Term, number>,
  ) {
    this.name = name;
    this.places = places;
    const read = (term: Term): string => this.read(term);
    this.context = { ...precision, kept, read, held: this.held };
  }

  function(number: number, steps: Steps, locals: readonly Term[]): string {
    this.holders = new Map();
    const body = this.steps(steps);
    const declared = [
      ...locals.map((term) => `(local $t${term.id} i${containerOf(term, this.context)})`),
      ...[...this.holders].map(([name, type]) => `(local ${name} ${type})`),
    ];
    return `(func $${this.nameOf(number)}\n${declared.join(" ")}\n${body}\n)`;
  }

  private read(term: Term): string {
    const place = this.places.get(term);
    if (place === undefined) return `(local.get $t${term.id})`;
    return `(i${containerOf(term, this.context)}.load offset=${place} (i32.const 0))`;
  }

  /** Reads cells that the step needs several times into locals. */
  private hold(step: Step): string {
    this.held.clear();
    const roots =
      step.kind === "set" && step.target.kind === "variable" && step.target.term === step.value
        ? step.value.operands
        : mentioned(step);
    const sets = repeatedLoads(roots, this.context.kept).map((term, i) => {
      const type = `i${containerOf(term, this.context)}`;
      const name = `$h${i}_${type}`;
      const text = computationText(term, this.context);
      this.holders.set(name, type);
      this.held.set(term, name);
      return `(local.set ${name} ${text})\n`;
    });
    return sets.join("");
  }

  private nameOf(number: number): string {
    return number === 0 ? this.name : `${this.name}_${number}`;
  }

  /** @param tail label of a block that ends right after these steps */
  private steps(steps: Steps, tail: string | null = null): string {
    return steps.map((step, i) => this.step(step, i === steps.length - 1 ? tail : null)).join("\n");
  }

  private step(step: Step, tail: string | null): string {
    if (step.kind === "pack") return packText(step, this.context);
    const holding = this.hold(step);
    switch (step.kind) {
      case "set":
        return holding + this.set(step.target, step.value);
      case "write":
        return holding + this.write(step);
      case "if":
        return holding + this.if(step.condition, step.then, step.otherwise, tail);
      case "switch":
        return holding + this.switch(step.index, step.armOf, step.arms);
      case "call":
        return `(call $${this.nameOf(step.callee)})`;
    }
  }

  private set(target: Target, value: Term): string {
    if (target.kind === "cell") {
      const { address, bytes, name } = target.cell;
      return `${storeText(bytes, address, "(i32.const 0)", this.valueFor(bytes, value))} ;; ${name}`;
    }
    const { term } = target;
    const bits = containerOf(term, this.context);
    const text = value === term ? computationText(term, this.context) : valueText(value, bits, this.context);
    const place = this.places.get(term);
    return place === undefined
      ? `(local.set $t${term.id} ${text})`
      : `(i${bits}.store offset=${place} (i32.const 0) ${text})`;
  }

  private valueFor(bytes: CellBytes, value: Term): string {
    return valueText(value, bytes === 8 ? 64 : 32, this.context);
  }

  private write({ area, address, data, mask }: Write): string {
    const { bytes, stride, depth } = area;
    const isSafe = !needsCheck(address, depth);
    const at = scaledText(valueText(address, 32, this.context), stride);
    const bits: ContainerBits = bytes === 8 ? 64 : 32;
    const given = this.valueFor(bytes, data);
    let word = given;
    if (mask !== null) {
      const lanes = valueText(mask, bits, this.context);
      const kept = `(i${bits}.and ${loadText(area, bits, at)} (i${bits}.xor ${lanes} ${constantText(-1n, bits)}))`;
      word = `(i${bits}.or ${kept} (i${bits}.and ${given} ${lanes}))`;
    }
    const store = `${storeText(bytes, area.address, at, word)} ;; ${area.name}`;
    if (isSafe) return store;
    const own = containerOf(address, this.context);
    const within = `(i${own}.lt_u ${valueText(address, own, this.context)} ${constantText(BigInt(depth), own)})`;
    return `(if ${within} (then ${store}\n))`;
  }

  private if(condition: Term, then: Steps, otherwise: Steps, tail: string | null): string {
    const on = conditionText(condition, this.context);
    if (then.length === 0 && otherwise.length === 0) return "";
    if (then.length === 0) return `(if (i32.eqz ${on}) (then\n${this.steps(otherwise)}\n))`;
    if (otherwise.length === 0) return `(if ${on} (then\n${this.steps(then)}\n))`;
    // One condition after the other: without nesting, as the assembler's stack is small.
    if (tail !== null)
      return `(if ${on} (then\n${this.steps(then)}\n(br ${tail})))\n${this.steps(otherwise, tail)}`;
    if (!endsInChain(otherwise))
      return `(if ${on} (then\n${this.steps(then)}\n)(else\n${this.steps(otherwise)}\n))`;
    const end = `$e${this.labels++}`;
    return `(block ${end}\n${this.if(condition, then, otherwise, end)}\n)`;
  }

  private switch(index: Term, armOf: readonly number[], arms: readonly Steps[]): string {
    const on = valueText(index, 32, this.context);
    const end = `$s${this.labels++}`;
    const cases = new Map(arms.map((steps, i) => [i, `${this.steps(steps)}\n(br ${end})`]));
    return `(block ${end}\n${this.cases(on, armOf, cases)}\n)`;
  }

  /** Jumps to the case for a value of the index; in several jumps where there are many, as nesting is limited. */
  private cases(index: string, caseOf: readonly number[], cases: ReadonlyMap<number, string>): string {
    if (cases.size > MOST_CASES) {
      const size = Math.ceil(cases.size / Math.min(MOST_CASES, Math.ceil(cases.size / MOST_CASES)));
      const all = [...cases];
      const groups = new Map<number, string>();
      const groupOf = new Map<number, number>();
      for (let from = 0; from < all.length; from += size) {
        const group = new Map(all.slice(from, from + size));
        for (const number of group.keys()) groupOf.set(number, from);
        const first = caseOf.findIndex((number) => group.has(number));
        const last = caseOf.findLastIndex((number) => group.has(number));
        const [some = 0] = group.keys();
        const within = caseOf.slice(first, last + 1).map((number) => (group.has(number) ? number : some));
        groups.set(from, this.cases(`(i32.sub ${index} (i32.const ${first}))`, within, group));
      }
      return this.cases(
        index,
        caseOf.map((number) => groupOf.get(number) ?? 0),
        groups,
      );
    }
    const label = this.labels++;
    const targets = caseOf.map((number) => `$c${label}_${number}`);
    let text = `(br_table ${targets.join(" ")} ${index})`;
    for (const [number, body] of cases) text = `(block $c${label}_${number}\n${text}\n)\n${body}`;
    return text;
  }
}
