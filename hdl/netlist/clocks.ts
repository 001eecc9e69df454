import type { DerivedDomain, Domain, Input } from "../builder/graph.ts";
import type { Cell } from "./cell.ts";
import { NetlistError } from "./errors.ts";
import type { Bit } from "./json.ts";
import type { Nets } from "./nets.ts";

/** Where a clock net comes from. */
export type ClockSource =
  | { readonly kind: "port"; readonly port: string; readonly width: number }
  | { readonly kind: "cell"; readonly cell: Cell; readonly port: string };

/** Cells that a clock goes through, with their input, and whether they turn it over. */
const THROUGH: Readonly<Record<string, { readonly input: string; readonly inverts: boolean }>> = {
  SB_GB: { input: "USER_SIGNAL_TO_GLOBAL_BUFFER", inverts: false },
  $_BUF_: { input: "A", inverts: false },
  $buf: { input: "A", inverts: false },
  $_NOT_: { input: "A", inverts: true },
  $not: { input: "A", inverts: true },
};

/** The clock domains of a module, by net and edge. */
export class Clocks {
  readonly derived: DerivedDomain[] = [];
  private readonly domains = new Map<string, Domain>();
  private readonly sources: ReadonlyMap<number, ClockSource>;
  private readonly nets: Nets;
  private readonly where: string;
  private readonly later: (() => void)[] = [];

  constructor(where: string, sources: ReadonlyMap<number, ClockSource>, nets: Nets) {
    this.where = where;
    this.sources = sources;
    this.nets = nets;
  }

  /** Domains whose clock comes in by a port. */
  get incoming(): Domain[] {
    const derived = new Set(this.derived.map(({ domain }) => domain));
    return [...this.domains.values()].filter((domain) => !derived.has(domain));
  }

  /** The domain of registers at this edge of a net. */
  domain(bit: Bit, falling: boolean, user: string): Domain {
    let net = bit;
    let turned = falling;
    for (let steps = 0; typeof net === "number"; steps++) {
      const source = this.sources.get(net);
      if (source === undefined) break;
      if (source.kind === "port") return this.fromPort(net, source, turned);
      const through = Object.hasOwn(THROUGH, source.cell.type) ? THROUGH[source.cell.type] : undefined;
      if (through === undefined) return this.fromCell(net, source, turned, user);
      if (steps > 1000) throw new NetlistError(`${user}: its clock goes round in a circle`);
      this.nets.clock(net, source.cell.where);
      net = source.cell.bit(through.input);
      turned = turned !== through.inverts;
    }
    throw new NetlistError(
      `${user}: its clock is ${typeof net === "number" ? "driven by nothing" : "a constant"}`,
    );
  }

  /** To be called when all instances are made. */
  finish(): void {
    for (const make of this.later) make();
  }

  private fromPort(net: number, { port, width }: ClockSource & { kind: "port" }, falling: boolean): Domain {
    if (width !== 1)
      throw new NetlistError(
        `${this.where}: a bit of port ${port} is a clock; a clock needs a port of its own`,
      );
    this.nets.clock(net, `port ${port}`);
    return this.known(port, port, falling);
  }

  private fromCell(
    net: number,
    { cell, port }: ClockSource & { kind: "cell" },
    falling: boolean,
    user: string,
  ): Domain {
    const name = `${cell.name}.${port}`;
    const fresh = !this.domains.has(keyOf(name, falling));
    const domain = this.known(name, name, falling);
    if (fresh)
      this.later.push(() => {
        const clock = this.nets.bit(net);
        if (clock.kind !== "instance-output")
          throw new NetlistError(
            `${user}: its clock is made by ${cell.where}; a clock comes from a port, or from a cell of the part that makes clocks`,
          );
        this.derived.push({ domain, clock, reset: null });
      });
    return domain;
  }

  private known(name: string, clock: string, falling: boolean): Domain {
    const key = keyOf(name, falling);
    const known = this.domains.get(key);
    if (known !== undefined) return known;
    const made: Domain = {
      name: falling ? `${name}_falling` : name,
      clock,
      // Resets are ordinary inputs of a netlist.
      reset: `${clock}_reset`,
      edge: falling ? "falling" : "rising",
    };
    this.domains.set(key, made);
    return made;
  }
}

const keyOf = (name: string, falling: boolean): string => `${falling ? "-" : "+"}${name}`;

/** Inputs that are no clocks. */
export const valuesOf = (inputs: readonly Input[], clocks: Clocks): Input[] => {
  const ports = new Set(clocks.incoming.map(({ clock }) => clock));
  return inputs.filter(({ name }) => !ports.has(name));
};
