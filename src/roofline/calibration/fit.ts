import { type GatherConstants, type GatherKernel, gatherSeconds } from "./gather-time.ts";
import { type GemmConstants, type GemmKernel, gemmSeconds } from "./gemm-time.ts";
import type { Kernel, KernelTimeConstants, Processor } from "./kernel-time.ts";
import { leastSquares } from "./least-squares.ts";
import {
  ROW_CLASSES,
  type RowClassConstants,
  type RowConstants,
  type RowKernel,
  rowSeconds,
} from "./row-time.ts";

/** A kernel with the time that it took. */
export interface TimedKernel<K extends Kernel = Kernel> {
  readonly kernel: K;
  readonly seconds: number;
}

const GEMM_START: GemmConstants = {
  t0Seconds: 4e-6,
  memoryShare: 0.8,
  computeShare: 0.9,
  edge: 13,
  fill: 30,
  p: 3,
  reductionSeconds: 1.5e-6,
};

const GATHER_START: GatherConstants = { t0Seconds: 2.5e-6, rowSeconds: 0.7e-6, memoryShare: 0.15 };

const ROW_START = { p: 2.5, idleShare: 0.5 };
const ROW_CLASS_START: RowClassConstants = {
  t0Seconds: 1.6e-6,
  passSeconds: 0.5e-6,
  cacheShare: 0.7,
  memoryShare: 0.5,
};
/**
 * Starting a kernel costs about the same whatever it does: logarithms of the classes' t0 are held together, each by
 * this weight. Without it, t0 and the latency of a pass cannot be told apart in rows of one length.
 */
const ALIKE = 1.5;

/** The constants under which kernels' times come out best, in the logarithm of time. */
export function fitKernels(timed: readonly TimedKernel[], processor: Processor): KernelTimeConstants {
  return {
    gemm: fitGemm(timed.filter(isGemm), processor),
    rows: fitRows(timed.filter(isRows), processor),
    gather: fitGather(timed.filter(isGather), processor),
  };
}

export const isGemm = (timed: TimedKernel): timed is TimedKernel<GemmKernel> => timed.kernel.kind === "gemm";
const isRows = (timed: TimedKernel): timed is TimedKernel<RowKernel> => timed.kernel.kind === "rows";
const isGather = (timed: TimedKernel): timed is TimedKernel<GatherKernel> => timed.kernel.kind === "gather";

const error = (predicted: number, measured: number): number => Math.log(predicted / measured);

/** Fits positive constants: their logarithms are what is varied. */
function fitPositive<Key extends string>(
  start: Readonly<Record<Key, number>>,
  residuals: (constants: Readonly<Record<Key, number>>) => readonly number[],
): Record<Key, number> {
  const keys = Object.keys(start) as Key[];
  const named = (logs: readonly number[]): Record<Key, number> =>
    Object.fromEntries(keys.map((key, i) => [key, Math.exp(logs[i]!)])) as Record<Key, number>;
  return named(
    leastSquares(
      (logs) => residuals(named(logs)),
      keys.map((key) => Math.log(start[key])),
    ),
  );
}

const fitGemm = (timed: readonly TimedKernel<GemmKernel>[], processor: Processor): GemmConstants =>
  fitPositive({ ...GEMM_START }, (constants) =>
    timed.map(({ kernel, seconds }) => error(gemmSeconds(kernel, constants, processor), seconds)),
  );

const fitGather = (timed: readonly TimedKernel<GatherKernel>[], processor: Processor): GatherConstants =>
  fitPositive({ ...GATHER_START }, (constants) =>
    timed.map(({ kernel, seconds }) => error(gatherSeconds(kernel, constants, processor), seconds)),
  );

function fitRows(timed: readonly TimedKernel<RowKernel>[], processor: Processor): RowConstants {
  const start = {
    ...ROW_START,
    ...Object.fromEntries(
      ROW_CLASSES.flatMap((name) =>
        Object.entries(ROW_CLASS_START).map(([field, value]) => [`${name} ${field}`, value]),
      ),
    ),
  };
  const constantsOf = (flat: Readonly<Record<string, number>>): RowConstants => {
    const classOf = (name: string): RowClassConstants => ({
      t0Seconds: flat[`${name} t0Seconds`]!,
      passSeconds: flat[`${name} passSeconds`]!,
      cacheShare: flat[`${name} cacheShare`]!,
      memoryShare: flat[`${name} memoryShare`]!,
    });
    return {
      p: flat.p!,
      idleShare: flat.idleShare!,
      classes: {
        norm: classOf("norm"),
        rotary: classOf("rotary"),
        activation: classOf("activation"),
        add: classOf("add"),
      },
    };
  };
  const flat = fitPositive(start as Record<string, number>, (tried) => {
    const constants = constantsOf(tried);
    return [
      ...timed.map(({ kernel, seconds }) => error(rowSeconds(kernel, constants, processor), seconds)),
      ...apart(ROW_CLASSES.map((name) => constants.classes[name].t0Seconds)),
    ];
  });
  return constantsOf(flat);
}

/** How far constants that should be alike are from their mean. */
function apart(values: readonly number[]): readonly number[] {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return logs.map((value) => ALIKE * (value - mean));
}
