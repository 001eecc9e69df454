import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../models/package-root.ts";
import { validated } from "../../../models/validate.ts";
import type { Performance } from "../../devices/performance.ts";
import type { KernelModel } from "../predict/measured-kernel.ts";
import type { KernelConstants } from "../predict/roofline-device.ts";
import type { Calibration } from "./calibrate.ts";

const positive = z.number().positive();
const rowClass = z.strictObject({
  t0Seconds: positive,
  passSeconds: positive,
  cacheShare: positive,
  memoryShare: positive,
});

const calibrationSchema = z.strictObject({
  schema: z.literal("accel/kernel-constants@1"),
  source: z.string(),
  constants: z.strictObject({
    gemm: z.strictObject({
      t0Seconds: positive,
      memoryShare: positive,
      computeShare: positive,
      edge: positive,
      fill: positive,
      p: positive,
      reductionSeconds: positive,
    }),
    rows: z.strictObject({
      p: positive,
      idleShare: positive,
      classes: z.strictObject({ norm: rowClass, rotary: rowClass, activation: rowClass, add: rowClass }),
    }),
    gather: z.strictObject({ t0Seconds: positive, rowSeconds: positive, memoryShare: positive }),
  }),
  plain: z.strictObject({ t0Seconds: positive, memoryShare: positive, computeShare: positive, p: positive }),
  deviations: z.strictObject({
    gemm: positive,
    gather: positive,
    norm: positive,
    rotary: positive,
    activation: positive,
    add: positive,
  }),
  plainDeviation: positive,
  carriedOver: z.strictObject({ h100: positive, a40: positive }),
});

/** What `npm run calibrate` found. */
export function a100Calibration(): Calibration & { readonly source: string } {
  const path = join(packageRoot(), "src/roofline/calibration/data/a100.json");
  return validated(calibrationSchema, JSON.parse(readFileSync(path, "utf8")), "a100.json");
}

/** Of a layer, the kernels of each kind that start one after the other: what one start costs on average. */
function meanStart({ constants: { gemm, rows } }: Calibration): number {
  const { norm, rotary, activation, add } = rows.classes;
  const starts = [
    { kernels: 4, seconds: gemm.t0Seconds },
    { kernels: 2, seconds: norm.t0Seconds },
    { kernels: 1, seconds: rotary.t0Seconds },
    { kernels: 1, seconds: activation.t0Seconds },
    { kernels: 2, seconds: add.t0Seconds },
  ];
  const kernels = starts.reduce((sum, start) => sum + start.kernels, 0);
  return starts.reduce((sum, start) => sum + start.kernels * start.seconds, 0) / kernels;
}

/** What a device's description says of its measured kernels. */
type Measured = NonNullable<Performance["measuredKernels"]>;

/** Constants for operators of which bytes and operations are known. */
export function kernelConstantsOf({ carriedOver }: Measured): KernelConstants {
  const calibration = a100Calibration();
  const { memoryShare, computeShare, p } = calibration.plain;
  return {
    t0Seconds: meanStart(calibration),
    memoryShare,
    computeShare,
    p,
    uncertainty: carriedOver ? calibration.carriedOver.h100 : calibration.plainDeviation,
    origin: carriedOver
      ? "fitted on measured kernels of an A100 and carried over; uncertainty as measured kernels of an H100 have it"
      : "fitted on measured kernels of an A100; uncertainty from models that were not fitted",
  };
}

/**
 * How long kernels of known kinds take, by the constants that were fitted and the device's own multiprocessors and cache.
 * Only matrix products carry over to another processor.
 */
export function kernelModelOf({ carriedOver, multiprocessors, cacheBytes }: Measured): KernelModel {
  const { constants, deviations, carriedOver: elsewhere } = a100Calibration();
  return {
    constants,
    multiprocessors: multiprocessors.value,
    cacheBytes: cacheBytes.value,
    rowsKnown: !carriedOver,
    deviations: carriedOver ? { ...deviations, gemm: elsewhere.h100 } : deviations,
  };
}
