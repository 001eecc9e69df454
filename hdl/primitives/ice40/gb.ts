import { bit, type Cell, instance, module, primitive, type Unsigned } from "../../builder/index.ts";

const INPUTS = { USER_SIGNAL_TO_GLOBAL_BUFFER: bit };
const OUTPUTS = { GLOBAL_BUFFER_OUTPUT: bit };

/** SB_GB: puts a signal on one of the part's eight global networks. Clocks come there without it. */
export const sbGb: Cell<typeof INPUTS, typeof OUTPUTS> = primitive(
  "SB_GB",
  {},
  module("SB_GB", { inputs: INPUTS, outputs: OUTPUTS }, (io) => {
    io.GLOBAL_BUFFER_OUTPUT.set(io.USER_SIGNAL_TO_GLOBAL_BUFFER);
  }),
);

/** The signal by a global network: for enables and resets with hundreds of users. */
export const globalBuffer = (name: string, value: Unsigned): Unsigned =>
  instance(name, sbGb, { USER_SIGNAL_TO_GLOBAL_BUFFER: value }).GLOBAL_BUFFER_OUTPUT;
