/** PIN_TYPE[1:0], called as in the vendor's library (ICE Technology Library, SB_IO). */
const INPUT_TYPES = {
  /** D_IN_0 taken at the rising edge, D_IN_1 at the falling one (which the library also calls PIN_INPUT_DDR). */
  PIN_INPUT_REGISTERED: 0b00,
  PIN_INPUT: 0b01,
  PIN_INPUT_REGISTERED_LATCH: 0b10,
  PIN_INPUT_LATCH: 0b11,
} as const;

/** PIN_TYPE[5:2]. */
const OUTPUT_TYPES = {
  PIN_NO_OUTPUT: 0b0000,
  PIN_OUTPUT: 0b0110,
  PIN_OUTPUT_TRISTATE: 0b1010,
  PIN_OUTPUT_ENABLE_REGISTERED: 0b1110,
  /** D_OUT_0 while the clock is high, D_OUT_1 while it is low. */
  PIN_OUTPUT_DDR: 0b0100,
  PIN_OUTPUT_DDR_ENABLE: 0b1000,
  PIN_OUTPUT_DDR_ENABLE_REGISTERED: 0b1100,
  PIN_OUTPUT_REGISTERED: 0b0101,
  PIN_OUTPUT_REGISTERED_ENABLE: 0b1001,
  PIN_OUTPUT_REGISTERED_ENABLE_REGISTERED: 0b1101,
  PIN_OUTPUT_REGISTERED_INVERTED: 0b0111,
  PIN_OUTPUT_REGISTERED_INVERTED_ENABLE: 0b1011,
  PIN_OUTPUT_REGISTERED_INVERTED_ENABLE_REGISTERED: 0b1111,
} as const;

export type InputType = keyof typeof INPUT_TYPES;
export type OutputType = keyof typeof OUTPUT_TYPES;

/** The six bits of PIN_TYPE. */
export const pinType = (input: InputType, output: OutputType): number =>
  OUTPUT_TYPES[output] * 4 + INPUT_TYPES[input];

/** What the bits of PIN_TYPE say. */
export interface PinTypeMeaning {
  readonly input: "registered" | "direct";
  /** D_IN_0 stands still while LATCH_INPUT_VALUE is 1. */
  readonly latched: boolean;
  readonly output: "direct" | "registered" | "registered-inverted" | "ddr";
  readonly enable: "never" | "always" | "direct" | "registered";
}

export function meaningOf(type: number): PinTypeMeaning {
  return {
    input: (type & 1) === 0 ? "registered" : "direct",
    latched: (type & 2) !== 0,
    output: (["ddr", "registered", "direct", "registered-inverted"] as const)[(type >> 2) & 3]!,
    enable: (["never", "always", "direct", "registered"] as const)[(type >> 4) & 3]!,
  };
}
