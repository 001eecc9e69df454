import type { Module } from "../builder/graph.ts";
import type { Design } from "../builder/module.ts";
import type { StructShape } from "../builder/shape.ts";
import { SimulationError } from "./errors.ts";
import { type SimulationOf, type SimulationOptions, simulate } from "./simulation.ts";

export interface SettlesOptions extends Omit<SimulationOptions, "seed" | "record"> {
  /** The first cycle that is compared; before it outputs may show what stood there at power-up. Default 0. */
  readonly from?: number;
}

/**
 * Runs a bench twice, with different contents of all that has no initial value, and compares outputs before every clock
 * edge: what depends on power-up contents would be unknown in hardware.
 * @throws SimulationError for the first output that differs
 */
export function settlesEqually<I extends StructShape, O extends StructShape, P extends string = never>(
  module: Design<I, O, P>,
  bench: (simulation: SimulationOf<I, O, P>) => void,
  options: SettlesOptions = {},
): void {
  const { from = 0, ...rest } = options;
  const runs = [1, 2].map((seed) => {
    const seen: bigint[][] = [];
    const simulation = simulate(module, { ...rest, seed });
    simulation.attach({
      cycle: (now) => {
        if (now.cycle >= from) seen.push(outputsOf(module).map((output) => now.peekBig(output)));
      },
    });
    bench(simulation);
    return seen;
  });
  const [first = [], second = []] = runs;
  if (first.length !== second.length)
    throw new SimulationError(
      `${module.name} took ${first.length} and ${second.length} cycles, depending on power-up contents`,
    );
  for (const [i, values] of first.entries())
    for (const [k, value] of values.entries())
      if (value !== second[i]?.[k])
        throw new SimulationError(
          `cycle ${from + i}: ${outputsOf(module)[k]} of ${module.name} is ${value} or ${second[i]?.[k]}, depending on power-up contents`,
        );
}

const outputsOf = ({ outputs }: Module): readonly string[] => outputs.map(({ name }) => name);
