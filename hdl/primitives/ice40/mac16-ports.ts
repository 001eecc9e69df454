import { bit, unsigned } from "../../builder/index.ts";

/** Inputs of SB_MAC16 but its clock, in the vendor's order. */
export const MAC16_INPUTS = {
  CE: bit,
  C: unsigned(16),
  A: unsigned(16),
  B: unsigned(16),
  D: unsigned(16),
  AHOLD: bit,
  BHOLD: bit,
  CHOLD: bit,
  DHOLD: bit,
  IRSTTOP: bit,
  IRSTBOT: bit,
  ORSTTOP: bit,
  ORSTBOT: bit,
  OLOADTOP: bit,
  OLOADBOT: bit,
  ADDSUBTOP: bit,
  ADDSUBBOT: bit,
  OHOLDTOP: bit,
  OHOLDBOT: bit,
  CI: bit,
  ACCUMCI: bit,
  SIGNEXTIN: bit,
};

export const MAC16_OUTPUTS = { O: unsigned(32), CO: bit, ACCUMCO: bit, SIGNEXTOUT: bit };

/**
 * What the inputs get that an instance does not use: enabled; nothing is held, reset, loaded or subtracted.
 * `instance("product", mac16(...), { ...MAC16_IDLE, A: a, B: b })`
 */
export const MAC16_IDLE = {
  CE: 1,
  C: 0,
  A: 0,
  B: 0,
  D: 0,
  AHOLD: 0,
  BHOLD: 0,
  CHOLD: 0,
  DHOLD: 0,
  IRSTTOP: 0,
  IRSTBOT: 0,
  ORSTTOP: 0,
  ORSTBOT: 0,
  OLOADTOP: 0,
  OLOADBOT: 0,
  ADDSUBTOP: 0,
  ADDSUBBOT: 0,
  OHOLDTOP: 0,
  OHOLDBOT: 0,
  CI: 0,
  ACCUMCI: 0,
  SIGNEXTIN: 0,
} as const;
