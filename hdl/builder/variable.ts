import { assignNodes, settable } from "./assign.ts";
import { claimName, draft, type Target } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Domain, Register, Wire } from "./graph.ts";
import * as op from "./operators.ts";
import {
  assemble,
  type Field,
  fieldsOf,
  type InputOf,
  type NumbersOf,
  nodesOf,
  numbersOf,
  type Shape,
  shapeOf,
  type Value,
  type VariableOf,
  valueFrom,
} from "./shape.ts";
import type { Literal, Unsigned } from "./signal.ts";
import { callerLocation } from "./source.ts";

export interface RegisterOptions<S> {
  /** Value that the domain's reset gives, synchronously. A register without one keeps what it has. */
  readonly reset?: NumbersOf<S>;
  /** Value at power-up, where the part can give one. */
  readonly initial?: NumbersOf<S>;
  /** Takes its next value only where this is 1. */
  readonly enable?: Unsigned;
  /** The clock; the module's own if not given. */
  readonly domain?: Domain;
  /** What it takes, cycle by cycle, whatever `when` stands around; otherwise assign it. */
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
  if (enable !== undefined) op.demandBit(`the enable of ${name}`, enable.node);
  const resets = reset === undefined ? null : numbersOf(shape, reset, `the reset of ${name}`);
  const initials = initial === undefined ? null : numbersOf(shape, initial, `the initial value of ${name}`);
  const made = fieldsOf(shape, name).map((field, i): Register => {
    const node: Register = {
      kind: "register",
      name: claimName(field.name, "this register", source),
      type: field.type,
      next: op.constant(0n, field.type),
      reset: resets?.[i] ?? null,
      initial: initials?.[i] ?? null,
      domain: domain ?? at.domain,
      source,
      ...special,
    };
    at.registers.push(node);
    at.targets.set(node, "register");
    if (enable !== undefined) at.gates.set(node, enable.node);
    return node;
  });
  if (next !== undefined) assignNodes(made, nodesOf(shape, next, `register ${name}`), at.declared);
  return variableOf(shape, made);
}

/** A named value without state: every cycle what was assigned last. */
export function wire<const S extends Shape>(name: string, shape: S): VariableOf<S> {
  return variableOf(shape, makeWires(fieldsOf(shape, name), "wire"));
}

/** A name for a value, to be found in Verilog and in recordings. */
export function named<V extends Value>(name: string, value: V): V {
  const shape = shapeOf(value);
  const at = draft("a named value");
  const wires = makeWires(fieldsOf(shape, name), "wire");
  assignNodes(wires, nodesOf(shape, value, name), at.declared);
  // The wires have the value's own shape.
  return valueFrom(shape, wires) as V;
}

export interface DelayOptions {
  /** A number for all fields. */
  readonly reset?: Literal;
  readonly initial?: Literal;
  /** All stages move on only where this is 1. */
  readonly enable?: Unsigned;
  readonly domain?: Domain;
}

/** The value of `cycles` cycles ago, through registers called `<name>_1`, `<name>_2` ... or `name` where there is one. */
export function delayed<V extends Value>(name: string, value: V, cycles = 1, options: DelayOptions = {}): V {
  if (!Number.isSafeInteger(cycles) || cycles < 0)
    throw new HardwareError(
      `${name} is delayed by ${cycles} cycles; that is a whole number, and not negative`,
    );
  const shape = shapeOf(value);
  let last: Value = value;
  for (let i = 1; i <= cycles; i++)
    last = registerOf(cycles === 1 ? name : `${name}_${i}`, shape, last, options, false);
  // Every stage has the value's own shape.
  return last as V;
}

/** A register that takes a value of this shape. */
export function registerOf(
  name: string,
  shape: Shape,
  next: Value,
  options: DelayOptions,
  crossing: boolean,
): Value {
  // The value has this shape, which TypeScript knows of particular shapes only.
  return makeRegisters(name, shape, { ...options, next: next as InputOf<Shape> }, { crossing, labels: null });
}

export function makeWires(fields: readonly Field[], kind: "output" | "wire"): readonly Wire[] {
  const at = draft(`a ${kind}`);
  const source = callerLocation();
  return fields.map(({ name, type }) => {
    const node: Wire = {
      kind: "wire",
      name: claimName(name, `this ${kind}`, source),
      type,
      driver: op.constant(0n, type),
      source,
    };
    (kind === "output" ? at.outputs : at.wires).push(node);
    at.targets.set(node, kind);
    return node;
  });
}

/** The variable of this shape whose numbers are these targets. */
export function variableOf<S extends Shape>(shape: S, made: readonly Target[]): VariableOf<S> {
  let at = 0;
  // The shape says which type comes out; TypeScript cannot follow the recursion.
  return assemble(shape, () => settable(made[at++]!)) as VariableOf<S>;
}
