import { type Calibration, KINDS, type Kind, type Spread } from "../../../src/estimate/calibration.ts";
import type { CircuitCounts } from "../../../src/estimate/counts.ts";
import { calibrated, type EstimatedCells } from "../../../src/estimate/estimate.ts";

/** A machine that was synthesised, with what is counted in its circuit without synthesis. */
export interface Sample {
  readonly index: number;
  readonly what: string;
  readonly heldOut: boolean;
  readonly synthesised: EstimatedCells;
  readonly counts: CircuitCounts;
}

export type Fit = Pick<Calibration, "lut4" | "carries">;

/** Fits to the machines that are not held out; relative errors count, so that small machines weigh as much as large ones. */
export function fitTo(samples: readonly Sample[]): Fit {
  const fitted = samples.filter(({ heldOut }) => !heldOut);
  const [logic = 0, sums = 0] = nonNegativeLeastSquares(
    fitted.map(({ counts, synthesised }) =>
      [counts.logic, counts.sums].map((count) => count / synthesised.lut4),
    ),
  );
  const [carries = 0] = nonNegativeLeastSquares(
    fitted.map(({ counts, synthesised }) => [counts.carries / synthesised.carries]),
  );
  const rounded = (factor: number): number => Number(factor.toFixed(4));
  return {
    lut4: { logic: rounded(logic), sums: rounded(sums) },
    carries: rounded(carries),
  };
}

/** Relative errors of estimates, by kind. */
export function residualsOf({ counts, synthesised }: Sample, fit: Fit): Readonly<Record<Kind, number>> {
  const estimated = calibrated(counts, fit);
  return perKind((kind) =>
    estimated[kind] === synthesised[kind] ? 0 : estimated[kind] / synthesised[kind] - 1,
  );
}

export function spreadOf(samples: readonly Sample[], fit: Fit): Readonly<Record<Kind, Spread>> {
  const residuals = samples.map((sample) => residualsOf(sample, fit));
  return perKind((kind) => {
    const errors = residuals.map((residual) => residual[kind]);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const largest = Math.max(...errors.map(Math.abs));
    return { mean: Number(mean.toFixed(4)), largest: Number(largest.toFixed(4)) };
  });
}

function perKind<T>(of: (kind: Kind) => T): Record<Kind, T> {
  const [lut4, flipFlops, carries, dsp, blockRam, spram] = KINDS;
  return {
    lut4: of(lut4),
    flipFlops: of(flipFlops),
    carries: of(carries),
    dsp: of(dsp),
    blockRam: of(blockRam),
    spram: of(spram),
  };
}

/**
 * Factors, none negative, whose sums of products with the rows' entries come nearest to 1. The best of the solutions for
 * every choice of factors that may differ from 0: with two of them these are four.
 */
export function nonNegativeLeastSquares(rows: readonly (readonly number[])[]): readonly number[] {
  const width = rows[0]?.length ?? 0;
  let best: readonly number[] = Array.from({ length: width }, () => 0);
  const errorOf = (factors: readonly number[]): number =>
    rows.reduce((sum, row) => sum + (dot(row, factors) - 1) ** 2, 0);
  for (let chosen = 1; chosen < 2 ** width; chosen++) {
    const columns = Array.from({ length: width }, (_, i) => i).filter((i) => (chosen >> i) & 1);
    const picked = rows.map((row) => columns.map((i) => row[i] ?? 0));
    const solution = leastSquares(picked);
    if (solution === null || solution.some((factor) => factor < 0)) continue;
    const factors = Array.from({ length: width }, (_, i) => solution[columns.indexOf(i)] ?? 0);
    if (errorOf(factors) < errorOf(best)) best = factors;
  }
  return best;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** By the normal equations, whose right side is each column's sum; null: they have no single solution. */
function leastSquares(rows: readonly (readonly number[])[]): readonly number[] | null {
  const width = rows[0]?.length ?? 0;
  const column = (i: number): number[] => rows.map((row) => row[i] ?? 0);
  const columns = Array.from({ length: width }, (_, i) => column(i));
  const ones = rows.map(() => 1);
  const system = columns.map((one) => [...columns.map((other) => dot(one, other)), dot(one, ones)]);
  for (let i = 0; i < width; i++) {
    const pivot = system[i];
    const lead = pivot?.[i] ?? 0;
    if (pivot === undefined || Math.abs(lead) < 1e-9) return null;
    for (const [j, row] of system.entries()) {
      if (j === i) continue;
      const factor = (row[i] ?? 0) / lead;
      for (let k = 0; k <= width; k++) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0);
    }
  }
  return system.map((row, i) => (row[width] ?? 0) / (row[i] ?? 1));
}
