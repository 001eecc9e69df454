import type { TransformerShape } from "../../../models/shapes/transformer.ts";
import { type Footprint, footprintOf, heldWeights } from "../workload/footprint.ts";
import { addTraffic, kernelsOf, NO_TRAFFIC, type Operation, type Traffic } from "../workload/operation.ts";
import { operationsOf } from "../workload/operations.ts";
import { type Formats, operandBits, type Step } from "../workload/step.ts";
import { type Limit, type OperationTime, operationTime } from "./operation-time.ts";
import { type Residency, residencyOf } from "./residency.ts";
import { type Numbers, peakFor, type RooflineDevice } from "./roofline-device.ts";

/** An operation of a step, with what it costs one of the devices in all its runs. */
export interface OperationPrediction {
  readonly operation: Operation;
  /** Of one run. */
  readonly time: OperationTime;
  /** Of all runs. */
  readonly seconds: number;
  readonly bytes: number;
  /** Executed on matrix unit and lanes. */
  readonly operations: number;
  /** Operations a byte that passes a memory's port; null where none does. */
  readonly intensity: number | null;
}

/** What a step costs on a device, or on `formats.tensorParallel` of them. */
export interface StepPrediction {
  readonly step: Step;
  /** What the layers' matrices are multiplied with. */
  readonly numbers: Numbers;
  readonly operations: readonly OperationPrediction[];
  readonly seconds: number;
  /** One standard deviation, in seconds. */
  readonly uncertaintySeconds: number;
  /** Executed, by one device: zeros that are not skipped included. */
  readonly matrixOperations: number;
  /** As if nothing were pruned. */
  readonly denseMatrixOperations: number;
  readonly vectorOperations: number;
  readonly traffic: Traffic;
  readonly bytes: number;
  readonly intensity: number | null;
  /** What the step spends most time on. */
  readonly limit: Limit;
  /** Share of the peak of the weights' memory: bytes that it moves, over the step's time. */
  readonly memoryShare: number;
  readonly joules: number;
  /** One standard deviation. */
  readonly uncertaintyJoules: number;
  readonly footprint: Footprint;
  readonly residency: Residency;
  /** Bytes that do not fit; 0 where all does. */
  readonly missingBytes: number;
}

/** @param weights bytes of weights held, where they are known already */
export function predictStep(
  shape: TransformerShape,
  device: RooflineDevice,
  formats: Formats,
  step: Step,
  weights = heldWeights(shape, formats),
): StepPrediction {
  const stepOperations = operationsOf(shape, step, formats);
  const footprint = footprintOf(shape, formats, step, weights, stepOperations);
  const residency = residencyOf(device, footprint);
  const operations = stepOperations.map((operation): OperationPrediction => {
    const time = operationTime(operation, device, residency);
    const { repeat, vectorOperations } = operation;
    const computed = time.executedMatrixOperations + vectorOperations;
    return {
      operation,
      time,
      seconds: repeat * (time.seconds + kernelsOf(operation) * device.gapSeconds),
      bytes: repeat * time.bytes,
      operations: repeat * computed,
      intensity: time.bytes === 0 ? null : computed / time.bytes,
    };
  });
  const sum = (of: (prediction: OperationPrediction) => number): number =>
    operations.reduce((total, prediction) => total + of(prediction), 0);
  const seconds = sum((prediction) => prediction.seconds);
  const bytes = sum((prediction) => prediction.bytes);
  const matrixOperations = sum(({ operation, time }) => operation.repeat * time.executedMatrixOperations);
  const vectorOperations = sum(({ operation }) => operation.repeat * operation.vectorOperations);
  const computed = matrixOperations + vectorOperations;
  const uncertaintySeconds = uncertaintyOf(device, operations);
  const joules = formats.tensorParallel * joulesOf(device, seconds, operations);
  return {
    step,
    numbers: peakFor(device, operandBits(formats)).numbers,
    operations,
    seconds,
    uncertaintySeconds,
    matrixOperations,
    denseMatrixOperations: sum(({ operation }) => operation.repeat * operation.denseMatrixOperations),
    vectorOperations,
    traffic: operations.reduce(
      (total, { operation, time }) => addTraffic(total, time.moved, operation.repeat),
      NO_TRAFFIC,
    ),
    bytes,
    intensity: bytes === 0 ? null : computed / bytes,
    limit: longestLimit(operations),
    memoryShare:
      sum(({ operation, time }) => operation.repeat * time.weightMemoryBytes) /
      seconds /
      device.memories[0]!.bytesPerSecond,
    joules,
    uncertaintyJoules: energyUncertainty(uncertaintySeconds / seconds) * joules,
    footprint,
    residency,
    missingBytes: missingBytes(device, footprint, residency),
  };
}

