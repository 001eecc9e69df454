import type { Module } from "../../hdl/builder/graph.ts";
import { type Calibration, type Kind, readCalibration, type Spread } from "./calibration.ts";
import { addCounts, type CircuitCounts, countCircuit } from "./counts.ts";

/** Cells of an iCE40 UP5K, as `CellCounts` of a synthesis has them. */
export type EstimatedCells = Readonly<Record<Kind, number>>;

export interface UnitEstimate {
  /** Names of the instances on the way to it, joined by points; empty for the whole design. */
  readonly path: string;
  /** Name of its module. */
  readonly unit: string;
  /** Of the unit and all inside it, where it stands in the design. */
  readonly cells: EstimatedCells;
}

export interface CellEstimate {
  readonly kind: "estimated";
  readonly cells: EstimatedCells;
  /** Every instance, each behind the one that it is a part of; the whole design first. */
  readonly units: readonly UnitEstimate[];
  /** How far such estimates were from synthesis on whole machines that they were not fitted to. */
  readonly spread: Readonly<Record<Kind, Spread>>;
}

/**
 * What synthesis for an iCE40 UP5K would make of a module, without synthesis: in about a second for 10,000 look-up tables. DSP
 * blocks and memories are counted, logic is covered with look-up tables, and their number is corrected by what synthesis made
 * of other machines (`docs/validation.md`).
 * @throws HardwareError where a value follows itself within a cycle; RangeError for more than 33 million gates
 */
export function estimateCells(module: Module): CellEstimate {
  const calibration = readCalibration();
  const counts = countCircuit(module);
  const units = counts.map(({ path, unit }, i) => {
    // The instances inside it follow it.
    const inside = path === "" ? () => true : (other: string) => other.startsWith(`${path}.`);
    const own = counts.filter((other, j) => j === i || inside(other.path));
    return { path, unit, cells: calibrated(addCounts(own), calibration) };
  });
  return {
    kind: "estimated",
    cells: calibrated(addCounts(counts), calibration),
    units,
    spread: calibration.spread,
  };
}

/** Cells that synthesis makes of what was counted. */
export function calibrated(
  { logic, sums, carries, flipFlops, dsp, blockRam, spram }: CircuitCounts,
  { lut4, carries: perCarry }: Pick<Calibration, "lut4" | "carries">,
): EstimatedCells {
  return {
    lut4: Math.round(logic * lut4.logic + sums * lut4.sums),
    flipFlops,
    carries: Math.round(carries * perCarry),
    dsp,
    blockRam,
    spram,
  };
}
