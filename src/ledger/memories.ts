import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../models/package-root.ts";
import { runStream } from "../../sim/dram/run.ts";
import { dramSim3Config } from "../devices/dramsim3-config.ts";
import { type Golden, type GoldenRun, goldenStream, isDrawn, readGolden } from "./dram-runs.ts";
import type { LedgerRow } from "./row.ts";

/** An HBM2 channel, and DDR4 whose bank groups are interleaved; all eleven take a minute (`npm run memories -- --golden`). */
const CONFIGURATIONS = ["HBM2_8Gb_x128_1ch", "DDR4_8Gb_x8_2400_bglow"];
/** Sizes of strides and chunks. */
const SIZES = [256, 1024, 4096, 16_384];
/** Relative: of runs without chance, and of those whose places are drawn (spread over seeds). */
const UNCERTAINTY = { fixed: 0.001, drawn: 0.02 };

export const dramSim3Runs = (): Golden =>
  readGolden(readFileSync(join(packageRoot(), "src/ledger/data/dramsim3.json"), "utf8"));

/** Streams' shares of the peak beside those that DRAMsim3 gives: reads, by pattern and access size. */
export function memoryRows(): readonly LedgerRow[] {
  const { configs } = dramSim3Runs();
  return CONFIGURATIONS.flatMap((name) => {
    const { params, runs } = configs[name]!;
    const memory = dramSim3Config(params, name);
    return runs.filter(isListed).map((run): LedgerRow => {
      const predicted = 100 * runStream(memory, goldenStream(run)).efficiency;
      return {
        section: "memories",
        what: `${name}, ${patternText(run)}`,
        unit: "% of the peak",
        predicted,
        uncertainty: predicted * (isDrawn(run) ? UNCERTAINTY.drawn : UNCERTAINTY.fixed),
        measured: 100 * run.efficiency,
        kind: "predicted",
        measuredBy: "DRAMsim3 (simulated)",
        source: "DRAMsim3 2981759, its shipped configuration; bank groups interleaved in _bglow",
      };
    });
  });
}

const isListed = ({ pattern, param, maxOutstanding, writePct }: GoldenRun): boolean =>
  writePct === 0 &&
  maxOutstanding >= 100_000 &&
  pattern !== "streams" &&
  (param === 0 || SIZES.includes(param));

const patternText = ({ pattern, param }: GoldenRun): string =>
  param === 0 ? pattern : `${pattern} of ${param} bytes`;
