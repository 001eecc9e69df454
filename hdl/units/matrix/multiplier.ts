import { array, module, register, type Signed, signed } from "../../builder/index.ts";
import { dualMultiplier8 } from "../../primitives/ice40/index.ts";
import type { MultiplierKind } from "./parameters.ts";

/**
 * Products of int8 pairs, two cycles after their factors: a register before the multiplier and one behind it.
 * @returns 16 bits a product, which hold (−128)²
 */
export function multipliers(lanes: number, kind: MultiplierKind) {
  const pairs = array(lanes, signed(8));
  return module(
    "multipliers",
    {
      description: `${lanes} products of int8 pairs a cycle, ${kind === "mac16" ? "two in each SB_MAC16" : "in logic"}.`,
      inputs: { left: pairs, right: pairs },
      outputs: { products: array(lanes, signed(16)) },
    },
    ({ left, right, products }) => {
      const made = kind === "mac16" ? inDspBlocks(left, right) : inLogic(left, right);
      for (const [lane, product] of made.entries()) products[lane]!.set(product);
    },
  );
}

function inLogic(left: readonly Signed[], right: readonly Signed[]): readonly Signed[] {
  return left.map((factor, lane) => {
    const a = register(`a_${lane}`, signed(8), { next: factor });
    const b = register(`b_${lane}`, signed(8), { next: right[lane]! });
    return register(`product_${lane}`, signed(16), { next: a.mul(b) });
  });
}

/** The SB_MAC16's own registers are used: without them place and route cannot time it. */
function inDspBlocks(left: readonly Signed[], right: readonly Signed[]): readonly Signed[] {
  return left.flatMap((low, lane) => {
    if (lane % 2 === 1) return [];
    const high = lane + 1 < left.length ? lane + 1 : lane;
    const name = `mac_${lane / 2}`;
    const [upper, lower] = dualMultiplier8(name, [left[high]!, low], [right[high]!, right[lane]!]);
    return high === lane ? [lower] : [lower, upper];
  });
}
