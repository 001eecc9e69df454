import type { Domain, Module, Node, Wire } from "../builder/graph.ts";
import { BIT } from "../builder/operators.ts";
import type { Ports } from "./ports.ts";
import type { Signal, Signals } from "./signals.ts";

/** A module's clocks and resets: ports, or wires of their names where they are made inside. */
export class Clocks {
  private readonly made = new Map<string, Wire>();
  private readonly module: Module;
  private readonly ports: Ports;
  private readonly signals: Signals;
  private readonly signalOf: (node: Node) => Signal;

  /** @param signalOf the signal of one of `wires` */
  constructor(module: Module, ports: Ports, signals: Signals, signalOf: (node: Node) => Signal) {
    this.module = module;
    this.ports = ports;
    this.signals = signals;
    this.signalOf = signalOf;
    const add = (name: string, driver: Node | null): void => {
      if (driver !== null && !this.made.has(name))
        this.made.set(name, { kind: "wire", name, type: BIT, source: module.source, driver });
    };
    for (const { domain, clock, reset } of module.derivedDomains) {
      add(domain.clock, clock);
      add(domain.reset, reset);
    }
  }

  /** What is made inside. */
  get wires(): readonly Wire[] {
    return [...this.made.values()];
  }

  clockOf({ clock }: Domain): Signal {
    const signal = this.find(clock);
    if (signal === null) throw new Error(`${this.module.name} has no clock ${clock}`);
    return signal;
  }

  /** Null where the domain has none. */
  resetOf({ reset }: Domain): Signal | null {
    return this.find(reset);
  }

  /** What a domain's always blocks wait for: `posedge clock`. */
  edgeOf(domain: Domain): string {
    return `${domain.edge === "rising" ? "posedge" : "negedge"} ${this.clockOf(domain).name}`;
  }

  private find(name: string): Signal | null {
    const wire = this.made.get(name);
    const signal = wire === undefined ? this.ports.clocks.get(name) : this.signalOf(wire);
    if (signal !== undefined) this.signals.useAll(signal);
    return signal ?? null;
  }
}
