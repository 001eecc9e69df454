import { HardwareError } from "./errors.ts";
import type { Node } from "./graph.ts";
import * as op from "./operators.ts";
import { type InputOf, mapNodes, nodesOf, type Shape, type Value, type ValueOf, valueFrom } from "./shape.ts";
import { type Literal, type Signal, type Signed, signalOf, Unsigned } from "./signal.ts";
import { indexWidth } from "./type.ts";

/** `then` where the condition is 1, `otherwise` elsewhere; numbers, structs or arrays of one shape. */
export function mux<V extends Value>(condition: Unsigned, then: V | Literal, otherwise: V | Literal): V {
  return mapNodes([then, otherwise], "mux", ([a, b]) => op.mux(condition.node, a!, b!));
}

/** The case that `index` counts; the last one for every index beyond. */
export function select<V extends Value>(index: Unsigned, cases: readonly (V | Literal)[]): V {
  if (cases.length === 0) throw new HardwareError("select is given no cases; it needs one at least");
  return mapNodes(cases, "select", (nodes) => op.select(index.node, nodes));
}

/** A table of constants: the entry that `index` counts; the last one for every index beyond. */
export function lookup<const S extends Shape>(
  index: Unsigned,
  shape: S,
  entries: readonly InputOf<S>[],
): ValueOf<S> {
  if (entries.length === 0) throw new HardwareError("lookup is given no entries; it needs one at least");
  const rows = entries.map((entry, i) => nodesOf(shape, entry, `entry ${i} of lookup`));
  const columns = rows[0]!.map((_, i) => rows.map((row) => row[i]!));
  return valueFrom(
    shape,
    columns.map((column) => op.select(index.node, column)),
  );
}

/** The value of the first condition that is 1; `otherwise` if none is. */
export function priority<V extends Value>(
  cases: readonly (readonly [condition: Unsigned, value: V | Literal])[],
  otherwise: V | Literal,
): V {
  const values = [...cases.map(([, value]) => value), otherwise];
  return mapNodes(values, "priority", (nodes) =>
    nodes.reduceRight((rest, node, i) => op.mux(cases[i]![0].node, node, rest)),
  );
}

/**
 * The value whose condition is 1, where never two of them are; zero if none is. Smaller and faster than `priority`:
 * values are masked and put together by OR.
 */
export function oneHot<V extends Value>(
  cases: readonly (readonly [condition: Unsigned, value: V | Literal])[],
): V {
  if (cases.length === 0) throw new HardwareError("oneHot is given no cases; it needs one at least");
  const values = cases.map(([, value]) => value);
  return mapNodes(values, "oneHot", (nodes) =>
    nodes
      .map((node, i) => op.mux(cases[i]![0].node, node, op.constant(0n, node.type)))
      .reduce((all, one) => op.bitwise("or", all, one)),
  );
}

/** The place of the lowest bit that is 1; 0 if none is. */
export function firstOne(bits: Unsigned): Unsigned {
  const width = indexWidth(bits.width);
  const places = Array.from({ length: bits.width }, (_, i) => i);
  return priority(
    places.map((i) => [bits.bit(i), i]),
    new Unsigned(op.constant(0n, op.unsignedType(width))),
  );
}

/** The sum of many, added in pairs: one bit more each time their number is halved. */
export function sum(terms: readonly Unsigned[]): Unsigned;
export function sum(terms: readonly Signed[]): Signed;
export function sum(terms: readonly Signal[]): Signal {
  if (terms.length === 0) throw new HardwareError("sum is given no terms; it needs one at least");
  return signalOf(sumOf(terms.map(({ node }) => node)));
}

function sumOf(terms: readonly Node[]): Node {
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return only;
  const half = Math.ceil(terms.length / 2);
  return op.add(sumOf(terms.slice(0, half)), sumOf(terms.slice(half)));
}
