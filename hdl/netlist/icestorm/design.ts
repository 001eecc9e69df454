import { NetlistError } from "../errors.ts";
import type { Bit, NetlistCell, NetlistValue } from "../json.ts";
import type { Chip } from "./chip.ts";
import type { Configuration } from "./configuration.ts";

/** A net of the chip as a netlist counts it. */
export const netBit = (net: number): number => net + 2;

/** Cells that have been found, as nextpnr would write them, and the nets that they drive. */
export class Design {
  readonly chip: Chip;
  readonly configuration: Configuration;
  readonly cells: Record<string, NetlistCell> = {};
  private readonly driven = new Map<number, string>();
  private readonly later: (() => void)[] = [];

  constructor(chip: Chip, configuration: Configuration) {
    this.chip = chip;
    this.configuration = configuration;
  }

  /** Says that a cell drives a net; its bit for the netlist. @throws NetlistError where another one does already */
  drives(net: number | null, cell: string): Bit[] {
    if (net === null) return [];
    const other = this.driven.get(net);
    if (other !== undefined && other !== cell)
      throw new NetlistError(`${cell} and ${other} drive the same net`);
    this.driven.set(net, cell);
    return [netBit(net)];
  }

  /** What drives a net; no bits where nothing does. To be asked for when all drivers are known. */
  bits(net: number | null): Bit[] {
    return net !== null && this.driven.has(net) ? [netBit(net)] : [];
  }

  /** The net of this name as the input of a cell. */
  input(place: string, name: string): Bit[] {
    return this.bits(this.chip.nets.at(place, name));
  }

  /** Adds a cell when all drivers are known. */
  add(
    name: string,
    cell: () => Pick<NetlistCell, "type" | "parameters" | "connections">,
    outputs: readonly string[],
  ): void {
    this.later.push(() => {
      const made = cell();
      const directionOf = (port: string): "input" | "output" | "inout" =>
        port === "PACKAGE_PIN" ? "inout" : outputs.includes(port) ? "output" : "input";
      const directions = Object.keys(made.connections).map((port) => [port, directionOf(port)]);
      this.cells[name] = { ...made, port_directions: Object.fromEntries(directions) };
    });
  }

  finish(): Readonly<Record<string, NetlistCell>> {
    for (const make of this.later) make();
    return this.cells;
  }
}

export const flag = (set: boolean): NetlistValue => (set ? "1" : "0");
