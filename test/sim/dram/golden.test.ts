import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runStream } from "../../../sim/dram/run.ts";
import { dramSim3Config } from "../../../src/devices/dramsim3-config.ts";
import { goldenStream, isDrawn } from "../../../src/ledger/dram-runs.ts";
import { dramSim3Runs } from "../../../src/ledger/memories.ts";
import { ramulatorLedger } from "../../bench/memories/ramulator.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const DEEP = process.env.ACCEL_DEEP === "1";
/** Relative, of the efficiency. */
const CLOSE = 0.05;

const runs = Object.entries(dramSim3Runs().configs).flatMap(([name, { params, runs }]) =>
  runs.map((run) => ({ name, params, run })),
);
/** All of them take a minute; so every thirteenth of those that are not long, which is of every configuration and pattern. */
const chosen = runs.filter(({ run }, index) => DEEP || (index % 13 === 5 && run.bytes <= 2 ** 23));

describe("runs of DRAMsim3", () => {
  it.each(chosen)(
    "$name $run.pattern $run.param, $run.writePct % writes, $run.maxOutstanding",
    ({ name, params, run }) => {
      const { clocks, efficiency, meanReadLatencyClocks } = runStream(
        dramSim3Config(params, name),
        goldenStream(run),
      );
      expect(Math.abs(efficiency / run.efficiency - 1)).toBeLessThan(CLOSE);
      if (isDrawn(run)) return;
      // Nothing is left to chance: the same requests in the same clocks, for as long.
      expect(clocks).toBe(run.cycles);
      // Theirs is rounded to a tenth of a clock.
      if (run.writePct === 0) expect(Math.abs(meanReadLatencyClocks - run.latAvgCycles)).toBeLessThan(0.051);
    },
  );

  it("are of every configuration and pattern", () => {
    const of = (some: typeof runs) =>
      new Set(some.map(({ name, run }) => `${name} ${DEEP ? run.pattern : ""}`));
    expect(of(chosen)).toEqual(of(runs));
    expect(new Set(chosen.map(({ run }) => run.pattern)).size).toBe(5);
  });
});

describe("runs of Ramulator 2", () => {
  const ledger = ramulatorLedger(readFileSync(join(GOLDEN, "ramulator2.json"), "utf8"));
  const of = (memory: string) => ledger.filter(({ config }) => config.startsWith(memory));

  it("on DDR4 are as close", () => {
    expect(of("DDR4")).toHaveLength(16);
    for (const { residual } of of("DDR4")) expect(Math.abs(residual)).toBeLessThan(CLOSE);
  });

  it("on HBM2 are as close for streams; small places are known to differ, for it has one bus for all commands of a channel", () => {
    const known = new Map([
      ["random 0", 0.749],
      ["stride 1024", -0.098],
      ["chunk 256", 0.147],
    ]);
    for (const { pattern, param, residual } of of("HBM2")) {
      const measured = known.get(`${pattern} ${param}`);
      if (measured === undefined) expect(Math.abs(residual)).toBeLessThan(CLOSE);
      else expect(residual).toBeCloseTo(measured, 2);
    }
  });
});
