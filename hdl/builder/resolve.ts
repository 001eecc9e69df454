import type { Block, Case, Draft, Target } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Node } from "./graph.ts";
import * as op from "./operators.ts";
import { type SourceLocation, sourceText } from "./source.ts";

/** What a target gets. */
interface Assigned {
  readonly value: Node;
  /** A condition without which it gets nothing; null: it gets something under all conditions. */
  readonly only: SourceLocation | null;
}

type Values = ReadonlyMap<Target, Assigned>;
type Lookup = (target: Target) => Assigned | undefined;

/**
 * Turns a body's assignments into what each wire is driven by and what each register takes next.
 * @throws HardwareError where something is not driven, or driven twice
 */
export function resolve(draft: Draft): void {
  const { name, declared, body, targets, gates, memories } = draft;
  const values = valuesOf([...declared, ...body], () => undefined, draft);
  for (const [target, kind] of targets) {
    const assigned = values.get(target);
    const what = `${kind} ${target.name} of ${name}`;
    if (assigned === undefined)
      throw new HardwareError(`${what} is not driven: nothing assigns it`, target.source);
    if (assigned.only !== null)
      throw new HardwareError(
        `${what} is driven under some conditions only, such as this: assign a value for the others first`,
        assigned.only,
      );
    if (target.kind === "wire") target.driver = assigned.value;
    else {
      const gate = gates.get(target);
      target.next = gate === undefined ? assigned.value : op.mux(gate, assigned.value, target);
    }
  }
  for (const memory of memories)
    if (memory.writes.length === 0 && memory.initial === null)
      throw new HardwareError(
        `memory ${memory.name} of ${name} is never written, and begins with nothing: write it or give it initial words`,
        memory.source,
      );
}

/** What a block changes, given what stood before it. */
function valuesOf(block: Block, before: Lookup, draft: Draft): Values {
  const changed = new Map<Target, Assigned>();
  /** Where in this block a target got its value. */
  const here = new Map<Target, string>();
  const now: Lookup = (target) => changed.get(target) ?? before(target);
  for (const statement of block) {
    if (statement.kind === "assign") {
      const { target, value, source } = statement;
      const other = here.get(target);
      if (other !== undefined)
        throw new HardwareError(
          `${draft.targets.get(target)} ${target.name} of ${draft.name} is driven twice: this hides what is assigned ${other}; put the general case first and the special ones after it`,
          source,
        );
      here.set(target, `at ${sourceText(source)}`);
      changed.set(target, { value, only: null });
      continue;
    }
    const branches = statement.cases.map(({ statements }) => valuesOf(statements, now, draft));
    const otherwise = valuesOf(statement.otherwise, now, draft);
    for (const target of new Set([...branches, otherwise].flatMap((values) => [...values.keys()]))) {
      const unchanged = now(target);
      const value = statement.cases.reduceRight(
        (rest, one, i) => either(one, target, branches[i]?.get(target) ?? unchanged, rest),
        otherwise.get(target) ?? unchanged,
      );
      if (value !== undefined) changed.set(target, value);
      const [first] = statement.cases;
      if (first !== undefined && !here.has(target))
        here.set(target, `under the condition at ${sourceText(first.source)}`);
    }
  }
  return changed;
}

/** A register that is not assigned holds; a wire has no value then. */
function either(
  { condition, source }: Case,
  target: Target,
  then?: Assigned,
  otherwise?: Assigned,
): Assigned | undefined {
  const held = target.kind === "register" ? { value: target, only: null } : undefined;
  const a = then ?? held;
  const b = otherwise ?? held;
  if (a === undefined || b === undefined) {
    const one = a ?? b;
    return one && { value: one.value, only: one.only ?? source };
  }
  return {
    value: a.value === b.value ? a.value : op.mux(condition, a.value, b.value),
    only: a.only ?? b.only,
  };
}
