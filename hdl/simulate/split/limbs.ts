import type { Node, NumberType } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { isZero } from "../optimise/facts.ts";
import type { Bits, Wide } from "./wide.ts";

/** Sums and products of limbs fit a part, with their carries. */
export const LIMB_BITS = 32;
const LIMB = op.unsignedType(LIMB_BITS);

/** As many limbs, the low one first, as bits of this width need. */
export function limbsOf(value: Wide, width: number, bits: Bits): readonly Node[] {
  const count = Math.ceil(width / LIMB_BITS);
  return Array.from({ length: count }, (_, i) => bits.at(value, i * LIMB_BITS, LIMB_BITS));
}

/** The number that limbs stand for, modulo 2^width. */
export function ofLimbs(limbs: readonly Node[], type: NumberType, bits: Bits): Wide {
  const whole = bits.join(
    limbs.map((limb) => ({ type: limb.type, parts: [limb] })),
    op.unsignedType(limbs.length * LIMB_BITS),
  );
  return bits.convert(whole, type);
}

/** Sum or difference, which is the sum with all bits inverted and a carry to begin with. */
export function sum(kind: "add" | "subtract", left: Wide, right: Wide, type: NumberType, bits: Bits): Wide {
  const { make } = bits;
  const a = limbsOf(left, type.width, bits);
  const b = limbsOf(right, type.width, bits);
  let carry = bits.constant(kind === "add" ? 0n : 1n, op.BIT);
  const limbs = a.map((limb, i) => {
    const other = kind === "add" ? b[i]! : make(op.not(b[i]!));
    const total = make(op.add(make(op.add(limb, other)), carry));
    carry = make(op.slice(total, LIMB_BITS, LIMB_BITS));
    return make(op.convert(total, LIMB));
  });
  return ofLimbs(limbs, type, bits);
}

/** Product: those of all limbs, added in columns, modulo 2^width. */
export function product(left: Wide, right: Wide, type: NumberType, bits: Bits): Wide {
  const { make } = bits;
  const a = limbsOf(left, type.width, bits);
  const b = limbsOf(right, type.width, bits);
  const columns: Node[][] = a.map(() => []);
  for (const [i, x] of a.entries())
    for (const [j, y] of b.slice(0, a.length - i).entries()) {
      if (isZero(x) || isZero(y)) continue;
      const partial = make(op.multiply(x, y));
      columns[i + j]?.push(make(op.convert(partial, LIMB)));
      columns[i + j + 1]?.push(make(op.slice(partial, 2 * LIMB_BITS - 1, LIMB_BITS)));
    }
  const limbs = columns.map((column, i) => {
    const total = sumOf(column, bits);
    if (total.type.width > LIMB_BITS)
      columns[i + 1]?.push(make(op.slice(total, total.type.width - 1, LIMB_BITS)));
    return make(op.convert(total, LIMB));
  });
  return ofLimbs(limbs, type, bits);
}

/** Added in pairs, so that the width grows as little as it can. */
function sumOf(nodes: readonly Node[], bits: Bits): Node {
  const [first, second] = nodes;
  if (first === undefined) return bits.constant(0n, LIMB);
  if (second === undefined) return first;
  const half = Math.ceil(nodes.length / 2);
  return bits.make(op.add(sumOf(nodes.slice(0, half), bits), sumOf(nodes.slice(half), bits)));
}
