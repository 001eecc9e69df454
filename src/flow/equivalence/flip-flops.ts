import { Cell } from "../../../hdl/netlist/cell.ts";
import { readFlipFlop } from "../../../hdl/netlist/flip-flops.ts";
import type { Bit, NetlistModule } from "../../../hdl/netlist/json.ts";

/** What a module's flip-flops are. */
export interface FlipFlops {
  /** The bits that they hold. */
  readonly bits: ReadonlySet<Bit>;
  /** Their clocks and edges, as "falling edge of clock". */
  readonly clocks: ReadonlySet<string>;
  /** Names of those with a reset that waits for no clock. */
  readonly asynchronous: readonly string[];
}

export function flipFlopsOf(module: NetlistModule): FlipFlops {
  const inputs = new Map<Bit, string>();
  for (const [name, { direction, bits }] of Object.entries(module.ports))
    if (direction === "input")
      for (const [i, bit] of bits.entries()) inputs.set(bit, bits.length > 1 ? `${name}[${i}]` : name);

  const bits = new Set<Bit>();
  const clocks = new Set<string>();
  const asynchronous: string[] = [];
  for (const [name, cell] of Object.entries(module.cells)) {
    const flipFlop = readFlipFlop(new Cell(name, cell, ""));
    if (flipFlop === null) continue;
    for (const bit of flipFlop.output) bits.add(bit);
    const { clock, falling, reset } = flipFlop;
    clocks.add(`${falling ? "falling" : "rising"} edge of ${inputs.get(clock) ?? `net ${clock}`}`);
    if (reset?.kind === "asynchronous") asynchronous.push(name);
  }
  return { bits, clocks, asynchronous };
}
