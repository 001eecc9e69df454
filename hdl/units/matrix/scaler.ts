import {
  concat,
  delayed,
  instance,
  module,
  register,
  type Signed,
  signed,
  type Unsigned,
  unsigned,
} from "../../builder/index.ts";
import { MAC16_IDLE, mac16 } from "../../primitives/ice40/index.ts";
import type { MatrixSizes } from "./parameters.ts";

/** Cycles from a sum of a group to the row's sum with it. */
export const SCALE_CYCLES = 2;

/** Cycles from a sum of a group to the cycle in which the row's sum so far has to be there. */
export const addendCycles = (sizes: ScalerSizes): number => (usesMac16(sizes) ? 1 : 2);

type ScalerSizes = Pick<
  MatrixSizes,
  "multiplier" | "banks" | "accumulatorBits" | "dotBits" | "sumDistance" | "latencyCycles"
>;

/** SB_MAC16 multiply and add 32 bits, and need the row's sum a cycle earlier. */
export const usesMac16 = ({
  multiplier,
  banks,
  accumulatorBits,
  dotBits,
  sumDistance,
}: ScalerSizes): boolean =>
  multiplier === "mac16" && banks === 1 && accumulatorBits <= 32 && dotBits <= 32 && sumDistance >= 3;

/**
 * The sum of a row: what it was so far plus mantissa · 2^shift times the sum of a group, two cycles later. A scale byte has
 * the mantissa in its low 5 bits, the shift in its high 3. The sum so far comes `addendCycles` after the group's.
 */
export function scaler(sizes: ScalerSizes) {
  const { accumulatorBits, dotBits } = sizes;
  return module(
    "scaler",
    {
      description: `Adds scaled sums of groups to sums of ${accumulatorBits} bits.`,
      inputs: { dot: signed(dotBits), scale: unsigned(8), addend: signed(accumulatorBits) },
      outputs: { sum: signed(accumulatorBits) },
    },
    ({ dot, scale, addend, sum }) => {
      const made = usesMac16(sizes) ? inDspBlocks(dot, scale, addend) : inLogic(dot, scale, addend);
      // Nothing is lost: accumulators are as wide as the largest sum of a matrix.
      sum.set(made.truncate(accumulatorBits));
    },
  );
}

function inLogic(dot: Signed, scale: Unsigned, addend: Signed): Signed {
  const finished = register("finished", signed(dot.width), { next: dot });
  const factor = delayed("scale_of_finished", scale);
  const product = register("product", signed(dot.width + 6), {
    next: finished.mul(factor.bits(4, 0).toSigned()),
  });
  const shift = delayed("shift", factor.bits(7, 5));
  return addend.add(product.shl(shift)).extend(addend.width + dot.width + 14);
}

/** The low 16 bits of the group's sum times the scale, and what is above; each in a block. */
function inDspBlocks(dot: Signed, scale: Unsigned, addend: Signed): Signed {
  const wide = dot.extend(Math.max(17, dot.width)).asUnsigned();
  const factor = scale.bits(4, 0).shl(scale.bits(7, 5)).extend(16);
  const before = addend.extend(32).asUnsigned();
  const { O: low } = instance("mac_low", cell(false), {
    ...MAC16_IDLE,
    A: wide.bits(15, 0),
    B: factor,
    C: before.bits(31, 16),
    D: before.bits(15, 0),
  });
  const { O: high } = instance("mac_high", cell(true), {
    ...MAC16_IDLE,
    A: wide
      .bits(wide.width - 1, 16)
      .asSigned()
      .extend(16)
      .asUnsigned(),
    B: factor,
  });
  return concat(low.bits(31, 16).addWrap(high.bits(15, 0)), low.bits(15, 0)).asSigned();
}

const HALF = { output: "accumulator", lower: "product16x16", upper: "input" } as const;

/** Registers before the multiplier and behind the adder. */
const cell = (signedDot: boolean) =>
  mac16({
    a: { signed: signedDot, registered: true },
    b: { signed: signedDot, registered: true },
    top: { ...HALF, carry: "accumulator" },
    bottom: HALF,
  });
