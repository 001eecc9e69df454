import { NetlistError } from "./errors.ts";
import type { Bit, Bits, NetlistCell } from "./json.ts";
import { CellParameters } from "./parameters.ts";

/** A cell of a netlist. */
export class Cell {
  readonly name: string;
  readonly type: string;
  readonly parameters: CellParameters;
  /** For errors. */
  readonly where: string;
  private readonly cell: NetlistCell;

  constructor(name: string, cell: NetlistCell, module: string) {
    this.name = name;
    this.type = cell.type;
    this.cell = cell;
    this.where = `${module}: cell ${name} (${cell.type})`;
    this.parameters = new CellParameters(cell.parameters, this.where);
  }

  /** What is connected to a port; it may have no bits. */
  bits(port: string): Bits {
    const { connections } = this.cell;
    const bits = Object.hasOwn(connections, port) ? connections[port] : undefined;
    if (bits === undefined) throw new NetlistError(`${this.where} has no connection for its port ${port}`);
    return bits;
  }

  /** Null: nothing. */
  optional(port: string): Bits | null {
    const { connections } = this.cell;
    return Object.hasOwn(connections, port) && connections[port]?.length ? this.bits(port) : null;
  }

  /** A port of one bit; what is not connected is `open`, or an error without it. */
  bit(port: string, open?: Bit): Bit {
    const bits = this.optional(port);
    const [only] = bits ?? (open === undefined ? this.bits(port) : [open]);
    if (only === undefined || (bits ?? [only]).length !== 1)
      throw new NetlistError(`${this.where}: port ${port} has ${bits?.length} bits, and should have one`);
    return only;
  }

  /** Ports that the cell drives, or that it follows. */
  ports(direction: "input" | "output" | "inout"): string[] {
    return Object.entries(this.cell.port_directions)
      .filter(([, is]) => is === direction)
      .map(([name]) => name);
  }
}
