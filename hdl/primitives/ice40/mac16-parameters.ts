/** Bits of each parameter of SB_MAC16, in the vendor's order (Lattice TN1295; ICE Technology Library). */
export const MAC16_PARAMETER_BITS = {
  NEG_TRIGGER: 1,
  C_REG: 1,
  A_REG: 1,
  B_REG: 1,
  D_REG: 1,
  TOP_8x8_MULT_REG: 1,
  BOT_8x8_MULT_REG: 1,
  PIPELINE_16x16_MULT_REG1: 1,
  PIPELINE_16x16_MULT_REG2: 1,
  TOPOUTPUT_SELECT: 2,
  TOPADDSUB_LOWERINPUT: 2,
  TOPADDSUB_UPPERINPUT: 1,
  TOPADDSUB_CARRYSELECT: 2,
  BOTOUTPUT_SELECT: 2,
  BOTADDSUB_LOWERINPUT: 2,
  BOTADDSUB_UPPERINPUT: 1,
  BOTADDSUB_CARRYSELECT: 2,
  MODE_8x8: 1,
  A_SIGNED: 1,
  B_SIGNED: 1,
} as const;

type Bits = typeof MAC16_PARAMETER_BITS;

/** The cell's parameters. Those that are left out are 0, as in the vendor's library. */
export type Mac16Parameters = { readonly [K in keyof Bits]?: Bits[K] extends 1 ? 0 | 1 : 0 | 1 | 2 | 3 };
