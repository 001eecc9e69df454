import { InputError } from "../../../models/errors.ts";
import { overlapped } from "../calibration/overlap.ts";
import type { KernelClass } from "../calibration/uncertainty.ts";
import type { Operation, Traffic } from "../workload/operation.ts";
import { measuredSeconds } from "./measured-kernel.ts";
import type { Residency } from "./residency.ts";
import {
  type Numbers,
  type Peak,
  peakFor,
  type RooflineDevice,
  type RooflineMemory,
  shareOfAccess,
} from "./roofline-device.ts";

/** What takes longest. */
export type Limit =
  | { readonly kind: "memory"; readonly resource: string }
  | { readonly kind: "compute"; readonly resource: "matrix" | "lanes" | "decoder" }
  | { readonly kind: "link"; readonly resource: "link" }
  | { readonly kind: "launch"; readonly resource: "launch" };

/** One run of an operation on a device. */
export interface OperationTime {
  readonly seconds: number;
  /** Times of the resources, as if each were alone. */
  readonly memorySeconds: number;
  readonly matrixSeconds: number;
  readonly laneSeconds: number;
  readonly decoderSeconds: number;
  readonly linkSeconds: number;
  readonly limit: Limit;
  /** What passes a memory's port, residency taken into account. */
  readonly moved: Traffic;
  readonly bytes: number;
  /** Of these, those of the weights' memory. */
  readonly weightMemoryBytes: number;
  /** Of moving and computing; what the device takes idle is not in it. */
  readonly dynamicJoules: number;
  /** Multiplied by the matrix unit, zeros that it does not skip included. */
  readonly executedMatrixOperations: number;
  readonly numbers: Numbers;
  /** What the time follows from: a class of measured kernels, or bytes and operations alone. */
  readonly timedAs: KernelClass | "plain";
}

/** t0 + (memory^p + compute^p)^(1/p): between a sum (p = 1) and the roofline's maximum (p = ∞). */
export function kernelSeconds(
  { t0Seconds, p }: { readonly t0Seconds: number; readonly p: number | null },
  memorySeconds: number,
  computeSeconds: number,
): number {
  return t0Seconds + overlapped(p, memorySeconds, computeSeconds);
}

/** What leaves or enters the chip. */
export function movedTraffic(operation: Operation, residency: Residency): Traffic {
  const { traffic } = operation;
  const weights = operation.kind === "table" ? 1 : 1 - residency.weights;
  const keysAndValues = 1 - residency.keysAndValues;
  const activations = residency.activations ? 0 : 1;
  return {
    weights: weights * traffic.weights,
    scales: weights * traffic.scales,
    indices: weights * traffic.indices,
    activationsRead: activations * traffic.activationsRead,
    activationsWritten: activations * traffic.activationsWritten,
    keysAndValuesRead: keysAndValues * traffic.keysAndValuesRead,
    keysAndValuesWritten: keysAndValues * traffic.keysAndValuesWritten,
    program: traffic.program,
  };
}

/** Seconds that bytes in accesses of a size take, at the share of the peak that such accesses get. */
function streamSeconds(memory: RooflineMemory, memoryShare: number, bytes: number, access: number): number {
  if (bytes === 0) return 0;
  // Accesses of no size said are long streams.
  const share = access === 0 ? 1 : shareOfAccess(memory, access);
  return bytes / (memory.bytesPerSecond * memoryShare * share);
}

