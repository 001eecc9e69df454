import type { Module } from "../../../hdl/builder/index.ts";
import { simulate } from "../../../hdl/simulate/index.ts";
import type { Random } from "../../../models/llama-tiny/corpus.ts";

export type Values = Readonly<Record<string, number>>;

/** A number that fits, often zero or one of the extremes. */
export function randomNumber(random: Random, width: number, isSigned: boolean): number {
  const low = isSigned ? -(2 ** (width - 1)) : 0;
  const high = low + 2 ** width - 1;
  return random.chance(0.2) ? random.pick([low, high, 0]) : low + random.below(2 ** width);
}

/** The outputs of each cycle for the inputs of each cycle, beginning with anything in registers and memories. */
export function trace(module: Module, cycles: readonly Values[]): Values[] {
  const simulation = simulate(module);
  return cycles.map((values) => {
    simulation.drive(values);
    const outputs = module.outputs.map(({ name }) => [name, simulation.get(name)]);
    simulation.step();
    return Object.fromEntries(outputs);
  });
}

export const column = (values: readonly Values[], name: string): number[] =>
  values.map((row) => row[name] ?? Number.NaN);
