import type { Module } from "../../hdl/builder/graph.ts";
import { cover } from "./cover.ts";
import { netlistOf } from "./netlist.ts";

/** What is counted in a circuit, before anything is fitted. */
export interface CircuitCounts {
  /** Look-up tables of general logic. */
  readonly logic: number;
  /** Look-up tables that are a sum's bit beside its carry. */
  readonly sums: number;
  readonly carries: number;
  readonly flipFlops: number;
  readonly dsp: number;
  readonly blockRam: number;
  readonly spram: number;
}

/** Counts of one instance, without those inside it. */
export interface InstanceCounts extends CircuitCounts {
  /** Names of the instances on the way to it, joined by points; empty for the top module. */
  readonly path: string;
  /** Name of its module. */
  readonly unit: string;
}

/**
 * Maps a module and all in it to cells of an iCE40 UP5K, roughly as `synthesizeIce40` does. Logic counts where it is described
 * first; what two instances share counts in one of them.
 * @returns the top module first, then each instance before those inside it
 * @throws HardwareError where a value follows itself within a cycle; RangeError for more than 33 million gates
 */
export function countCircuit(top: Module): readonly InstanceCounts[] {
  const { graph, scopes, sinks, cells } = netlistOf(top);
  const { logic, sums, carries } = cover(graph, sinks, scopes.length);
  return scopes.map(({ path, module }, i) => ({
    path,
    unit: module.name,
    logic: logic[i] ?? 0,
    sums: sums[i] ?? 0,
    carries: carries[i] ?? 0,
    ...(cells[i] ?? { flipFlops: 0, dsp: 0, blockRam: 0, spram: 0 }),
  }));
}

export function addCounts(all: readonly CircuitCounts[]): CircuitCounts {
  const sum = (kind: keyof CircuitCounts): number => all.reduce((total, one) => total + one[kind], 0);
  return {
    logic: sum("logic"),
    sums: sum("sums"),
    carries: sum("carries"),
    flipFlops: sum("flipFlops"),
    dsp: sum("dsp"),
    blockRam: sum("blockRam"),
    spram: sum("spram"),
  };
}
