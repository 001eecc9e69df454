import { bit, instance, module, mux, register, signed } from "../../builder/index.ts";
import { MAC16_IDLE, mac16 } from "../../primitives/ice40/index.ts";
import type { MultiplierKind } from "./parameters.ts";

/**
 * addend + a · b or addend − a · b, modulo 2^32: 2 cycles after a and b, 1 after the addend, `subtract` and
 * `holds`, which keeps the sum before.
 */
export function multiplyAdd(kind: MultiplierKind) {
  return module(
    "multiply_add",
    {
      description: `A product and a sum, ${kind === "mac16" ? "in an SB_MAC16" : "in logic"}.`,
      inputs: { a: signed(16), b: signed(16), addend: signed(32), subtract: bit, holds: bit },
      outputs: { sum: signed(32) },
    },
    ({ a, b, addend, subtract, holds, sum }) => {
      if (kind === "mac16") {
        const { O } = instance("mac", CELL, {
          ...MAC16_IDLE,
          A: a.asUnsigned(),
          B: b.asUnsigned(),
          C: addend.bits(31, 16),
          D: addend.bits(15, 0),
          ADDSUBTOP: subtract,
          ADDSUBBOT: subtract,
          OHOLDTOP: holds,
          OHOLDBOT: holds,
        });
        sum.set(O.asSigned());
        return;
      }
      const product = register("a_taken", signed(16), { next: a }).mul(
        register("b_taken", signed(16), { next: b }),
      );
      const added = mux(subtract, addend.subWrap(product), addend.addWrap(product));
      sum.set(register("sum_made", signed(32), { enable: holds.not(), next: added }));
    },
  );
}

const HALF = { output: "accumulator", lower: "product16x16", upper: "input" } as const;

/** Registers before the multiplier and behind the adder. */
const CELL = mac16({
  a: { signed: true, registered: true },
  b: { signed: true, registered: true },
  top: { ...HALF, carry: "accumulator" },
  bottom: HALF,
});