/** Picojoules of a byte and an operation differ by about as much between processes and sources. */
const PICOJOULES_UNCERTAINTY = 0.4;

/** Relative: that of the energy's constants, and that of the time in which idle power is drawn. */
export const energyUncertainty = (ofTime: number): number => Math.hypot(PICOJOULES_UNCERTAINTY, ofTime);

/** Relative, of what a program adds between kernels: about as far as steps of one framework are apart. */
const GAP_UNCERTAINTY = 0.1;

/** Relative, one standard deviation, of kernels that are timed so. */
export const uncertaintyOfKernel = (
  { kernel, kernelModel }: RooflineDevice,
  timedAs: OperationTime["timedAs"],
): number =>
  timedAs === "plain" || kernelModel === null ? kernel.uncertainty : kernelModel.deviations[timedAs];

/**
 * One standard deviation of a step's seconds. Constants of a class of kernels are wrong for all kernels of the class alike,
 * so their errors add up; those of different classes add in squares.
 */
function uncertaintyOf(device: RooflineDevice, operations: readonly OperationPrediction[]): number {
  const seconds = new Map<OperationTime["timedAs"], number>();
  let gaps = 0;
  for (const { operation, time } of operations) {
    const { repeat } = operation;
    seconds.set(time.timedAs, (seconds.get(time.timedAs) ?? 0) + repeat * time.seconds);
    gaps += repeat * kernelsOf(operation) * device.gapSeconds;
  }
  const deviations = [...seconds].map(([timedAs, sum]) => uncertaintyOfKernel(device, timedAs) * sum);
  return Math.hypot(...deviations, GAP_UNCERTAINTY * gaps);
}

/** Energy of a device: what it takes idle, what kernels at work take besides, and what moving and computing takes; no more than the board can draw. */
function joulesOf(
  { idleWatts, activeWatts, boardWatts }: RooflineDevice,
  seconds: number,
  operations: readonly OperationPrediction[],
): number {
  let working = 0;
  let dynamic = 0;
  for (const { operation, time } of operations) {
    working += operation.repeat * time.seconds;
    dynamic += operation.repeat * time.dynamicJoules;
  }
  const asked = idleWatts * seconds + activeWatts * working + dynamic;
  return boardWatts === null ? asked : Math.min(asked, boardWatts * seconds);
}

/** The limit under which most of the time passes. */
function longestLimit(operations: readonly OperationPrediction[]): Limit {
  const byLimit = new Map<string, { limit: Limit; seconds: number }>();
  for (const { time, seconds } of operations) {
    const known = byLimit.get(time.limit.resource);
    if (known === undefined) byLimit.set(time.limit.resource, { limit: time.limit, seconds });
    else known.seconds += seconds;
  }
  return [...byLimit.values()].reduce((longest, entry) => (entry.seconds > longest.seconds ? entry : longest))
    .limit;
}

/** What neither the memories nor the chip have room for. */
function missingBytes(device: RooflineDevice, footprint: Footprint, residency: Residency): number {
  const [forWeights] = device.memories;
  const forKeysAndValues = device.memories.find(({ writable }) => writable);
  const weights = footprint.weights * (1 - (forWeights!.writable ? 0 : residency.weights));
  const others =
    footprint.keysAndValues * (1 - residency.keysAndValues) +
    (residency.activations ? 0 : footprint.activations);
  if (forKeysAndValues === undefined) {
    return Math.max(0, weights - forWeights!.bytes) + others;
  }
  return forKeysAndValues === forWeights
    ? Math.max(0, weights + others - forWeights.bytes)
    : Math.max(0, weights - forWeights!.bytes) + Math.max(0, others - forKeysAndValues.bytes);
}
