import { type Cell, HardwareError, primitive } from "../../builder/index.ts";
import { demandRange, literal } from "../cell.ts";
import { mac16Model } from "./mac16-model.ts";
import { MAC16_PARAMETER_BITS, type Mac16Parameters } from "./mac16-parameters.ts";
import type { MAC16_INPUTS, MAC16_OUTPUTS } from "./mac16-ports.ts";

export type Mac16 = Cell<typeof MAC16_INPUTS, typeof MAC16_OUTPUTS>;

/** SB_MAC16, told by the vendor's parameters. */
export function sbMac16(parameters: Mac16Parameters = {}): Mac16 {
  const given = new Map(Object.entries(parameters));
  const literals: Record<string, string> = {};
  for (const [name, width] of Object.entries(MAC16_PARAMETER_BITS)) {
    const value = given.get(name) ?? 0;
    demandRange(`parameter ${name} of SB_MAC16`, value, 0, 2 ** width - 1);
    literals[name] = literal(value, width);
  }
  for (const name of given.keys())
    if (literals[name] === undefined) throw new HardwareError(`SB_MAC16 has no parameter ${name}`);
  return primitive("SB_MAC16", literals, mac16Model(parameters));
}

/** A 16-bit half behind the multipliers: TOP with A and C and the high half of O, BOT with B and D and the low half. */
export interface Mac16Half {
  /**
   * What O shows (OUTPUT_SELECT): the adder at once, the accumulator behind it, the 8x8 product, or this half of the
   * 16x16 product. "adder" if not given.
   */
  readonly output?: "adder" | "accumulator" | "product8x8" | "product16x16";
  /**
   * First operand of the adder (ADDSUB_LOWERINPUT): A or B, the 8x8 product, this half of the 16x16 product, or a sign 16
   * times: for TOP that of BOT's first operand, for BOT SIGNEXTIN. "input" if not given.
   */
  readonly lower?: "input" | "product8x8" | "product16x16" | "sign";
  /** Second operand (ADDSUB_UPPERINPUT): the accumulator, or C or D. "accumulator" if not given. */
  readonly upper?: "accumulator" | "input";
  /**
   * Carry into the adder (ADDSUB_CARRYSELECT): 0, 1, or that of the half below, as it accumulates (for TOP the carry out of
   * BOT, for BOT ACCUMCI) or as it adds and subtracts (the same inverted where BOT subtracts; CI). 0 if not given.
   */
  readonly carry?: 0 | 1 | "accumulator" | "adder";
}

export interface Mac16Options {
  /** All registers take their values at the falling edge (NEG_TRIGGER). */
  readonly negTrigger?: boolean;
  /** "8x8" (MODE_8x8) lets the registers stand still that only a 16x16 product needs. "16x16" if not given. */
  readonly mode?: "16x16" | "8x8";
  /** A_SIGNED, A_REG. */
  readonly a?: { readonly signed?: boolean; readonly registered?: boolean };
  /** B_SIGNED, B_REG. */
  readonly b?: { readonly signed?: boolean; readonly registered?: boolean };
  /** C_REG. */
  readonly c?: { readonly registered?: boolean };
  /** D_REG. */
  readonly d?: { readonly registered?: boolean };
  /** Registers behind the multipliers. */
  readonly pipeline?: {
    /** Of the high bytes' product (TOP_8x8_MULT_REG). */
    readonly top8x8?: boolean;
    /** Of the low bytes' product (BOT_8x8_MULT_REG). */
    readonly bottom8x8?: boolean;
    /** Of the two crosswise products (PIPELINE_16x16_MULT_REG1). */
    readonly cross?: boolean;
    /** Of the 16x16 product (PIPELINE_16x16_MULT_REG2). */
    readonly product16x16?: boolean;
  };
  readonly top?: Mac16Half;
  readonly bottom?: Mac16Half;
}

/**
 * SB_MAC16, the DSP block of iCE40 UltraPlus: 16x16 or two 8x8 products, and a 16-bit adder or accumulator for each half.
 * @throws HardwareError for an 8x8 mode that uses the 16x16 product, whose registers stand still there
 */
export function mac16(options: Mac16Options): Mac16 {
  const { mode = "16x16", a, b, c, d, pipeline, top = {}, bottom = {} } = options;
  const uses16x16 = [top, bottom].some(
    ({ output, lower }) => output === "product16x16" || lower === "product16x16",
  );
  if (mode === "8x8" && uses16x16)
    throw new HardwareError(
      'an SB_MAC16 in mode "8x8" has no 16x16 product: say "product8x8", or mode "16x16"',
    );
  return sbMac16({
    NEG_TRIGGER: flag(options.negTrigger),
    C_REG: flag(c?.registered),
    A_REG: flag(a?.registered),
    B_REG: flag(b?.registered),
    D_REG: flag(d?.registered),
    TOP_8x8_MULT_REG: flag(pipeline?.top8x8),
    BOT_8x8_MULT_REG: flag(pipeline?.bottom8x8),
    PIPELINE_16x16_MULT_REG1: flag(pipeline?.cross),
    PIPELINE_16x16_MULT_REG2: flag(pipeline?.product16x16),
    TOPOUTPUT_SELECT: OUTPUT[top.output ?? "adder"],
    TOPADDSUB_LOWERINPUT: LOWER[top.lower ?? "input"],
    TOPADDSUB_UPPERINPUT: UPPER[top.upper ?? "accumulator"],
    TOPADDSUB_CARRYSELECT: CARRY[top.carry ?? 0],
    BOTOUTPUT_SELECT: OUTPUT[bottom.output ?? "adder"],
    BOTADDSUB_LOWERINPUT: LOWER[bottom.lower ?? "input"],
    BOTADDSUB_UPPERINPUT: UPPER[bottom.upper ?? "accumulator"],
    BOTADDSUB_CARRYSELECT: CARRY[bottom.carry ?? 0],
    MODE_8x8: flag(mode === "8x8"),
    A_SIGNED: flag(a?.signed),
    B_SIGNED: flag(b?.signed),
  });
}

const flag = (on = false): 0 | 1 => (on ? 1 : 0);
const OUTPUT = { adder: 0, accumulator: 1, product8x8: 2, product16x16: 3 } as const;
const LOWER = { input: 0, product8x8: 1, product16x16: 2, sign: 3 } as const;
const UPPER = { accumulator: 0, input: 1 } as const;
const CARRY = { 0: 0, 1: 1, accumulator: 2, adder: 3 } as const;
