import { type Block, draft, type Target } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Node } from "./graph.ts";
import * as op from "./operators.ts";
import {
  type InputOf,
  nodesOf,
  type Settable,
  type Shape,
  shapeOf,
  type Value,
  type VariableOf,
} from "./shape.ts";
import { type Literal, Signal, type Signed, signalOf, type Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";
import { when } from "./when.ts";

/** Wires and registers, structs and arrays of them. */
export type Assignable =
  | (Unsigned & Settable<Unsigned>)
  | (Signed & Settable<Signed>)
  | readonly Assignable[]
  | { readonly [field: string]: Assignable };

/** What can be assigned to it: signals or literals, in its shape. */
export type AssignedTo<V> = V extends Unsigned
  ? Unsigned | Literal
  : V extends Signed
    ? Signed | Literal
    : V extends readonly (infer E)[]
      ? readonly AssignedTo<E>[]
      : { readonly [K in keyof V]: AssignedTo<V[K]> };

const targets = new WeakMap<object, Target>();

/** A signal of this wire or register that can be assigned. */
export function settable(target: Target): Signal & Settable<Signal> {
  const signal = Object.assign(signalOf(target), {
    set: (value: Signal | Literal) => {
      const what = `${draft("an assignment").targets.get(target) ?? target.kind} ${target.name}`;
      assignNodes([target], nodesOf(shapeOf(signal), value, what));
    },
  });
  targets.set(signal, target);
  return signal;
}

/** In a function that is generic over the shape S, which is to be said: `assign<S>(...)`. */
export function assign<S extends Shape = never>(
  target: NoInfer<VariableOf<S>>,
  value: NoInfer<InputOf<S>>,
): void;
/** Assigns number by number, where target and value are structs or arrays. */
export function assign<V extends Assignable>(target: V, value: AssignedTo<V>): void;
export function assign(target: Value, value: unknown): void {
  const places = targetsOf(target);
  assignNodes(places, nodesOf(shapeOf(target), value, "assign"));
}

/** Assigns the element that `index` counts, or nothing where it counts further than there are elements. */
export function assignAt<V extends Assignable>(
  elements: readonly V[],
  index: Unsigned,
  value: AssignedTo<V>,
): void {
  op.demandIndex(index.node, elements.length);
  for (const [i, element] of elements.entries()) when(index.eq(i), () => assign(element, value));
}

/** Puts assignments into `block`, or where statements go at the moment. */
export function assignNodes(places: readonly Target[], values: readonly Node[], block?: Block): void {
  const at = draft("an assignment");
  const source = callerLocation();
  for (const [i, target] of places.entries()) {
    if (!at.targets.has(target))
      throw new HardwareError(
        `${target.kind} ${target.name} belongs to another module than ${at.name}; connect them by ports`,
      );
    (block ?? at.block).push({ kind: "assign", target, value: values[i]!, source });
  }
}

function targetsOf(value: Value): readonly Target[] {
  const target = targets.get(value);
  if (target !== undefined) return [target];
  if (value instanceof Signal)
    throw new HardwareError("this signal cannot be assigned; registers, wires and outputs can");
  return Object.values(value).flatMap(targetsOf);
}
