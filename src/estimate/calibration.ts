import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../models/package-root.ts";

/** Cells that are estimated. */
export const KINDS = ["lut4", "flipFlops", "carries", "dsp", "blockRam", "spram"] as const;
export type Kind = (typeof KINDS)[number];

const spread = z.strictObject({
  /** Mean of the estimates' relative errors, with their signs. */
  mean: z.number(),
  /** The largest of them, without its sign. */
  largest: z.number(),
});
/** How far estimates were from synthesis on machines that the fit did not see; 0.05 is 5 %. */
export type Spread = z.infer<typeof spread>;

export const calibrationSchema = z.strictObject({
  schema: z.literal("accel/estimate-calibration@1"),
  /** How the numbers came about. */
  how: z.string(),
  /** What synthesised the machines. */
  tools: z.string(),
  machines: z.strictObject({ fitted: z.int(), heldOut: z.int() }),
  /** Look-up tables of synthesis for each counted one. */
  lut4: z.strictObject({ logic: z.number(), sums: z.number() }),
  /** Carries of synthesis for each counted one. */
  carries: z.number(),
  spread: z.strictObject({
    lut4: spread,
    flipFlops: spread,
    carries: spread,
    dsp: spread,
    blockRam: spread,
    spram: spread,
  }),
});
/** What `npm run estimates` fits. */
export type Calibration = z.infer<typeof calibrationSchema>;

export const calibrationPath = (): string =>
  join(packageRoot(), "src", "estimate", "data", "calibration.json");

/** The calibration that ships. */
export const readCalibration = (): Calibration =>
  calibrationSchema.parse(JSON.parse(readFileSync(calibrationPath(), "utf8")));
