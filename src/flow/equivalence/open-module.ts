import { NetlistError } from "../../../hdl/netlist/errors.ts";
import type { Bit, Bits, NetlistCell, NetlistModule } from "../../../hdl/netlist/json.ts";
import { isBox } from "./boxes.ts";

/** A module of logic and flip-flops that is given ports of its own, where blocks and registers were cut out. */
export class OpenModule {
  private readonly module: NetlistModule;
  private readonly cells: Record<string, NetlistCell>;
  private readonly ports: NetlistModule["ports"] = {};
  private readonly initial: NetlistModule["netnames"] = {};
  private readonly driven = new Set<Bit>(["0", "1"]);
  private next = 2;

  /** Without the module's ports and blocks; what they drove is driven still, so that ports can be made for it. */
  constructor(module: NetlistModule) {
    this.module = module;
    this.cells = Object.fromEntries(
      Object.entries(module.cells).filter(([, cell]) => !isBox(cell) && cell.type !== "$scopeinfo"),
    );
    const see = (bits: Bits, drives: boolean): void => {
      for (const bit of bits) {
        if (typeof bit !== "number") continue;
        this.next = Math.max(this.next, bit + 1);
        if (drives) this.driven.add(bit);
      }
    };
    for (const { bits } of Object.values(module.netnames)) see(bits, false);
    for (const { direction, bits } of Object.values(module.ports)) see(bits, direction === "input");
    for (const [name, { connections, port_directions }] of Object.entries(module.cells))
      for (const [port, bits] of Object.entries(connections)) {
        const direction = port_directions[port];
        if (direction === undefined) throw new NetlistError(`port ${port} of cell ${name} has no direction`);
        see(bits, direction === "output");
      }
  }

  /** Whether nothing gives a bit its value. */
  isOpen(bit: Bit): boolean {
    return !this.driven.has(bit);
  }

  /** Drives these bits; what is no net is left out. */
  input(name: string, bits: Bits): void {
    const nets = bits.map((bit) => (typeof bit === "number" ? bit : this.net()));
    this.ports[name] = { direction: "input", bits: nets };
  }

  /** Bits may be those of inputs; each is given a net of its own, as Yosys' `read_json` does not join two ports. */
  output(name: string, bits: Bits): void {
    const nets = bits.map((bit) => this.cell("$_BUF_", { A: bit }));
    this.ports[name] = { direction: "output", bits: nets };
  }

  and(a: Bit, b: Bit): Bit {
    return this.cell("$_AND_", { A: a, B: b });
  }

  /** The first bit, and not the second one. */
  andNot(a: Bit, b: Bit): Bit {
    return this.cell("$_ANDNOT_", { A: a, B: b });
  }

  /** One of Yosys' gates with an output Y. */
  private cell(type: string, inputs: Readonly<Record<string, Bit>>): Bit {
    const result = this.net();
    this.driven.add(result);
    const pins = Object.entries(inputs);
    this.cells[`open$gate$${result}`] = {
      type,
      parameters: {},
      port_directions: { ...Object.fromEntries(pins.map(([pin]) => [pin, "input" as const])), Y: "output" },
      connections: { ...Object.fromEntries(pins.map(([pin, bit]) => [pin, [bit]])), Y: [result] },
    };
    return result;
  }

  /** Says what a flip-flop holds at power-up. */
  beginsWith(bit: number, value: "0" | "1"): void {
    this.initial[`open$initial$${bit}`] = { hide_name: 1, bits: [bit], attributes: { init: value } };
  }

  /** Gives every bit that is used and has no value another one. */
  closeBy(value: (bit: Bit) => Bit): void {
    const closed = (bits: Bits): Bit[] => bits.map((bit) => (this.isOpen(bit) ? value(bit) : bit));
    for (const [name, cell] of Object.entries(this.cells)) {
      const connections = Object.entries(cell.connections).map(([port, bits]) => [
        port,
        cell.port_directions[port] === "input" ? closed(bits) : bits,
      ]);
      this.cells[name] = { ...cell, connections: Object.fromEntries(connections) };
    }
    for (const port of Object.values(this.ports))
      if (port.direction === "output") port.bits = closed(port.bits);
  }

  /** A net that nothing drives yet. */
  net(): number {
    return this.next++;
  }

  build(): NetlistModule {
    const { module, ports, cells, initial } = this;
    // A net that had a port's name is not what the port is now; it may say what a flip-flop begins with.
    const netnames = Object.entries(module.netnames).map(([name, net]) => [
      Object.hasOwn(ports, name) ? `inner.${name}` : name,
      net,
    ]);
    return { ...module, ports, cells, netnames: { ...Object.fromEntries(netnames), ...initial } };
  }
}
