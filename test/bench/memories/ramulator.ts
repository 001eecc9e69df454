import { z } from "zod";
import type { DramConfig } from "../../../sim/dram/config.ts";
import { runStream } from "../../../sim/dram/run.ts";
import { patternOf } from "../../../src/ledger/dram-runs.ts";

const ramulatorSchema = z.object({
  configs: z.record(
    z.string(),
    z.object({
      runs: z.array(
        z.object({
          pattern: z.enum(["seq", "stride", "random", "chunk", "streams"]),
          param: z.number(),
          requestBytes: z.number(),
          requests: z.number(),
          maxOutstanding: z.number(),
          efficiency: z.number(),
        }),
      ),
    }),
  ),
});

/** Its reads wait in one buffer, from any place of which the first ready one goes: here, long queues for each bank. */
const controller = { requestQueue: 256, bankQueue: 256, unified: false };

/** DDR4_2400R, 8 Gb x8, one rank; by the presets of Ramulator 2 (DDR4.cpp). */
const DDR4: Omit<DramConfig, "addressMapping"> = {
  channels: 1,
  ranks: 1,
  bankGroups: 4,
  banksPerGroup: 4,
  rows: 65_536,
  columns: 1024,
  busBytes: 8,
  burstLength: 8,
  burstClocks: 4,
  clockNs: 0.833,
  dualCommand: false,
  timing: {
    ...{
      al: 0,
      cl: 16,
      cwl: 12,
      rcdRead: 16,
      rcdWrite: 16,
      rp: 16,
      ras: 39,
      ccdS: 4,
      ccdL: 6,
      rrdS: 4,
      rrdL: 6,
    },
    ...{ faw: 26, aw32: null, wtrS: 3, wtrL: 9, wr: 18, rtp: 9, ppd: 0, rtrs: 2, rfc: 433, refi: 9364 },
  },
  controller,
};

/** HBM2_2Gbps, 8 Gb; its two pseudo channels as channels of their own (HBM2.cpp). */
const HBM2: Omit<DramConfig, "addressMapping"> = {
  channels: 2,
  ranks: 1,
  bankGroups: 4,
  banksPerGroup: 4,
  rows: 32_768,
  columns: 64,
  busBytes: 8,
  burstLength: 4,
  burstClocks: 2,
  clockNs: 1,
  dualCommand: true,
  timing: {
    ...{ al: 0, cl: 7, cwl: 2, rcdRead: 7, rcdWrite: 7, rp: 7, ras: 17, ccdS: 1, ccdL: 2, rrdS: 2, rrdL: 3 },
    ...{ faw: 15, aw32: null, wtrS: 3, wtrL: 4, wr: 8, rtp: 3, ppd: 0, rtrs: 2, rfc: 350, refi: 3900 },
  },
  controller,
};

/** The fields in Ramulator's order: RoBaRaCoCh counts its levels from the channel up, ChRaBaRoCo from the column. */
export const RAMULATOR_CONFIGS: Readonly<Record<string, DramConfig>> = {
  DDR4_2400R_RoBaRaCoCh: { ...DDR4, addressMapping: "robabgracoch" },
  DDR4_2400R_ChRaBaRoCo: { ...DDR4, addressMapping: "chrabgbaroco" },
  HBM2_2Gbps_RoBaRaCoCh: { ...HBM2, addressMapping: "robabgrachco" },
};

export interface RamulatorEntry {
  readonly config: string;
  readonly pattern: string;
  readonly param: number;
  readonly theirs: number;
  readonly ours: number;
  /** Of the efficiency, relative to theirs. */
  readonly residual: number;
}

/** Runs of Ramulator 2 beside ours. */
export function ramulatorLedger(text: string): RamulatorEntry[] {
  const { configs } = ramulatorSchema.parse(JSON.parse(text));
  return Object.entries(configs).flatMap(([name, { runs }]) => {
    const config = RAMULATOR_CONFIGS[name];
    if (config === undefined) throw new Error(`nothing is known of ${name}`);
    return runs.map((run): RamulatorEntry => {
      const { pattern, param, requests, requestBytes, maxOutstanding, efficiency } = run;
      const result = runStream(config, {
        pattern: patternOf(pattern, param),
        bytes: requests * requestBytes,
        writes: 0,
        outstanding: maxOutstanding,
        seed: 1,
      });
      const ours = result.efficiency;
      return { config: name, pattern, param, theirs: efficiency, ours, residual: ours / efficiency - 1 };
    });
  });
}

export function ramulatorLines(entries: readonly RamulatorEntry[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(["configuration", "pattern", "Ramulator 2", "ours", "difference"]),
    row(["---", "---", "---:", "---:", "---:"]),
    ...entries.map(({ config, pattern, param, theirs, ours, residual }) =>
      row([
        config,
        param === 0 ? pattern : `${pattern} ${param}`,
        theirs.toFixed(3),
        ours.toFixed(3),
        `${residual < 0 ? "-" : "+"}${(100 * Math.abs(residual)).toFixed(1)} %`,
      ]),
    ),
  ];
}
