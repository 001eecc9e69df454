import type { TimedKernel } from "./fit.ts";
import type { GemmKernel } from "./gemm-time.ts";
import type { Processor } from "./kernel-time.ts";
import { leastSquares } from "./least-squares.ts";
import { overlapped } from "./overlap.ts";

/** t0 + (memory^p + compute^p)^(1/p) with shares of the peaks: for operators of which no more is known than bytes and operations. */
export interface PlainConstants {
  readonly t0Seconds: number;
  readonly memoryShare: number;
  readonly computeShare: number;
  readonly p: number;
}

export function plainSeconds(
  { tokens, inputs, outputs, weightBytes, activationBytes }: GemmKernel,
  { t0Seconds, memoryShare, computeShare, p }: PlainConstants,
  { bytesPerSecond, operationsPerSecond }: Processor,
): number {
  const bytes = weightBytes * inputs * outputs + activationBytes * tokens * (inputs + outputs);
  const memory = bytes / (memoryShare * bytesPerSecond);
  const compute = (2 * tokens * inputs * outputs) / (computeShare * operationsPerSecond);
  return t0Seconds + overlapped(p, memory, compute);
}

/** Fitted on matrix products: they take nearly all of a step's time. */
export function fitPlain(timed: readonly TimedKernel<GemmKernel>[], processor: Processor): PlainConstants {
  const constants = ([t0, memory, compute, p]: readonly number[]): PlainConstants => ({
    t0Seconds: Math.exp(t0!),
    memoryShare: Math.exp(memory!),
    computeShare: Math.exp(compute!),
    p: Math.exp(p!),
  });
  const start = [4e-6, 0.8, 0.7, 3].map(Math.log);
  return constants(
    leastSquares(
      (logs) =>
        timed.map(({ kernel, seconds }) =>
          Math.log(plainSeconds(kernel, constants(logs), processor) / seconds),
        ),
      start,
    ),
  );
}
