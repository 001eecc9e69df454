import { HardwareError } from "./errors.ts";
import type { Node, NumberType } from "./graph.ts";
import * as op from "./operators.ts";
import {
  fieldsOf,
  type NumbersOf,
  nodesOf,
  numbersOf,
  type Shape,
  shapeOf,
  type Value,
  type ValueOf,
  valueFrom,
} from "./shape.ts";
import { Unsigned } from "./signal.ts";
import { checkWidth, wrap } from "./type.ts";

/** A struct's or an array's numbers side by side, the first in the lowest bits. */
export function pack(value: Value): Unsigned {
  return new Unsigned(packNodes(nodesOf(shapeOf(value), value, "pack"))).asUnsigned();
}

/** The struct, array or number of this shape whose `pack` has these bits. */
export function unpack<const S extends Shape>(shape: S, bits: Unsigned): ValueOf<S> {
  const { width } = wordType(shape, "unpack");
  op.demandType("unpack", bits.node, op.unsignedType(width));
  return unpackNode(shape, bits.asUnsigned().node);
}

/** Type of all of a shape's numbers side by side: a number alone keeps its sign, several have none. */
export function wordType(shape: Shape, what: string): NumberType {
  const fields = fieldsOf(shape, "");
  const [only] = fields;
  if (only === undefined) throw new HardwareError(`${what} has no field`);
  if (fields.length === 1) return only.type;
  const width = fields.reduce((sum, { type }) => sum + type.width, 0);
  checkWidth(width, what);
  return op.unsignedType(width);
}

export function packNodes(nodes: readonly Node[]): Node {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : op.concat(nodes.toReversed());
}

export function unpackNode<S extends Shape>(shape: S, word: Node): ValueOf<S> {
  const fields = fieldsOf(shape, "");
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) return valueFrom(shape, [op.convert(word, only.type)]);
  let low = 0;
  return valueFrom(
    shape,
    fields.map(({ type }) => {
      low += type.width;
      return op.convert(op.slice(word, low - 1, low - type.width), type);
    }),
  );
}

/** Words of numbers, as a memory begins with. */
export function packNumbers<S extends Shape>(
  shape: S,
  words: readonly NumbersOf<S>[],
  name: string,
): readonly bigint[] {
  const fields = fieldsOf(shape, "");
  return words.map((word, i) => {
    const numbers = numbersOf(shape, word, `${name}[${i}]`);
    const [only] = numbers;
    if (fields.length === 1 && only !== undefined) return only;
    let packed = 0n;
    let low = 0;
    for (const [j, { type }] of fields.entries()) {
      packed |= wrap(numbers[j]!, op.unsignedType(type.width)) << BigInt(low);
      low += type.width;
    }
    return packed;
  });
}
