import { runStream } from "../../../sim/dram/run.ts";
import { dramSim3Config } from "../../../src/devices/dramsim3-config.ts";
import { type Golden, type GoldenRun, goldenStream, isDrawn } from "../../../src/ledger/dram-runs.ts";

/** A run of another simulator beside ours. */
export interface LedgerEntry {
  readonly config: string;
  readonly run: GoldenRun;
  readonly clocks: number;
  /** Of the efficiency, relative to theirs. */
  readonly residual: number;
  readonly seconds: number;
  /** Clocks of all channels together. */
  readonly channelClocks: number;
}

/** Runs everything of a golden file. */
export function ledgerOf(
  { configs }: Golden,
  wanted: (config: string, run: GoldenRun) => boolean = () => true,
): LedgerEntry[] {
  return Object.entries(configs).flatMap(([config, { params, runs }]) => {
    const memory = dramSim3Config(params, config);
    return runs
      .filter((run) => wanted(config, run))
      .map((run): LedgerEntry => {
        const before = process.cpuUsage();
        const { clocks } = runStream(memory, goldenStream(run));
        const { user, system } = process.cpuUsage(before);
        return {
          config,
          run,
          clocks,
          residual: run.cycles / clocks - 1,
          seconds: (user + system) / 1e6,
          channelClocks: clocks * memory.channels,
        };
      });
  });
}

/** The ledger as a table: each configuration, each kind of pattern, and the runs that are farthest off. */
export function ledgerLines(entries: readonly LedgerEntry[]): string[] {
  const kinds = ["seq", "stride", "random", "chunk", "streams"] as const;
  const largest = (of: readonly LedgerEntry[]): string =>
    of.length === 0 ? "-" : percent(Math.max(...of.map(({ residual }) => Math.abs(residual))));
  const line = (name: string, of: readonly LedgerEntry[]): string => {
    const fixed = of.filter(({ run }) => !isDrawn(run));
    const equal = fixed.filter(({ run, clocks }) => clocks === run.cycles).length;
    const byKind = kinds.map((kind) => largest(of.filter(({ run }) => run.pattern === kind)));
    return row([name, String(of.length), `${equal} of ${fixed.length}`, ...byKind]);
  };
  const configs = [...new Set(entries.map(({ config }) => config))];
  const seconds = entries.reduce((sum, entry) => sum + entry.seconds, 0);
  const clocks = entries.reduce((sum, entry) => sum + entry.channelClocks, 0);
  const far = entries.toSorted((a, b) => Math.abs(b.residual) - Math.abs(a.residual)).slice(0, 5);
  return [
    row(["configuration", "runs", "equal to the clock", ...kinds]),
    row(["---", "---:", "---:", ...kinds.map(() => "---:")]),
    ...configs.map((config) =>
      line(
        config,
        entries.filter((entry) => entry.config === config),
      ),
    ),
    line("all", entries),
    "",
    "Largest difference in efficiency, relative. Equal to the clock: of the runs in which nothing is drawn by chance.",
    `Farthest off: ${far.map(({ config, run, residual }) => `${config} ${run.pattern} ${run.param} (${percent(residual)})`).join(", ")}.`,
    `${(clocks / seconds / 1e6).toFixed(1)} million channel clocks a CPU second (${seconds.toFixed(0)} s).`,
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
