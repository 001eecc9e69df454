import type { Module } from "../../../hdl/builder/graph.ts";
import { type Simulation, simulate } from "../../../hdl/simulate/index.ts";
import { partBench } from "./bench.ts";
import { type PinDifference, TraceLayout } from "./layout.ts";
import type { PinTrace } from "./recording.ts";

export interface PinComparison {
  /** Cycles that were compared, up to the difference. */
  readonly cycles: number;
  /** Names of outputs that were compared, and of those that the netlist does not have. */
  readonly compared: readonly string[];
  readonly missing: readonly string[];
  readonly difference: PinDifference | null;
}

/** Cycles that are run before they are looked at. */
const STRIDE = 1 << 16;
/** Cycles until the reset has come through to the pins; before, registers may hold anything. */
export const SETTLING = 2;

/**
 * Gives a netlist what went into the circuit, and compares all of its outputs in both halves of every cycle.
 * @param seed chooses what stands in registers and memories without a power-up value
 */
export function comparePins(netlist: Module, trace: PinTrace, seed: number): PinComparison {
  const pins = netlist.inouts.map(({ name }) => name);
  const names = [...netlist.outputs.map(({ name }) => name), ...pins.flatMap((pin) => pinOutputs(pin))];
  const layout = new TraceLayout(trace, new Set(names), pins);
  const { compared, missing } = layout;
  const { module } = partBench(netlist, null, trace.outputs);
  const simulation = simulate(module, { seed }) as unknown as Simulation;
  for (let at = 0; at < trace.cycles; at += STRIDE) {
    const end = Math.min(at + STRIDE, trace.cycles);
    const got = simulation.play({
      inputs: {
        rx: trace.rx.subarray(at, end),
        restart: trace.restart.subarray(at, end),
        lines: trace.lines.subarray(at, end),
      },
      capture: ["first", "second"],
    });
    for (let cycle = Math.max(SETTLING, at); cycle < end; cycle++) {
      const i = cycle - at;
      const before =
        cycle === SETTLING
          ? null
          : layout.difference(trace.second[cycle] ?? 0, got.second[i] ?? 0, cycle - 1, "second");
      const difference =
        before ?? layout.difference(trace.first[cycle] ?? 0, got.first[i] ?? 0, cycle, "first");
      if (difference !== null) return { compared, missing, cycles: cycle, difference };
    }
  }
  return { compared, missing, cycles: trace.cycles, difference: null };
}

/** Names of the outputs of a pin. */
export const pinOutputs = (pin: string): readonly string[] => [`${pin}_out`, `${pin}_enable`];
