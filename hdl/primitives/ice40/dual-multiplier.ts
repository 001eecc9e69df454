import { concat, instance, type Literal, type Signed, type Unsigned } from "../../builder/index.ts";
import { type Mac16Half, type Mac16Options, mac16 } from "./mac16.ts";
import { MAC16_IDLE } from "./mac16-ports.ts";
import { type MultiplierOptions, operand } from "./multiplier.ts";

/** Two numbers that go through one SB_MAC16 side by side: the first in its upper half, the second in its lower half. */
export type Pair<T = Signed> = readonly [T, T];

/**
 * Two products of signed numbers of at most 8 bits in one SB_MAC16, 16 bits each, 2 cycles after their operands.
 */
export function dualMultiplier8(
  name: string,
  a: Pair,
  b: Pair,
  { enable = 1 }: MultiplierOptions = {},
): Pair {
  const { O } = instance(name, cell({ output: "product8x8" }), {
    ...MAC16_IDLE,
    CE: enable,
    A: bytes(name, a),
    B: bytes(name, b),
  });
  return halves(O);
}

export interface DualMultiplyAddOptions extends MultiplierOptions {
  /** A register for the sums that come in, too; true if not given. Without it their way is a whole adder longer. */
  readonly registerSums?: boolean;
}

/**
 * Two products of signed numbers of at most 8 bits, each added to a 16-bit sum, in one SB_MAC16: a link of two chains. The
 * new sums come 3 cycles after the numbers and 2 after the sums (without `registerSums` 1). They wrap around: 8 by 8 bits
 * fill 16 bits with a single product; 8 by 4 bits leave room for 16 of them.
 */
export function dualMultiplyAdd8(
  name: string,
  a: Pair,
  b: Pair,
  sums: Pair,
  { enable = 1, registerSums = true }: DualMultiplyAddOptions = {},
): Pair {
  const half: Mac16Half = { output: "accumulator", lower: "product8x8", upper: "input" };
  const registered = { registered: registerSums };
  const { O } = instance(name, cell(half, { c: registered, d: registered }), {
    ...MAC16_IDLE,
    CE: enable,
    A: bytes(name, a),
    B: bytes(name, b),
    C: operand(`dual multiplier ${name}`, sums[0], 16),
    D: operand(`dual multiplier ${name}`, sums[1], 16),
  });
  return halves(O);
}

export interface DualAccumulatorOptions extends MultiplierOptions {
  /** Where it is 1 the sums become 0, and the products that stand behind the multipliers are dropped. */
  readonly clear: Unsigned | Literal;
}

/**
 * Two sums of products of signed numbers of at most 8 bits, accumulated in one SB_MAC16: each product is in its sum 3 cycles
 * after its operands. The sums have 16 bits and wrap around, see `dualMultiplyAdd8`.
 */
export function dualAccumulator8(
  name: string,
  a: Pair,
  b: Pair,
  { enable = 1, clear }: DualAccumulatorOptions,
): Pair {
  const half: Mac16Half = { output: "accumulator", lower: "product8x8", upper: "accumulator" };
  const { O } = instance(name, cell(half), {
    ...MAC16_IDLE,
    CE: enable,
    A: bytes(name, a),
    B: bytes(name, b),
    // Loads C and D, which are 0.
    OLOADTOP: clear,
    OLOADBOT: clear,
  });
  return halves(O);
}

/** Both halves alike, with registers in front of the multipliers and behind them. */
const cell = (half: Mac16Half, more: Mac16Options = {}) =>
  mac16({
    mode: "8x8",
    a: { signed: true, registered: true },
    b: { signed: true, registered: true },
    pipeline: { top8x8: true, bottom8x8: true },
    top: half,
    bottom: half,
    ...more,
  });

const bytes = (name: string, [high, low]: Pair): Unsigned =>
  concat(operand(`dual multiplier ${name}`, high, 8), operand(`dual multiplier ${name}`, low, 8));

const halves = (word: Unsigned): Pair => [word.bits(31, 16).asSigned(), word.bits(15, 0).asSigned()];
