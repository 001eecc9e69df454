import type { Module } from "../../hdl/builder/graph.ts";
import { wrap } from "../../hdl/builder/type.ts";
import { type VerilogModule, type VerilogOptions, writeVerilog } from "../../hdl/verilog/index.ts";
import {
  type Bench,
  type SimulateOptions,
  type Step,
  simulateInIcarus,
  simulateInVerilator,
} from "./native-simulation.ts";

/** A module, and the values of its inputs and resets in each cycle. */
export interface ModuleRun {
  readonly module: Module;
  readonly cycles: readonly ReadonlyMap<string, bigint>[];
}

/** Outputs in each cycle, before its clock edges; null where bits are unknown. */
export type ModuleTrace = readonly ReadonlyMap<string, bigint | null>[];

/**
 * What modules give as Verilog in a native simulator, all of them in one program. All clocks tick once a cycle, at the
 * same time; a module with registers on both edges of one clock is refused.
 */
export async function simulateVerilog(
  simulator: "icarus" | "verilator",
  runs: readonly ModuleRun[],
  options: VerilogOptions & SimulateOptions = {},
): Promise<readonly ModuleTrace[]> {
  const { tops, text, data } = writeVerilog(
    runs.map(({ module }) => module),
    options,
  );
  const simulate = simulator === "icarus" ? simulateInIcarus : simulateInVerilator;
  const benches = runs.map(({ cycles }, i) => benchOf(at(tops, i), cycles));
  const traces = await simulate([{ name: "modules.v", text }, ...data], benches, options);
  return runs.map(({ module }, i) => {
    const { ports } = at(tops, i);
    return at(traces, i).map(
      (row) =>
        new Map(
          module.outputs.map(({ name, type }) => {
            const bits = row.get(ports.get(name) ?? name) ?? null;
            return [name, bits === null ? null : wrap(bits, type)];
          }),
        ),
    );
  });
}

function at<T>(list: readonly T[], i: number): T {
  const found = list[i];
  if (found === undefined) throw new Error(`there is no element ${i}`);
  return found;
}

function benchOf(
  { module, moduleName, ports }: VerilogModule,
  cycles: readonly ReadonlyMap<string, bigint>[],
): Bench {
  const port = (name: string): string => ports.get(name) ?? name;
  const edges = new Map<string, "rising" | "falling">();
  for (const { clock, edge } of module.domains) {
    if (edges.has(clock) && edges.get(clock) !== edge)
      throw new Error(`${module.name} uses both edges of ${clock}; give its steps one by one`);
    edges.set(port(clock), edge);
  }
  const resets = new Set([...module.resets].map(({ reset }) => reset));
  const inputs = [
    ...[...edges.keys()].map((name) => ({ name, width: 1 })),
    ...[...resets].map((name) => ({ name: port(name), width: 1 })),
    ...module.inputs.map(({ name, type }) => ({ name: port(name), width: type.width })),
  ];
  const clocks = (ticking: boolean): [string, bigint][] =>
    [...edges].map(([name, edge]) => [name, (edge === "rising") === ticking ? 1n : 0n]);
  const steps = cycles.flatMap((values): Step[] => [
    {
      set: new Map([...clocks(false), ...[...values].map(([name, value]) => [port(name), value] as const)]),
      sample: true,
    },
    { set: new Map(clocks(true)), sample: false },
  ]);
  const outputs = module.outputs.map(({ name, type }) => ({ name: port(name), width: type.width }));
  return { module: moduleName, inputs, outputs, steps };
}
