import { type Bit, type NetlistModule, parseNetlist, topOf } from "../../hdl/netlist/json.ts";

/**
 * Makes a unit's netlist fit for place and route on its own: a unit has more ports than a part has pins, and a path from a
 * pin says nothing about the unit. Every input comes from a register of a long shift register, every output goes to a
 * register, and these are folded into one pin by XOR trees with a register behind each gate. So the paths from inputs and to outputs
 * are measured too, as between units that register their outputs and inputs, and no logic is added to any of them. The unit's
 * own cells stay as they are. The registers follow the clock with the most users; paths to other clocks are not timed.
 */
export function registerPorts(netlist: string): string {
  const data = parseNetlist(JSON.parse(netlist));
  const { module } = topOf(data);
  new Harness(module).build();
  return JSON.stringify(data);
}

/** Begins the names of all cells that belong to the harness. */
export const HARNESS = "outside_";

/** The four-input XOR. */
const PARITY = "0110100110010110";

class Harness {
  private readonly module: NetlistModule;
  private nextNet: number;
  private readonly clock: number;

  constructor(module: NetlistModule) {
    this.module = module;
    this.nextNet = 2;
    for (const net of netsOf(module)) this.nextNet = Math.max(this.nextNet, net + 1);
    const clocks = clockPorts(module);
    this.clock = clocks[0] ?? this.net();
    if (clocks.length === 0) this.port("clock", "input", this.clock);
  }

  build(): void {
    const { module, clock } = this;
    const ports = Object.entries(module.ports);
    const clocks = new Set<Bit>([clock, ...clockPorts(module)]);
    const inputs = new Set<Bit>();
    const outputs = new Set<Bit>();
    for (const [name, { direction, bits }] of ports) {
      if (direction === "inout" || bits.some((bit) => clocks.has(bit))) continue;
      for (const bit of bits)
        if (typeof bit === "number") (direction === "input" ? inputs : outputs).add(bit);
      delete module.ports[name];
    }
    let last: Bit = this.net();
    this.port("in", "input", last);
    for (const bit of inputs) last = this.register(last, bit);
    if (outputs.size === 0) outputs.add(last);
    let level = [...outputs].map((bit) => this.register(bit));
    while (level.length > 1) {
      const folded: Bit[] = [];
      for (let i = 0; i < level.length; i += 4)
        folded.push(this.register(this.parity(level.slice(i, i + 4))));
      level = folded;
    }
    const [only] = level;
    if (only !== undefined) this.port("out", "output", only);
  }

  private net(): number {
    return this.nextNet++;
  }

  private port(name: string, direction: "input" | "output", bit: Bit): void {
    this.module.ports[`${HARNESS}${name}`] = { direction, bits: [bit] };
    this.named(`${HARNESS}${name}`, bit);
  }

  private named(name: string, bit: Bit): void {
    this.module.netnames[name] = { hide_name: 0, bits: [bit], attributes: {} };
  }

  private register(data: Bit, output: Bit = this.net()): Bit {
    this.cell("SB_DFF", {}, { C: [this.clock], D: [data] }, { Q: [output] });
    return output;
  }

  private parity(bits: readonly Bit[]): Bit {
    const output = this.net();
    const [I0 = "0", I1 = "0", I2 = "0", I3 = "0"] = bits;
    this.cell("SB_LUT4", { LUT_INIT: PARITY }, { I0: [I0], I1: [I1], I2: [I2], I3: [I3] }, { O: [output] });
    return output;
  }

  private cell(
    type: string,
    parameters: Record<string, string>,
    inputs: Record<string, Bit[]>,
    outputs: Record<string, Bit[]>,
  ): void {
    const [[bit] = []] = Object.values(outputs);
    const name = `${HARNESS}${bit}`;
    this.module.cells[name] = {
      hide_name: 0,
      type,
      parameters,
      attributes: {},
      port_directions: {
        ...Object.fromEntries(Object.keys(inputs).map((port) => [port, "input"] as const)),
        ...Object.fromEntries(Object.keys(outputs).map((port) => [port, "output"] as const)),
      },
      connections: { ...inputs, ...outputs },
    };
    if (bit !== undefined) this.named(`${name}_net`, bit);
  }
}

function* netsOf({ ports, cells, netnames }: NetlistModule): Iterable<number> {
  const words = [
    ...Object.values(ports).map(({ bits }) => bits),
    ...Object.values(netnames).map(({ bits }) => bits),
    ...Object.values(cells).flatMap(({ connections }) => Object.values(connections)),
  ];
  for (const bits of words) for (const bit of bits) if (typeof bit === "number") yield bit;
}

const CLOCK_PORTS: ReadonlySet<string> = new Set(["C", "CLK", "CLOCK", "RCLK", "WCLK", "RCLKN", "WCLKN"]);

/** Input nets that are clocks of iCE40 cells, the one with the most users first. */
function clockPorts({ ports, cells }: NetlistModule): number[] {
  const inputs = new Set(
    Object.values(ports).flatMap(({ direction, bits }) => (direction === "input" ? bits : [])),
  );
  const users = new Map<number, number>();
  for (const { type, connections } of Object.values(cells)) {
    if (!/^SB_(DFF|RAM40_4K|SPRAM256KA|MAC16)/.test(type)) continue;
    for (const [port, [bit]] of Object.entries(connections))
      if (
        typeof bit === "number" &&
        CLOCK_PORTS.has(port) &&
        inputs.has(bit) &&
        !(port === "C" && type === "SB_MAC16")
      )
        users.set(bit, (users.get(bit) ?? 0) + 1);
  }
  return [...users].sort((a, b) => b[1] - a[1]).map(([bit]) => bit);
}
