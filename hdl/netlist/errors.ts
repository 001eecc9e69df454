/** A netlist that is damaged, or has what this reader does not know: what, and in which module and cell. */
export class NetlistError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NetlistError";
  }
}
