import { expect, it } from "vitest";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { simulate } from "../../../hdl/simulate/index.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { Program } from "../../../hdl/simulate/lower/program.ts";
import { prepare } from "../../../hdl/simulate/prepare.ts";
import { macArray } from "../../bench/designs/mac-array.ts";
import { randomCircuit } from "../../support/random-circuit.ts";

// Ratios of times taken on one machine, with room for what else it does meanwhile; among many tests that is too much, so
// they are deep tests. `npm run bench` compares with Verilator.
const timed = it.skipIf(process.env.ACCEL_DEEP !== "1");

/** The least time of some runs, in milliseconds of this process. */
function least(runs: number, body: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = process.cpuUsage();
    body();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

timed("compiled code is a thousand times faster than the interpreter", () => {
  const array = macArray(64);
  const sim = simulate(array);
  sim.reset();
  sim.step(100_000);
  const compiled = least(5, () => sim.step(100_000)) / 100_000;
  const interpreter = new Interpreter(flatten(array));
  const interpreted = least(2, () => {
    for (let i = 0; i < 5; i++) interpreter.step();
  });
  expect(interpreted / 5 / compiled).toBeGreaterThan(1000);
});

timed("a test in TypeScript may look at every cycle", () => {
  const sim = simulate(macArray(4));
  sim.reset();
  const cycles = 100_000;
  const looking = least(5, () => {
    for (let i = 0; i < cycles; i++) {
      sim.set("seed", i & 0xffff);
      sim.step();
      sim.get("result");
    }
  });
  // Measured: 0.1 microseconds.
  expect((looking / cycles) * 1000).toBeLessThan(1);
});

timed("code is made in a time that grows with the circuit", () => {
  const time = (nodes: number): number => {
    const design = prepare(randomCircuit(5, { nodes, maxWidth: 32, hierarchy: false }), () => true);
    return least(3, () => new Program(design).edgeText("edge", new Set(design.domains)));
  };
  time(300);
  expect(time(4000) / time(1000)).toBeLessThan(12);
});
