import { type Kernel, type KernelTimeConstants, kernelSeconds } from "../calibration/kernel-time.ts";
import { activation, add, gather, gemm, norm, rotary } from "../calibration/kernels.ts";
import type { KernelClass } from "../calibration/uncertainty.ts";
import type { KernelSizes } from "../workload/operation.ts";

/** Of a processor whose kernels were measured: more than bytes and operations decide how long one takes. */
export interface KernelModel {
  readonly constants: KernelTimeConstants;
  readonly multiprocessors: number;
  /** Norms, activations and the like as well as matrix products. */
  readonly rowsKnown: boolean;
  /** Relative, one standard deviation, of kernels of a class. */
  readonly deviations: Readonly<Record<KernelClass, number>>;
  /** Of the cache, as much as one multiprocessor's data can stay in. */
  readonly cacheBytes: number;
}

export interface KernelPeaks {
  readonly bytesPerSecond: number;
  readonly operationsPerSecond: number;
  /** Bytes of a stored weight, with its share of scales and indices. */
  readonly weightBytes: number;
  readonly activationBytes: number;
}

/**
 * Seconds of one run of an operation's kernel. Operations that are multiplied together have the fused product's time in
 * parts, by their outputs.
 */
export function measuredSeconds(sizes: KernelSizes, model: KernelModel, peaks: KernelPeaks): number {
  const share = sizes.kind === "gemm" ? sizes.outputs / sizes.fusedOutputs : 1;
  return share * fusedSeconds(sizes, model, peaks);
}

/** Most kernels are the same in every step of an answer, and a product's tiles take long to choose. */
const KNOWN = new WeakMap<KernelTimeConstants, Map<string, number>>();
const MOST_KNOWN = 4096;

function fusedSeconds(sizes: KernelSizes, model: KernelModel, peaks: KernelPeaks): number {
  const { constants, multiprocessors, cacheBytes } = model;
  const known = KNOWN.get(constants) ?? new Map<string, number>();
  KNOWN.set(constants, known);
  const kernel = kernelOf(sizes, peaks);
  const key = JSON.stringify([
    kernel,
    peaks.bytesPerSecond,
    peaks.operationsPerSecond,
    multiprocessors,
    cacheBytes,
  ]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const seconds = kernelSeconds(kernel, constants, { ...model, ...peaks });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, seconds);
  return seconds;
}

function kernelOf(sizes: KernelSizes, { weightBytes, activationBytes }: KernelPeaks): Kernel {
  switch (sizes.kind) {
    case "gemm":
      return gemm(sizes.tokens, sizes.inputs, sizes.fusedOutputs, weightBytes, activationBytes);
    case "norm":
      return norm(sizes.tokens, sizes.elements);
    case "activation":
      return activation(sizes.tokens, sizes.elements, sizes.operands);
    case "add":
      return add(sizes.tokens, sizes.elements);
    case "rotary":
      return rotary(sizes.tokens, sizes.queries, sizes.keys);
    case "gather":
      return gather(sizes.tokens, sizes.elements);
  }
}
