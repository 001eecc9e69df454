import { readFileSync, writeFileSync } from "node:fs";
import { accessSizes, streamOf } from "../../sim/dram/access.ts";
import type { DramConfig } from "../../sim/dram/config.ts";
import { runStream } from "../../sim/dram/run.ts";
import { memoryNames, memoryPath, readDescription } from "../../src/devices/library.ts";
import {
  type DramMemory,
  dramConfigOf,
  type EfficiencyTable,
  parseMemory,
} from "../../src/devices/memory.ts";
import { readGolden } from "../../src/ledger/dram-runs.ts";
import { dramSim3Runs } from "../../src/ledger/memories.ts";
import { ledgerLines, ledgerOf } from "./memories/ledger.ts";
import { ramulatorLedger, ramulatorLines } from "./memories/ramulator.ts";

/**
 * Simulates the efficiency tables of the memories that ship and says how far the descriptions' are from them; `--write`
 * keeps the new ones. `--golden`: prints instead how far the simulator is from runs of DRAMsim3 and Ramulator 2, as
 * `docs/memories.md` shows it; `--golden <file>`: from those of DRAMsim3 in a file like src/ledger/data/dramsim3.json.
 */
const GOLDEN = "test/sim/dram/golden";
const OUTSTANDING = 64;
const STREAMS = [1, 4, 16];
const WRITES = [0, 0.33, 0.5];
const SOURCE = "npm run memories -- --write: one channel, 64 requests under way, in order";

/** One channel's table. */
function simulated(memory: DramMemory): EfficiencyTable {
  const config: DramConfig = { ...dramConfigOf(memory), channels: 1 };
  const bytes = accessSizes(config);
  const rows = STREAMS.flatMap((streams) =>
    WRITES.map((writes): EfficiencyTable["rows"][number] => ({
      pattern: streams === 1 ? "chunk" : "streams",
      streams,
      writes,
      efficiency: bytes.map((size) => {
        const { efficiency } = runStream(
          config,
          streamOf(config, { bytes: size, streams, writes }, OUTSTANDING),
        );
        return Number(efficiency.toFixed(4));
      }),
    })),
  );
  return { kind: "simulated", source: SOURCE, outstanding: OUTSTANDING, bytes, rows };
}

/** A description may not have its table yet. */
const WITHOUT_TABLE: EfficiencyTable = {
  kind: "simulated",
  source: SOURCE,
  outstanding: OUTSTANDING,
  bytes: [1, 2],
  rows: [{ pattern: "chunk", streams: 1, writes: 0, efficiency: [0, 0] }],
};

/** The largest difference between two tables of the same shape; 1 if they have none. */
function difference(one: EfficiencyTable, other: EfficiencyTable): number {
  if (one.rows.length !== other.rows.length || one.bytes.join() !== other.bytes.join()) return 1;
  return Math.max(
    ...one.rows.flatMap((row, r) =>
      row.efficiency.map((value, i) => Math.abs(value - other.rows[r]!.efficiency[i]!)),
    ),
  );
}

function tables(write: boolean): void {
  for (const name of memoryNames()) {
    const description = readDescription(memoryPath(name)) as Readonly<Record<string, unknown>>;
    if (description.kind !== "dram") continue;
    const memory = parseMemory({ efficiency: WITHOUT_TABLE, ...description }, name);
    if (memory.kind !== "dram") continue;
    const table = simulated(memory);
    const off = difference(memory.efficiency, table);
    console.log(`${name.padEnd(12)} ${off === 0 ? "as simulated" : `off by up to ${off.toFixed(4)}`}`);
    if (write)
      writeFileSync(memoryPath(name), `${JSON.stringify({ ...memory, efficiency: table }, null, 2)}\n`);
    else if (off > 0) process.exitCode = 1;
  }
}

function main(options: readonly string[]): void {
  const golden = options.indexOf("--golden");
  if (golden < 0) {
    tables(options.includes("--write"));
    return;
  }
  const path = options[golden + 1];
  const entries = ledgerOf(path === undefined ? dramSim3Runs() : readGolden(readFileSync(path, "utf8")));
  for (const line of ledgerLines(entries)) console.log(line);
  if (path !== undefined) return;
  console.log("");
  for (const line of ramulatorLines(ramulatorLedger(readFileSync(`${GOLDEN}/ramulator2.json`, "utf8"))))
    console.log(line);
}

main(process.argv.slice(2));
