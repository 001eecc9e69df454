import type { Block, Draft, Target } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Node } from "./graph.ts";
import * as op from "./operators.ts";
import { sourceText } from "./source.ts";

/** What a target gets; `complete` where that holds under all conditions. */
interface Assigned {
  readonly value: Node;
  readonly complete: boolean;
}

type Values = ReadonlyMap<Target, Assigned>;
type Lookup = (target: Target) => Assigned | undefined;

/** Turns a body's assignments into what each wire is driven by and what each register takes next. */
export function resolve({ name, body, wires, outputs, registers, gates }: Draft): void {
  const values = valuesOf(body, () => undefined, name);
  for (const wire of [...wires, ...outputs]) {
    const assigned = values.get(wire);
    const what = `${outputs.includes(wire) ? "output" : "wire"} ${wire.name} of ${name}`;
    if (assigned === undefined) throw new HardwareError(`${what} is not driven: assign it`, wire.source);
    if (!assigned.complete)
      throw new HardwareError(
        `${what} is driven under some conditions only: assign a value for the others first`,
        wire.source,
      );
    wire.driver = assigned.value;
  }
  for (const register of registers) {
    const assigned = values.get(register);
    if (assigned === undefined && register.reset === null && register.initial === null)
      throw new HardwareError(`register ${register.name} of ${name} is never assigned`, register.source);
    const next = assigned?.value ?? register;
    const gate = gates.get(register);
    register.next = gate === undefined || next === register ? next : op.mux(gate, next, register);
  }
}

/** What a block changes, given what stood before it. */
function valuesOf(block: Block, before: Lookup, module: string): Values {
  const changed = new Map<Target, Assigned>();
  const here = new Map<Target, string>();
  const now: Lookup = (target) => changed.get(target) ?? before(target);
  for (const statement of block) {
    if (statement.kind === "assign") {
      const { target, value, source } = statement;
      const other = here.get(target);
      if (other !== undefined)
        throw new HardwareError(
          `${target.kind} ${target.name} of ${module} is driven twice: this hides what is assigned ${other}; put the general case first and the special ones after it`,
          source,
        );
      here.set(target, `in ${sourceText(source)}`);
      changed.set(target, { value, complete: true });
      continue;
    }
    const { condition, then, otherwise } = statement;
    const thenValues = valuesOf(then, now, module);
    const otherwiseValues = valuesOf(otherwise, now, module);
    for (const target of new Set([...thenValues.keys(), ...otherwiseValues.keys()])) {
      const unchanged = now(target);
      changed.set(
        target,
        either(
          condition,
          target,
          thenValues.get(target) ?? unchanged,
          otherwiseValues.get(target) ?? unchanged,
        ),
      );
      if (!here.has(target)) here.set(target, "under a condition before it");
    }
  }
  return changed;
}

function either(condition: Node, target: Target, then?: Assigned, otherwise?: Assigned): Assigned {
  const held: Assigned = { value: target, complete: true };
  const a = then ?? (target.kind === "register" ? held : undefined);
  const b = otherwise ?? (target.kind === "register" ? held : undefined);
  if (a === undefined || b === undefined) {
    const only = a ?? b;
    if (only === undefined) throw new Error("a branch assigns nothing");
    return { value: only.value, complete: false };
  }
  return {
    value: a.value === b.value ? a.value : op.mux(condition, a.value, b.value),
    complete: a.complete && b.complete,
  };
}
