import type { Node, NumberType, Shift } from "../../builder/graph.ts";
import * as op from "../../builder/operators.ts";
import { LIMB_BITS, limbsOf, ofLimbs } from "./limbs.ts";
import type { Bits, Wide } from "./wide.ts";

/** Bits of an amount that shift within a limb; those above move whole limbs. */
const INNER = Math.log2(LIMB_BITS);

export function shift(node: Shift, value: Wide, amount: Wide, bits: Bits): Wide {
  const { kind, type } = node;
  if (node.amount.kind === "constant") {
    const places = Number(node.amount.value);
    return kind === "shift-left" ? movedUp(value, places, type, bits) : movedDown(value, places, type, bits);
  }
  return kind === "shift-left"
    ? shiftedUp(value, amount, type, bits)
    : shiftedDown(value, amount, type, bits);
}

function movedUp(value: Wide, places: number, type: NumberType, bits: Bits): Wide {
  if (places === 0) return bits.convert(value, type);
  return bits.build(type, (low, width) => {
    const zeros = Math.min(width, Math.max(0, places - low));
    if (zeros === width) return bits.constant(0n, op.unsignedType(width));
    const upper = bits.at(value, low + zeros - places, width - zeros);
    return zeros === 0 ? upper : bits.make(op.concat([upper, bits.constant(0n, op.unsignedType(zeros))]));
  });
}

const movedDown = (value: Wide, places: number, type: NumberType, bits: Bits): Wide =>
  bits.build(type, (low, width) => bits.at(value, places + low, width));

function shiftedUp(value: Wide, amount: Wide, type: NumberType, bits: Bits): Wide {
  const { make } = bits;
  const zero = bits.constant(0n, op.unsignedType(LIMB_BITS));
  const limbs = moved(
    limbsOf(value, type.width, bits),
    amount,
    bits,
    (all, i, by) => all[i - by] ?? zero,
    zero,
  );
  const places = innerBits(amount, bits);
  const shifted = limbs.map((limb) => make(op.shiftLeft(limb, places)));
  const result = shifted.map((limb, i) => {
    const here = make(op.convert(limb, op.unsignedType(LIMB_BITS)));
    const below = shifted[i - 1];
    if (below === undefined) return here;
    const spill = bits.at({ type: below.type, parts: [below] }, LIMB_BITS, LIMB_BITS);
    return make(op.bitwise("or", here, spill));
  });
  return ofLimbs(result, type, bits);
}

function shiftedDown(value: Wide, amount: Wide, type: NumberType, bits: Bits): Wide {
  const { make } = bits;
  const { signed, width } = value.type;
  const fill = bits.fill(value, LIMB_BITS);
  const limbs = moved(limbsOf(value, width, bits), amount, bits, (all, i, by) => all[i + by] ?? fill, fill);
  const places = innerBits(amount, bits);
  const result = limbs.map((limb, i) => {
    const both = make(op.concat([limbs[i + 1] ?? fill, limb]));
    return make(op.convert(make(op.shiftRight(both, places)), op.unsignedType(LIMB_BITS)));
  });
  return bits.convert(ofLimbs(result, { width: limbs.length * LIMB_BITS, signed }, bits), type);
}

const innerBits = (amount: Wide, bits: Bits): Node => bits.at(amount, 0, Math.min(INNER, amount.type.width));

/**
 * Limbs moved by as many places as the amount counts whole limbs.
 * @param from the limb that comes to place i when all move by so many
 * @param outside what comes from beyond the number
 */
function moved(
  limbs: readonly Node[],
  amount: Wide,
  bits: Bits,
  from: (limbs: readonly Node[], i: number, by: number) => Node,
  outside: Node,
): readonly Node[] {
  const { make } = bits;
  const { width } = amount.type;
  const enough = INNER + Math.ceil(Math.log2(limbs.length));
  let now = limbs;
  if (width > enough) {
    const high: Node[] = [];
    for (let low = enough; low < width; low += LIMB_BITS)
      high.push(bits.at(amount, low, Math.min(LIMB_BITS, width - low)));
    const beyond = bits.any(high);
    now = now.map((limb) => make(op.mux(beyond, outside, limb)));
  }
  // The longest way first: where only a few limbs are wanted in the end, this takes the fewest multiplexers.
  for (let bit = Math.min(enough, width) - 1; bit >= INNER; bit--) {
    const condition = bits.at(amount, bit, 1);
    const before = now;
    now = before.map((limb, i) => make(op.mux(condition, from(before, i, 2 ** (bit - INNER)), limb)));
  }
  return now;
}
