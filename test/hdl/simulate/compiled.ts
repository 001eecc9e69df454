import type { Module } from "../../../hdl/builder/graph.ts";
import type { FlatDesign } from "../../../hdl/simulate/flat.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Simulation } from "../../../hdl/simulate/simulation.ts";
import { randomStimulus } from "../../support/random-circuit.ts";
import { edges, expectSame, pathOf, type Running } from "./behaviour.ts";

/** A compiled design as something to compare. The interpreter's read ports begin with zero, so these do too. */
export function compiled(design: FlatDesign): Running {
  const simulation = new Simulation(design);
  for (const { path, parts } of design.signals)
    if (parts?.every(({ kind }) => kind === "read")) simulation.poke(path.join("."), 0);
  return {
    set: (input, value) => simulation.set(input, value),
    get: (name) => simulation.peekBig(name),
    step: (domains) => simulation.tick(...[...domains].map(({ name }) => name)),
  };
}

/** The compiled design shows what the interpreted module shows, on all signals that are still there. */
export function expectCompiled(module: Module, design: FlatDesign, seed: number, cycles = 20): void {
  const flat = flatten(module);
  const here = new Set(
    [...design.outputs, ...design.signals].filter(({ parts }) => parts !== null).map(pathOf),
  );
  const names = [...new Set([...flat.outputs, ...flat.signals].map(pathOf))].filter((name) => here.has(name));
  const steps = edges(flat.domains, cycles, seed);
  expectSame(new Interpreter(flat), compiled(design), names, randomStimulus(module, cycles, seed), steps);
}
