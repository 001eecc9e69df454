import { HardwareError } from "./errors.ts";
import * as op from "./operators.ts";
import { mapNodes, type Value } from "./shape.ts";
import type { Unsigned } from "./signal.ts";

/** `then` where the condition is 1, `otherwise` elsewhere; numbers, structs or arrays of one shape. */
export function mux<V extends Value>(condition: Unsigned, then: V, otherwise: V): V {
  return mapNodes([then, otherwise], "mux", ([a, b]) => op.mux(condition.node, a!, b!));
}

/** The case that `index` counts; the last one for every index beyond. */
export function select<V extends Value>(index: Unsigned, cases: readonly V[]): V {
  const [first, ...others] = cases;
  if (first === undefined) throw new HardwareError("select is given no cases; it needs one at least");
  return mapNodes([first, ...others], "select", (nodes) => op.select(index.node, nodes));
}

/** The value of the first condition that is 1; `otherwise` if none is. */
export function priority<V extends Value>(
  cases: readonly (readonly [condition: Unsigned, value: V])[],
  otherwise: V,
): V {
  return cases.reduceRight((rest, [condition, value]) => mux(condition, value, rest), otherwise);
}

/**
 * The value whose condition is 1, where never two of them are; zero if none is. Smaller and faster than `priority`:
 * values are masked and put together by OR.
 */
export function oneHot<V extends Value>(cases: readonly (readonly [condition: Unsigned, value: V])[]): V {
  const [first, ...others] = cases;
  if (first === undefined) throw new HardwareError("oneHot is given no cases; it needs one at least");
  for (const [condition] of cases) op.demandBit("oneHot", condition.node);
  const values: [V, ...V[]] = [first[1], ...others.map(([, value]) => value)];
  return mapNodes(values, "oneHot", (nodes) =>
    nodes
      .map((node, i) => op.mux(cases[i]![0].node, node, op.constant(0n, node.type)))
      .reduce((all, one) => op.bitwise("or", all, one)),
  );
}

/** The lowest bit that is 1, as a number; 0 if none is. */
export function firstOne(bits: Unsigned): Unsigned {
  const width = Math.max(1, Math.ceil(Math.log2(bits.width)));
  const numbers = Array.from({ length: bits.width }, (_, i) => i);
  const chosen = numbers.reduceRight(
    (rest, i) => op.mux(bits.bit(i).node, op.constant(BigInt(i), op.unsignedType(width)), rest),
    op.constant(0n, op.unsignedType(width)) as ReturnType<typeof op.mux>,
  );
  return mapNodes([bits], "firstOne", () => chosen);
}
