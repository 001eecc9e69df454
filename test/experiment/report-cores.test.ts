import { describe, expect, it } from "vitest";
import { timedShape } from "../../models/shapes/timed.ts";
import { coresOf, FUSED } from "../../src/compile/machine.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { chooseMachine } from "../../src/devices/library.ts";
import { withSchedule } from "../../src/experiment/ablation.ts";
import { reportData } from "../../src/experiment/report-data.ts";
import { type Simulation, simulateShape } from "../../src/experiment/simulate.ts";
import type { ReportData } from "../../src/report/data.ts";

function simulation(model: string, machine: string, schedule?: typeof FUSED): Simulation {
  const chosen = chooseMachine({ machine });
  const target = {
    ...chosen,
    machine: schedule === undefined ? chosen.machine : withSchedule(chosen.machine, schedule),
    spec: parseCompression({ weights: "w4g128" }),
  };
  return simulateShape(model, timedShape(model), target, { promptTokens: 100, tokens: 2, packaged: true });
}

const reportOf = (one: Simulation): ReportData =>
  reportData(one, chooseMachine({ machine: one.result.machine }).device);

const sumOf = (
  { operators }: ReportData,
  figure: (operator: ReportData["operators"][number]) => number,
): number => operators.reduce((sum, operator) => sum + figure(operator), 0);

describe("the report of a machine of several cores", () => {
  it.each([
    ["llama-2-7b", "u280-flightllm"],
    ["llama-3-8b", "vhk158-flightllm"],
    ["opt-6.7b", "u280-flightllm"],
    ["tinyllama-1.1b", "generic-hbm"],
  ])("operators of %s on %s move what the token moves, source by source", (model, machine) => {
    const one = simulation(model, machine);
    const report = reportOf(one);
    const { bytes } = one.generation.results.at(-1)!;
    expect(sumOf(report, (operator) => operator.bytes.weights)).toBe(bytes.weights);
    expect(sumOf(report, (operator) => operator.bytes.metadata)).toBe(bytes.metadata + bytes.tables);
    expect(sumOf(report, (operator) => operator.bytes.keysAndValues)).toBe(bytes.keysAndValues);
    expect(sumOf(report, (operator) => operator.bytes.activations ?? 0)).toBe(bytes.vectors);
  });

  it("the headline's sources add up to its total", () => {
    const { total, ...sources } = reportOf(simulation("llama-2-7b", "u280-flightllm")).headline.bytesPerToken;
    expect(sources.activations).toBeGreaterThan(0);
    expect(Object.values(sources).reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(total, 3);
  });

  it("operations are the model's, whatever number of cores shares them", () => {
    const report = reportOf(simulation("llama-2-7b", "u280-flightllm"));
    const linear = sumOf(report, ({ kind, operations }) => (kind === "linear" ? operations : 0));
    expect(linear).toBe(2 * (32 * (4 * 4096 ** 2 + 3 * 4096 * 11008) + 32000 * 4096));
    const attend = report.operators.filter(({ name }) => name === "attend");
    expect(attend).toHaveLength(32);
    // Two products for each head, dimension and token, and what the vector unit does.
    expect(attend[0]!.operations).toBeGreaterThan(4 * 4096 * 101);
    expect(attend[0]!.operations).toBeLessThan(1.2 * 4 * 4096 * 101);
  });

  it("the copy of the cache and the vectors through memory belong to operators", () => {
    const published = reportOf(simulation("llama-2-7b", "u280-flightllm"));
    const fused = reportOf(simulation("llama-2-7b", "u280-flightllm", FUSED));
    const remembered = (report: ReportData): number =>
      sumOf(report, ({ name, bytes }) => (name === "remember" ? bytes.keysAndValues : 0));
    const cache = 32 * 100 * 2 * 4096;
    expect(remembered(published) - remembered(fused)).toBeGreaterThanOrEqual(cache);
    expect(remembered(published) - remembered(fused)).toBeLessThan(1.01 * cache);
    expect(sumOf(fused, ({ bytes }) => bytes.activations ?? 0)).toBe(0);
  });

  it("says how many cores there are, and draws the ceilings of all", () => {
    const one = simulation("llama-2-7b", "u280-flightllm");
    const { machine } = one.program;
    const { title, roofline, operators, timeline } = reportOf(one);
    expect(title.cores).toBe(coresOf(machine));
    const [ceiling] = roofline.computeCeilings;
    expect(ceiling.opsPerSecond).toBe(3 * 2 * 1024 * 225e6);
    for (const { name, attainableOpsPerSecond, cycles } of operators) {
      expect(attainableOpsPerSecond, name).toBeLessThanOrEqual(ceiling.opsPerSecond * (1 + 1e-9));
      // The embedding's row is loaded beside the table of angles: no unit computes.
      if (name !== "embed") expect(cycles, name).toBeGreaterThan(0);
    }
    expect(operators.reduce((sum, { cycles }) => sum + cycles, 0)).toBeLessThanOrEqual(timeline.cycles);
  });
});

describe("a package that counts codes alone", () => {
  it("is marked as such, in the result and in the report", () => {
    const [marked, whole] = ["vhk158-flightllm", "u280-flightllm"].map((machine) =>
      simulation("llama-2-7b", machine),
    );
    expect(marked!.result.compression.codesOnly).toBe(true);
    expect(reportOf(marked!).title.compression).toContain("scales and indices not counted");
    expect(whole!.result.compression.codesOnly).toBe(false);
    expect(reportOf(whole!).title.compression).not.toContain("not counted");
  });
});
