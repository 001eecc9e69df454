import { HardwareError } from "./errors.ts";
import type { Node, NumberType } from "./graph.ts";
import * as op from "./operators.ts";
import { type Literal, Signal, type Signed, signalOf, type Unsigned } from "./signal.ts";
import { checkWidth } from "./type.ts";

/**
 * What a port, a register or a memory's word looks like: a number, or numbers by name (a struct), or some of one shape
 * (an array), nested as one likes.
 */
export type Shape = UnsignedShape | SignedShape | ArrayShape | StructShape;

export interface UnsignedShape {
  readonly shape: "unsigned";
  readonly width: number;
}

export interface SignedShape {
  readonly shape: "signed";
  readonly width: number;
}

export interface ArrayShape<E extends Shape = Shape> {
  readonly shape: "array";
  readonly length: number;
  readonly element: E;
}

/** An object of shapes by field name. */
export interface StructShape {
  readonly [field: string]: Shape;
}

/** Something of this shape that can be read. */
export type ValueOf<S> = S extends UnsignedShape
  ? Unsigned
  : S extends SignedShape
    ? Signed
    : S extends ArrayShape<infer E>
      ? readonly ValueOf<E>[]
      : { readonly [K in keyof S]: ValueOf<S[K]> };

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

/**
 * Something of this shape, or literals in the place of numbers. That values and variables are among it has to be said for
 * functions that are generic over S.
 */
export type InputOf<S> =
  | ValueOf<S>
  | VariableOf<S>
  | (S extends UnsignedShape
      ? Unsigned | Literal
      : S extends SignedShape
        ? Signed | Literal
        : S extends ArrayShape<infer E>
          ? readonly InputOf<E>[]
          : { readonly [K in keyof S]: InputOf<S[K]> });

/** Numbers of this shape, as for a reset; a single number stands for all. */
export type NumbersOf<S> =
  | Literal
  | (S extends UnsignedShape | SignedShape
      ? Literal
      : S extends ArrayShape<infer E>
        ? readonly NumbersOf<E>[]
        : { readonly [K in keyof S]: NumbersOf<S[K]> });

/** Signals, structs and arrays of them. */
export type Value = Signal | readonly Value[] | { readonly [field: string]: Value };

export function unsigned(width: number): UnsignedShape {
  checkWidth(width, "unsigned()");
  return { shape: "unsigned", width };
}

export function signed(width: number): SignedShape {
  checkWidth(width, "signed()");
  return { shape: "signed", width };
}

/** A single bit. */
export const bit: UnsignedShape = { shape: "unsigned", width: 1 };

export function array<E extends Shape>(length: number, element: E): ArrayShape<E> {
  if (!Number.isSafeInteger(length) || length < 1)
    throw new HardwareError(`an array of ${length} elements; a length is a whole number, at least 1`);
  return { shape: "array", length, element };
}

const isNumber = (shape: Shape): shape is UnsignedShape | SignedShape =>
  shape.shape === "unsigned" || shape.shape === "signed";
const isArray = (shape: Shape): shape is ArrayShape => shape.shape === "array";

/** A number in a shape, with its name: the path of fields and indices, joined by underscores. */
export interface Field {
  readonly name: string;
  readonly type: NumberType;
}

/** All numbers of a shape, in order. */
export function fieldsOf(shape: Shape, name: string): readonly Field[] {
  if (isNumber(shape)) return [{ name, type: { width: shape.width, signed: shape.shape === "signed" } }];
  if (isArray(shape))
    return Array.from({ length: shape.length }, (_, i) => fieldsOf(shape.element, `${name}_${i}`)).flat();
  return Object.entries(shape).flatMap(([field, inner]) =>
    fieldsOf(inner, name === "" ? field : `${name}_${field}`),
  );
}

/** Builds a value of this shape from its numbers, taken in the order of `fieldsOf`. */
export function assemble<T>(shape: Shape, next: () => T): T | readonly unknown[] | object {
  if (isNumber(shape)) return next();
  if (isArray(shape)) return Array.from({ length: shape.length }, () => assemble(shape.element, next));
  return Object.fromEntries(Object.entries(shape).map(([field, inner]) => [field, assemble(inner, next)]));
}

/** A value of shape S whose numbers are these nodes, in the order of `fieldsOf`. */
export function valueFrom<S extends Shape>(shape: S, nodes: readonly Node[]): ValueOf<S> {
  let at = 0;
  // The shape says which type comes out; TypeScript cannot follow the recursion.
  return assemble(shape, () => signalOf(nodes[at++]!)) as ValueOf<S>;
}

/** The nodes of a value, in the order of `fieldsOf`; literals become constants. `what` names it in errors. */
export function nodesOf(shape: Shape, value: unknown, what: string): readonly Node[] {
  if (isNumber(shape)) {
    const type = { width: shape.width, signed: shape.shape === "signed" };
    if (value instanceof Signal) {
      op.demandType(what, value.node, type);
      return [value.node];
    }
    if (typeof value === "number" || typeof value === "bigint") return [op.literalOf(value, type, what)];
    throw new HardwareError(`${what} takes a signal or a number`);
  }
  if (isArray(shape)) {
    if (!Array.isArray(value) || value.length !== shape.length)
      throw new HardwareError(`${what} takes an array of ${shape.length}`);
    return value.flatMap((element, i) => nodesOf(shape.element, element, `${what}[${i}]`));
  }
  if (typeof value !== "object" || value === null || value instanceof Signal)
    throw new HardwareError(`${what} takes a struct of ${Object.keys(shape).join(", ")}`);
  const fields = new Map(Object.entries(value));
  for (const field of fields.keys())
    if (!Object.hasOwn(shape, field))
      throw new HardwareError(`${what} has no field ${field}; it has ${Object.keys(shape).join(", ")}`);
  return Object.entries(shape).flatMap(([field, inner]) => {
    if (!fields.has(field)) throw new HardwareError(`${what} is given no ${field}`);
    return nodesOf(inner, fields.get(field), `${what}.${field}`);
  });
}

/** The numbers of a reset or an initial value, in the order of `fieldsOf`; a single number counts for every field. */
export function numbersOf(shape: Shape, value: unknown, what: string): readonly bigint[] {
  if (typeof value === "number" || typeof value === "bigint")
    return fieldsOf(shape, what).map(({ name, type }) => op.literalOf(value, type, name).value);
  return nodesOf(shape, value, what).map((node) => {
    if (node.kind !== "constant") throw new HardwareError(`${what} takes numbers, not signals`);
    return node.value;
  });
}

/** The shape of a value that is at hand. */
export function shapeOf(value: Value): Shape {
  if (value instanceof Signal) return value.type.signed ? signed(value.width) : unsigned(value.width);
  if (isList(value)) {
    const [first] = value;
    if (first === undefined) throw new HardwareError("an empty array has no shape");
    return array(value.length, shapeOf(first));
  }
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shapeOf(inner)]));
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** Joins values of one shape, number by number; literals may stand for numbers beside signals. */
export function mapNodes<V extends Value>(
  values: readonly (V | Literal)[],
  what: string,
  join: (nodes: readonly Node[]) => Node,
): V {
  const known = values.find((value): value is V => typeof value === "object");
  if (known === undefined)
    throw new HardwareError(
      `${what} is given numbers alone, which have no width: say one by unsignedConstant or signedConstant`,
    );
  const shape = shapeOf(known);
  const columns = values.map((value) => nodesOf(shape, value, what));
  const joined = columns[0]!.map((_, i) => join(columns.map((nodes) => nodes[i]!)));
  // All values have this shape, and so has what is made from them.
  return valueFrom(shape, joined) as V;
}
