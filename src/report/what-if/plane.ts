import { peakFor, type RooflineDevice } from "../../roofline/predict/roofline-device.ts";
import type { OperationPrediction } from "../../roofline/predict/step-prediction.ts";

/** Operations a byte, and operations a second. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface OperationPoint extends Point {
  readonly prediction: OperationPrediction;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Line {
  readonly from: Point;
  readonly to: Point;
}

/** What a device allows at most, and what its kernels reach of it. */
export interface Roof {
  readonly device: RooflineDevice;
  readonly numbers: string;
  readonly operationsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** What a device allows where the wider operand has these bits. Some use fewer multipliers for a single vector. */
export function roofOf(device: RooflineDevice, operandBits: number, isOneVector: boolean): Roof {
  const { numbers, operationsPerSecond, oneVectorPerSecond } = peakFor(device, operandBits);
  return {
    device,
    numbers,
    operationsPerSecond: isOneVector ? (oneVectorPerSecond ?? operationsPerSecond) : operationsPerSecond,
    bytesPerSecond: device.memories[0]!.bytesPerSecond,
  };
}

/** What of the roof long kernels reach. */
export const reachedRoof = (roof: Roof): Roof => ({
  ...roof,
  operationsPerSecond: roof.device.kernel.computeShare * roof.operationsPerSecond,
  bytesPerSecond: roof.device.kernel.memoryShare * roof.bytesPerSecond,
});

/** Operations a byte from which on computing, and no longer the memory, is the limit. */
export const ridgeOf = ({ operationsPerSecond, bytesPerSecond }: Roof): Point => ({
  x: operationsPerSecond / bytesPerSecond,
  y: operationsPerSecond,
});

/** The operations that have a place on logarithmic axes: those that compute, move bytes and take time. */
export const pointsOf = (operations: readonly OperationPrediction[]): OperationPoint[] =>
  operations.flatMap((prediction) => {
    const { intensity, operations: computed, seconds } = prediction;
    return intensity === null || intensity <= 0 || seconds <= 0
      ? []
      : [{ x: intensity, y: computed / seconds, prediction }];
  });

/** The part of the plane that is shown. */
export interface Plane {
  readonly x: Range;
  readonly y: Range;
}

/** The part that shows the roofs' ridges and the points, with room for the roofs' names. */
export function planeOf(roofs: readonly Roof[], points: readonly Point[]): Plane {
  const shown = [...roofs.flatMap((roof) => [ridgeOf(roof), ridgeOf(reachedRoof(roof))]), ...points];
  const around = (values: readonly number[], below: number, above: number): Range => ({
    min: roundDown(Math.min(...values) / below),
    max: roundUp(Math.max(...values) * above),
  });
  return {
    x: around(
      shown.map(({ x }) => x),
      1.5,
      4,
    ),
    y: around(
      shown.map(({ y }) => y),
      1.5,
      2,
    ),
  };
}

/** The slope and the flat of a roof within the plane. */
export function linesOf(roof: Roof, { x, y }: Plane): { slope: Line | null; flat: Line | null } {
  const { operationsPerSecond: peak, bytesPerSecond } = roof;
  const ridge = ridgeOf(roof);
  const from = Math.max(x.min, y.min / bytesPerSecond);
  const to = Math.min(x.max, ridge.x);
  const flatFrom = Math.max(x.min, ridge.x);
  return {
    slope:
      from < to
        ? { from: { x: from, y: from * bytesPerSecond }, to: { x: to, y: to * bytesPerSecond } }
        : null,
    flat: flatFrom < x.max ? { from: { x: flatFrom, y: peak }, to: { x: x.max, y: peak } } : null,
  };
}

/** Neighbours of the form 1, 2 or 5 times a power of ten, so that a small change does not move the axes. */
const roundDown = (value: number): number => rounded(value, (all) => all.findLast((one) => one <= value));
const roundUp = (value: number): number => rounded(value, (all) => all.find((one) => one >= value));

function rounded(value: number, choose: (candidates: number[]) => number | undefined): number {
  const exponent = Math.floor(Math.log10(value));
  const candidates = [`1e${exponent}`, `2e${exponent}`, `5e${exponent}`, `1e${exponent + 1}`].map(Number);
  return choose(candidates) ?? value;
}
