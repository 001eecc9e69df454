import { z } from "zod";
import type { AccessPattern } from "../../sim/dram/patterns.ts";
import type { AccessStream } from "../../sim/dram/run.ts";

const runSchema = z.object({
  pattern: z.enum(["seq", "stride", "random", "chunk", "streams"]),
  /** Bytes of a stride or a chunk; number of streams. */
  param: z.number(),
  bytes: z.number(),
  maxOutstanding: z.number(),
  writePct: z.number(),
  cycles: z.number(),
  efficiency: z.number(),
  latAvgCycles: z.number(),
});
export type GoldenRun = z.infer<typeof runSchema>;

const goldenSchema = z.object({
  configs: z.record(
    z.string(),
    z.object({
      params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      runs: z.array(runSchema),
    }),
  ),
});
export type Golden = z.infer<typeof goldenSchema>;

/** Runs of DRAMsim3, with the parameters of each configuration. */
export const readGolden = (text: string): Golden => goldenSchema.parse(JSON.parse(text));

/** From so many on, the outstanding requests were not limited. */
const UNLIMITED = 100_000;

/** The stream of a run; where its places or its writes are drawn by chance, ours are others of the same kind. */
export function goldenStream({ pattern, param, bytes, maxOutstanding, writePct }: GoldenRun): AccessStream {
  return {
    pattern: patternOf(pattern, param),
    bytes,
    writes: writePct / 100,
    outstanding: maxOutstanding >= UNLIMITED ? null : maxOutstanding,
    seed: 1,
  };
}

export const isDrawn = ({ pattern, writePct }: GoldenRun): boolean =>
  pattern === "random" || pattern === "chunk" || (writePct > 0 && writePct < 100);

/** A pattern in the golden files' words. */
export function patternOf(kind: GoldenRun["pattern"], param: number): AccessPattern {
  switch (kind) {
    case "seq":
    case "random":
      return { kind };
    case "stride":
    case "chunk":
      return { kind, bytes: param };
    case "streams":
      return { kind, streams: param, burstBytes: 1, skewBytes: 0 };
  }
}
