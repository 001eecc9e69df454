import { describe, expect, it } from "vitest";
import type { Module } from "../../../hdl/builder/graph.ts";
import { flatten } from "../../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../../hdl/simulate/interpret.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { hasIcarus, hasVerilator } from "../../../src/flow/native-tools.ts";
import { type ModuleRun, type ModuleTrace, simulateVerilog } from "../../support/module-simulation.ts";
import { randomCircuit, randomStimulus } from "../../support/random-circuit.ts";
import { LINTERS } from "./lint.ts";

const DEEP = process.env.ACCEL_DEEP === "1";
const CYCLES = 24;

interface Circuit extends ModuleRun {
  /** Makes it again. */
  readonly said: string;
}

/** Small circuits and large ones, with one clock and with two. */
function circuits(from: number, count: number): readonly Circuit[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = from + i;
    const options = { nodes: [6, 10, 14, 20, 30, 60][i % 6] ?? 60, twoDomains: i % 3 === 0 };
    const module = randomCircuit(seed, options);
    const said = `randomCircuit(${seed}, ${JSON.stringify(options)})`;
    return { module, said, cycles: randomStimulus(module, CYCLES, seed) };
  });
}

/** Where a trace first differs from what the interpreter gives; null: nowhere. */
function difference({ module, said, cycles }: Circuit, trace: ModuleTrace): string | null {
  const reference = new Interpreter(flatten(module));
  for (const [i, inputs] of cycles.entries()) {
    for (const [name, value] of inputs) reference.set(name, value);
    for (const { name } of module.outputs) {
      const wanted = reference.get(name);
      const found = trace[i]?.get(name);
      if (found !== wanted) return `${said}, cycle ${i}: ${name} is ${found}, and should be ${wanted}`;
    }
    reference.step();
  }
  return null;
}

async function differences(simulator: "icarus" | "verilator", some: readonly Circuit[]): Promise<string[]> {
  expect(some.length).toBeGreaterThan(10);
  const traces = await simulateVerilog(simulator, some, { timeout: 600_000 });
  return some.flatMap((circuit, i) => difference(circuit, traces[i] ?? []) ?? []);
}

/** Batches of seeds: many circuits in one program. */
const batches = (first: number, batch: number, quick: number, deep: number): (readonly [number, number])[] =>
  Array.from({ length: DEEP ? deep : quick }, (_, i) => [first + i * batch, batch] as const);

const TIMEOUT = 600_000;

describe("random circuits", () => {
  it.skipIf(!hasIcarus()).each(batches(1, 150, 1, 20))(
    "from seed %i, %i of them: Icarus gives what the interpreter gives",
    async (from, count) => {
      expect(await differences("icarus", circuits(from, count))).toEqual([]);
    },
    TIMEOUT,
  );

  it.skipIf(!hasVerilator()).each(batches(50_001, 16, 1, 40))(
    "from seed %i, %i of them: Verilator gives what the interpreter gives",
    async (from, count) => {
      expect(await differences("verilator", circuits(from, count))).toEqual([]);
    },
    TIMEOUT,
  );

  for (const { name, installed, complaints } of LINTERS)
    it.skipIf(!installed).each(batches(100_001, 20, 1, 80))(
      `from seed %i, %i of them: ${name} has nothing to say`,
      async (from, count) => {
        const modules = circuits(from, count).map(({ module }) => module);
        expect(await complaints(writeVerilog(modules))).toBe("");
      },
      TIMEOUT,
    );

  it("are written the same whenever they are written", () => {
    const write = (module: Module): string => writeVerilog(module).text;
    for (const seed of [1, 2, 3]) expect(write(randomCircuit(seed))).toBe(write(randomCircuit(seed)));
  });
});
