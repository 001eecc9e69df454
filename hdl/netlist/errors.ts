import { HardwareError } from "../builder/errors.ts";

/** A netlist that is damaged, or has what this reader does not know: what, and in which module and cell. */
export class NetlistError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NetlistError";
  }
}

/** Does something with a part of a netlist; what the hardware builder refuses is then a mistake in that part. */
export function located<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof HardwareError ? new NetlistError(`${what}: ${error.message}`) : error;
  }
}
