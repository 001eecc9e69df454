import type { Node, NumberType } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { wrap } from "../../builder/type.ts";
import { PART_BITS } from "../flat.ts";
import type { Make } from "../optimise/nodes.ts";

/** A number of any width: its parts, the low one first; all are unsigned but the last one, which has the number's sign. */
export interface Wide {
  readonly type: NumberType;
  readonly parts: readonly Node[];
}

/** The types of a number's parts; a number of one part has its own type. */
export function partTypes({ width, signed }: NumberType): readonly NumberType[] {
  const count = Math.ceil(width / PART_BITS);
  return Array.from({ length: count }, (_, i) =>
    i < count - 1 ? op.unsignedType(PART_BITS) : { width: width - i * PART_BITS, signed },
  );
}

/** A number's parts as numbers. */
export const splitValue = (value: bigint, type: NumberType): readonly bigint[] =>
  partTypes(type).map((part, i) => wrap(value >> BigInt(i * PART_BITS), part));

/** Takes numbers apart and puts them together; each node that it makes is simplified and shared. */
export class Bits {
  readonly make: Make;

  constructor(make: Make) {
    this.make = make;
  }

  constant(value: bigint, type: NumberType): Node {
    return this.make(op.constant(value, type));
  }

  /** `width` bits from `low` on, at most one part's, unsigned; above the number there are zeros, or copies of its sign. */
  at({ type, parts }: Wide, low: number, width: number): Node {
    const pieces: Node[] = [];
    const end = low + width;
    for (let position = low; position < end; ) {
      const part = position < type.width ? parts[Math.floor(position / PART_BITS)] : undefined;
      if (part === undefined) {
        pieces.unshift(this.fill({ type, parts }, end - position));
        break;
      }
      const from = position % PART_BITS;
      const count = Math.min(part.type.width - from, end - position);
      pieces.unshift(this.make(op.slice(part, from + count - 1, from)));
      position += count;
    }
    return this.make(op.concat(pieces));
  }

  /** What stands above a number, as unsigned bits. */
  fill({ type, parts }: Wide, width: number): Node {
    const top = parts.at(-1);
    if (!type.signed || top === undefined) return this.constant(0n, op.unsignedType(width));
    const sign = this.make(op.slice(top, top.type.width - 1, top.type.width - 1));
    const spread = this.make(op.convert(sign, { width: 1, signed: true }));
    return this.make(op.convert(spread, op.unsignedType(width)));
  }

  /** A number of this type out of its bits. */
  build(type: NumberType, at: (low: number, width: number) => Node): Wide {
    const parts = partTypes(type).map((part, i) =>
      this.make(op.convert(at(i * PART_BITS, part.width), part)),
    );
    return { type, parts };
  }

  /** The integer modulo 2^width. */
  convert(value: Wide, type: NumberType): Wide {
    return this.build(type, (low, width) => this.at(value, low, width));
  }

  /** Numbers side by side, the first one in the lowest places. */
  join(values: readonly Wide[], type: NumberType): Wide {
    const pieces: Node[][] = partTypes(type).map(() => []);
    let position = 0;
    for (const value of values)
      for (let low = 0; low < value.type.width; ) {
        const count = Math.min(value.type.width - low, PART_BITS - (position % PART_BITS));
        pieces[Math.floor(position / PART_BITS)]?.unshift(this.at(value, low, count));
        low += count;
        position += count;
      }
    return this.build(type, (low) => this.make(op.concat(pieces[low / PART_BITS] ?? [])));
  }

  /** An unsigned number in one part: itself, or as many ones as there is room for. */
  clamp(value: Wide): Node {
    const [low, ...others] = value.parts;
    if (low === undefined) throw new Error("a number has no parts");
    if (others.length === 0) return low;
    const beyond = this.any(others);
    const most = this.constant((1n << BigInt(PART_BITS)) - 1n, op.unsignedType(PART_BITS));
    return this.make(op.mux(beyond, most, low));
  }

  any(nodes: readonly Node[]): Node {
    return this.combine(
      "or",
      nodes.map((node) => this.make(op.reduce("any", node))),
    );
  }

  combine(kind: "and" | "or" | "xor", bits: readonly Node[]): Node {
    return bits.reduce((all, one) => this.make(op.bitwise(kind, all, one)));
  }
}
