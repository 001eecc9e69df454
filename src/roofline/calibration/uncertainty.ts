import type { Kernel } from "./kernel-time.ts";
import type { RowClass } from "./row-time.ts";

/** Kernels whose errors go together. */
export type KernelClass = "gemm" | "gather" | RowClass;

export const classOf = (kernel: Kernel): KernelClass => (kernel.kind === "rows" ? kernel.class : kernel.kind);

/** Relative error of a prediction, positive where it is too long. */
export const relativeError = (predicted: number, measured: number): number => predicted / measured - 1;

export const meanAbsolute = (errors: readonly number[]): number =>
  errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;

/** One standard deviation about zero: a bias counts as an error. */
export const deviation = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);

/** Seconds of a class of kernels in a step, and the relative deviation of one of them. */
export interface ClassTime {
  readonly seconds: number;
  readonly deviation: number;
}

/**
 * One standard deviation of a sum. Errors within a class are taken for the same in every kernel (a constant that is
 * wrong is wrong for all of them), those of classes for independent: they add in squares.
 */
export const deviationOfSum = (classes: readonly ClassTime[]): number =>
  Math.hypot(...classes.map(({ seconds, deviation: relative }) => seconds * relative));
