/** A prediction beside a measurement. */
export interface LedgerRow {
  readonly section: string;
  readonly what: string;
  readonly unit: string;
  readonly predicted: number;
  /** One standard deviation, in the same unit. */
  readonly uncertainty: number;
  readonly measured: number;
  /**
   * fitted: the measurement had a part in the constants; held out: it, or another of the same run, did in others, but not in
   * these; predicted: in none.
   */
  readonly kind: "fitted" | "held out" | "predicted";
  readonly measuredBy: string;
  readonly source: string;
  /** By what rows of a long section are summed up: `{ model: "Qwen-72B", tokens: "128" }`. */
  readonly groups?: Readonly<Record<string, string>>;
}

/** Positive where the prediction is too large. */
export const residual = ({ predicted, measured }: LedgerRow): number => predicted / measured - 1;

/** What a list of rows comes to. */
export interface LedgerSummary {
  readonly rows: number;
  /** Mean of the residuals' absolute values. */
  readonly meanAbsolute: number;
  /** Mean of the residuals. */
  readonly bias: number;
  readonly worst: number;
  /** Share of measurements within one stated standard deviation; 68 % where it is right. */
  readonly withinDeviation: number;
}

export function summaryOf(rows: readonly LedgerRow[]): LedgerSummary {
  const residuals = rows.map(residual);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    rows: rows.length,
    meanAbsolute: mean(residuals.map(Math.abs)),
    bias: mean(residuals),
    worst: residuals.reduce((worst, one) => (Math.abs(one) > Math.abs(worst) ? one : worst), 0),
    withinDeviation: mean(
      rows.map(({ predicted, measured, uncertainty }) =>
        Math.abs(predicted - measured) <= uncertainty ? 1 : 0,
      ),
    ),
  };
}