export function operationTime(
  operation: Operation,
  device: RooflineDevice,
  residency: Residency,
): OperationTime {
  const { kernel } = device;
  const peak = peakFor(device, operation.operandBits);
  const moved = movedTraffic(operation, residency);
  const forWeights = device.memories[0]!;
  const forKeysAndValues = device.memories.find(({ writable }) => writable) ?? forWeights;
  const weights = moved.weights + moved.scales + moved.indices + moved.program;
  const keysAndValues = moved.keysAndValuesRead + moved.keysAndValuesWritten;
  const activations = moved.activationsRead + moved.activationsWritten;
  const weightSeconds = streamSeconds(
    forWeights,
    kernel.memoryShare,
    weights,
    operation.accessBytes.weights / forWeights.channels,
  );
  const otherSeconds =
    streamSeconds(forKeysAndValues, kernel.memoryShare, keysAndValues, operation.accessBytes.keysAndValues) +
    streamSeconds(forKeysAndValues, kernel.memoryShare, activations, 0);
  // Ports of different memories work side by side.
  const memorySeconds =
    forWeights === forKeysAndValues ? weightSeconds + otherSeconds : Math.max(weightSeconds, otherSeconds);

  const executed = executedOperations(operation, device, peak);
  const matrixSeconds = executed / (matrixRate(operation, device, peak) * kernel.computeShare);
  const perLane = device.vectorOperationsPerSecond;
  const laneSeconds = perLane === null ? 0 : operation.vectorOperations / perLane;
  const decoderSeconds = device.hasDecoder || perLane === null ? 0 : operation.decodeOperations / perLane;
  const linkSeconds = linkTime(operation, device);
  // A processor's lanes unpack what its matrix unit then takes; both work side by side.
  const computeSeconds = Math.max(matrixSeconds, laneSeconds + decoderSeconds);
  const known = knownSeconds(operation, device, peak, moved);
  const seconds =
    linkSeconds +
    (known === null
      ? kernelSeconds(kernel, memorySeconds, computeSeconds)
      : Math.max(known, decoderSeconds === 0 ? 0 : kernel.t0Seconds + decoderSeconds));
  const candidates: readonly (readonly [number, Limit])[] = [
    [weightSeconds, { kind: "memory", resource: forWeights.name }],
    [
      forWeights === forKeysAndValues ? memorySeconds : otherSeconds,
      { kind: "memory", resource: forKeysAndValues.name },
    ],
    [matrixSeconds, { kind: "compute", resource: "matrix" }],
    [laneSeconds, { kind: "compute", resource: "lanes" }],
    [decoderSeconds, { kind: "compute", resource: "decoder" }],
    [linkSeconds, { kind: "link", resource: "link" }],
    [kernel.t0Seconds, { kind: "launch", resource: "launch" }],
  ];
  const [, limit] = candidates.reduce((longest, candidate) =>
    candidate[0] > longest[0] ? candidate : longest,
  );
  return {
    seconds,
    memorySeconds,
    matrixSeconds,
    laneSeconds,
    decoderSeconds,
    linkSeconds,
    limit,
    moved,
    bytes: weights + keysAndValues + activations,
    weightMemoryBytes: weights + (forWeights === forKeysAndValues ? keysAndValues + activations : 0),
    executedMatrixOperations: executed,
    numbers: peak.numbers,
    timedAs: known === null ? "plain" : classOfSizes(operation),
    dynamicJoules:
      1e-12 *
      (forWeights.picojoulesPerByte * weights +
        forKeysAndValues.picojoulesPerByte * (keysAndValues + activations) +
        peak.picojoulesPerOperation * (executed + operation.vectorOperations)),
  };
}

/** Of a kernel of a kind that was measured on the device; null of others. */
function knownSeconds(
  operation: Operation,
  { kernelModel, memories: [memory] }: RooflineDevice,
  peak: Peak,
  moved: Traffic,
): number | null {
  const { kernel: sizes, traffic } = operation;
  if (kernelModel === null || sizes === null) return null;
  const isGemm = sizes.kind === "gemm";
  if (!isGemm && !kernelModel.rowsKnown) return null;
  const stored = moved.weights + moved.scales + moved.indices;
  return measuredSeconds(sizes, kernelModel, {
    bytesPerSecond: memory!.bytesPerSecond,
    operationsPerSecond:
      operation.twoOfFour && peak.sparse24PerSecond !== null
        ? peak.sparse24PerSecond
        : peak.operationsPerSecond,
    weightBytes: isGemm ? stored / (sizes.inputs * sizes.outputs) : 0,
    // Activations are counted in full: the model knows for itself what its cache is worth.
    activationBytes: isGemm ? traffic.activationsWritten / (sizes.tokens * sizes.outputs) : 0,
  });
}

/** Zeros are skipped where the device skips them all, or knows two of four; elsewhere they are multiplied too. */
const executedOperations = (operation: Operation, { skipsZeros }: RooflineDevice, peak: Peak): number =>
  skipsZeros || knowsPattern(operation, peak) ? operation.matrixOperations : operation.denseMatrixOperations;

/** Executed operations a second. */
function matrixRate(operation: Operation, { skipsZeros }: RooflineDevice, peak: Peak): number {
  const { together, matrixOperations: kept, denseMatrixOperations: all } = operation;
  // The sparse peak counts zeros as well.
  if (!skipsZeros && knowsPattern(operation, peak)) return (peak.sparse24PerSecond! * kept) / all;
  return together === 1 ? (peak.oneVectorPerSecond ?? peak.operationsPerSecond) : peak.operationsPerSecond;
}

const knowsPattern = (operation: Operation, { sparse24PerSecond }: Peak): boolean =>
  operation.twoOfFour && sparse24PerSecond !== null;

/** Of a kernel of known sizes. */
const classOfSizes = ({ kernel }: Operation): KernelClass => kernel!.kind;

function linkTime({ linkBytes, linkSteps }: Operation, { link, name }: RooflineDevice): number {
  if (linkSteps === 0) return 0;
  if (link === null)
    throw new InputError(
      `${name} has no link to others of its kind, so that no two of them can share a model.`,
    );
  return link.startSeconds + linkSteps * link.stepSeconds + linkBytes / link.bytesPerSecond;
}
