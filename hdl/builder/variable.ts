import { claimName, draft, type Target } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Node, Register, Wire } from "./graph.ts";
import * as op from "./operators.ts";
import {
  type ArrayShape,
  assemble,
  type Field,
  fieldsOf,
  type InputOf,
  type NumbersOf,
  nodesOf,
  numbersOf,
  type Shape,
  type SignedShape,
  shapeOf,
  type UnsignedShape,
  type Value,
  valueFrom,
} from "./shape.ts";
import { type Literal, type Signal, type Signed, signalOf, Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";

/** What can be assigned. The last assignment whose conditions hold counts. */
export interface Settable<T extends Signal> {
  set(value: T | Literal): void;
}

/** Something of this shape that can be read and assigned. */
export type VariableOf<S> = S extends UnsignedShape
  ? Unsigned & Settable<Unsigned>
  : S extends SignedShape
    ? Signed & Settable<Signed>
    : S extends ArrayShape<infer E>
      ? readonly VariableOf<E>[]
      : { readonly [K in keyof S]: VariableOf<S[K]> };

const targets = new WeakMap<object, Target>();

/** A signal of this wire or register that can be assigned. */
export function settable(target: Target): Signal & Settable<Signal> {
  const signal = Object.assign(signalOf(target), {
    set: (value: Signal | Literal) => assignNode(target, literalOr(target, value)),
  });
  targets.set(signal, target);
  return signal;
}

function literalOr(target: Target, value: Signal | Literal): Node {
  const at = draft("an assignment");
  const what = `${at.outputs.some((output) => output === target) ? "output" : target.kind} ${target.name}`;
  if (typeof value === "number" || typeof value === "bigint") return op.literalOf(value, target.type, what);
  op.demandType(what, value.node, target.type);
  return value.node;
}

function assignNode(target: Target, value: Node): void {
  const at = draft("an assignment");
  if (!at.targets.has(target))
    throw new HardwareError(
      `${target.name} belongs to another module than ${at.name}; connect them by ports`,
    );
  at.block.push({ kind: "assign", target, value, source: callerLocation() });
}

/** Assigns number by number, where target and value are structs or arrays. */
export function assign<S extends Shape>(target: VariableOf<S>, value: InputOf<S>): void;
export function assign(target: Value, value: unknown): void {
  const shape = shapeOf(target);
  const values = nodesOf(shape, value, "assign");
  const places: Target[] = [];
  collect(target, places);
  assignAll(places, values);
}

function collect(value: Value, into: Target[]): void {
  const target = targets.get(value);
  if (target !== undefined) into.push(target);
  else if (value instanceof Unsigned || "node" in value)
    throw new HardwareError("this signal cannot be assigned; registers, wires and outputs can");
  else for (const inner of Object.values(value)) collect(inner, into);
}

export interface RegisterOptions<S> {
  /** Value that the domain's reset gives, synchronously. A register without one keeps what it has. */
  readonly reset?: NumbersOf<S>;
  /** Value at power-up, where the part can give one. */
  readonly initial?: NumbersOf<S>;
  /** Takes its next value only where this is 1. */
  readonly enable?: Unsigned;
  /** The clock; the module's own if not given. */
  readonly domain?: Domain;
  /** What it takes, cycle by cycle; otherwise assign it. */
  readonly next?: InputOf<S>;
}

/** State that changes at clock edges: what is assigned appears a cycle later; unassigned it holds. */
export function register<const S extends Shape>(
  name: string,
  shape: S,
  options: RegisterOptions<S> = {},
): VariableOf<S> {
  return makeRegisters(name, shape, options, { crossing: false, labels: null });
}

/** Registers as `register` makes them, with what only the builder itself may say. */
export function makeRegisters<const S extends Shape>(
  name: string,
  shape: S,
  { reset, initial, enable, domain, next }: RegisterOptions<S>,
  special: Pick<Register, "crossing" | "labels">,
): VariableOf<S> {
  const at = draft("a register");
  const source = callerLocation();
  const resets = reset === undefined ? null : numbersOf(shape, reset, `the reset of ${name}`);
  const initials = initial === undefined ? null : numbersOf(shape, initial, `the initial value of ${name}`);
  const made = fieldsOf(shape, name).map((field, i): Register => {
    const node: Register = {
      kind: "register",
      name: claimName(field.name, "a register"),
      type: field.type,
      next: op.constant(0n, field.type),
      reset: resets?.[i] ?? null,
      initial: initials?.[i] ?? null,
      domain: domain ?? at.domain,
      source,
      ...special,
    };
    at.registers.push(node);
    at.targets.add(node);
    if (enable !== undefined) at.gates.set(node, enable.node);
    return node;
  });
  if (enable !== undefined) op.demandBit(`the enable of ${name}`, enable.node);
  if (next !== undefined) assignAll(made, nodesOf(shape, next, `register ${name}`));
  return variableOf(shape, made);
}

/** A named value without state: every cycle what was assigned last. */
export function wire<const S extends Shape>(name: string, shape: S): VariableOf<S> {
  const at = draft("a wire");
  return variableOf(shape, makeWires(fieldsOf(shape, name), at.wires));
}

/** A name for a value, to be found in Verilog and in recordings. */
export function named<V extends Value>(name: string, value: V): V {
  const shape = shapeOf(value);
  const at = draft("a name");
  const wires = makeWires(fieldsOf(shape, name), at.wires);
  assignAll(wires, nodesOf(shape, value, name));
  // The wires have the value's own shape.
  return valueFrom(shape, wires) as V;
}

/** The value of `cycles` cycles ago, through registers called `<name>_1`, `<name>_2` ... or `name` where there is one. */
export function delayed<V extends Value>(name: string, value: V, cycles = 1): V {
  let last = value;
  for (let i = 1; i <= cycles; i++) {
    const shape = shapeOf(last);
    const stage: Value = register(cycles === 1 ? name : `${name}_${i}`, shape, {
      next: last as InputOf<Shape>,
    });
    last = stage as V;
  }
  return last;
}

export function makeWires(fields: readonly Field[], into: Wire[]): readonly Wire[] {
  const at = draft("a wire");
  const source = callerLocation();
  return fields.map(({ name, type }) => {
    const node: Wire = {
      kind: "wire",
      name: claimName(name, "a wire"),
      type,
      driver: op.constant(0n, type),
      source,
    };
    into.push(node);
    at.targets.add(node);
    return node;
  });
}

/** The variable of this shape whose numbers are these targets. */
export function variableOf<S extends Shape>(shape: S, made: readonly Target[]): VariableOf<S> {
  let at = 0;
  // The shape says which type comes out; TypeScript cannot follow the recursion.
  return assemble(shape, () => settable(made[at++]!)) as VariableOf<S>;
}

function assignAll(made: readonly Target[], values: readonly Node[]): void {
  for (const [i, target] of made.entries()) assignNode(target, values[i]!);
}
