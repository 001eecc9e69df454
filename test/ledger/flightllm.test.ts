import { describe, expect, it } from "vitest";
import { machineFrom } from "../../src/devices/library.ts";
import {
  flightLLMRows,
  PUBLISHED_DIVISOR,
  publishedFlightLLM,
  singleCore,
  timingOf,
} from "../../src/ledger/flightllm.ts";
import { residual } from "../../src/ledger/row.ts";

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

describe("FlightLLM's machines beside what was published of them", () => {
  const published = publishedFlightLLM();

  it("VHK158: decode at all 128 contexts that the profiler was run at, without its divisor", () => {
    const timing = timingOf(machineFrom("vhk158-flightllm"));
    const residuals = Object.entries(published.decodeMs).map(
      ([context, ms]) => timing.decodeMs(Number(context)) / ms - 1,
    );
    expect(residuals).toHaveLength(128);
    expect(mean(residuals.map(Math.abs))).toBeLessThan(0.01);
    expect(Math.max(...residuals.map(Math.abs))).toBeLessThan(0.016);
  });

  it("grow with the context as the profile does, step by step at every 512 tokens", () => {
    const timing = timingOf(machineFrom("vhk158-flightllm"));
    const grown = (from: number, to: number): number => timing.decodeMs(to) - timing.decodeMs(from);
    const profile = (from: number, to: number): number => published.decodeMs[to]! - published.decodeMs[from]!;
    for (const [from, to] of [
      [16, 512],
      [528, 1024],
      [1040, 1536],
      [512, 528],
    ] as const)
      expect(Math.abs(grown(from, to) / profile(from, to) - 1), `${from} to ${to}`).toBeLessThan(0.5);
    // The launch of 512 rows is begun anew: 16 tokens more cost as much as some 60 before.
    expect(grown(512, 528)).toBeGreaterThan(2 * grown(496, 512));
  });

  it("prefill and the board's tokens within 3 %, and every row says its spread", () => {
    for (const row of flightLLMRows().filter(({ section }) => section === "flightllm")) {
      expect(Math.abs(residual(row)), row.what).toBeLessThan(0.03);
      expect(row.uncertainty, row.what).toBeGreaterThan(0);
      expect(row.kind).toBe("predicted");
    }
  });

  it("one core that does everything makes the profile's MV times to three digits behind the point", () => {
    const timing = timingOf(singleCore(machineFrom("vhk158-flightllm")));
    const { units } = timing.decode(512);
    const busy = units.find(({ kind }) => kind === "matrix")!.busy;
    expect(timing.ms(busy) / PUBLISHED_DIVISOR).toBeCloseTo(published.busyMs.MV, 3);
  });

  it("the U280's package has as many bits as its parameter files", () => {
    const { program } = timingOf(machineFrom("u280-flightllm"));
    const plans = program.layout.streams.map(({ plan }) => plan);
    const bytes = plans.reduce((sum, { bytes: { total } }) => sum + total, 0);
    const weights = plans.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
    const parameterFiles = 3_440_488_448;
    const parameters = 32 * (4 * 4096 ** 2 + 3 * 4096 * 11008) + 32000 * 4096;
    expect((8 * bytes) / weights).toBeCloseTo((8 * parameterFiles) / parameters, 1);
  });
});
