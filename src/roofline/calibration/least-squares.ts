/** Residuals beyond this count less than their square: outliers do not pull. */
const SOFTNESS = 0.1;
const STEP = 1e-4;
const MOST_ITERATIONS = 80;

/**
 * Least squares after Levenberg and Marquardt, with the soft loss 2 s² (√(1 + r²/s²) - 1). Deterministic: the same
 * start and the same residuals give the same answer.
 * @param residuals of some parameters; as many each time
 */
export function leastSquares(
  residuals: (parameters: readonly number[]) => readonly number[],
  start: readonly number[],
): number[] {
  let parameters = [...start];
  let current = residuals(parameters);
  let cost = softCost(current);
  let damping = 1e-2;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const columns = parameters.map((_, i) => {
      const moved = residuals(parameters.map((value, k) => (k === i ? value + STEP : value)));
      return moved.map((value, row) => (value - current[row]!) / STEP);
    });
    const weights = current.map((r) => 1 / Math.sqrt(1 + (r / SOFTNESS) ** 2));
    const dot = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, row) => sum + weights[row]! * value * b[row]!, 0);
    const normal = columns.map((a) => columns.map((b) => dot(a, b)));
    const gradient = columns.map((a) => -dot(a, current));
    let better = false;
    while (!better && damping < 1e8) {
      const step = solve(
        normal.map((row, i) => row.map((value, k) => (i === k ? value * (1 + damping) + 1e-12 : value))),
        gradient,
      );
      const tried = parameters.map((value, i) => value + step[i]!);
      const there = residuals(tried);
      const costThere = softCost(there);
      if (costThere < cost) {
        better = true;
        damping = Math.max(damping / 5, 1e-9);
        const gain = (cost - costThere) / cost;
        [parameters, current, cost] = [tried, there, costThere];
        if (gain < 1e-9) return parameters;
      } else damping *= 4;
    }
    if (!better) return parameters;
  }
  return parameters;
}

const softCost = (residuals: readonly number[]): number =>
  residuals.reduce((sum, r) => sum + 2 * SOFTNESS ** 2 * (Math.sqrt(1 + (r / SOFTNESS) ** 2) - 1), 0);

/** Gauss's elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = column + 1; i < n; i++) {
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let k = column; k <= n; k++) rows[i]![k]! -= factor * rows[column]![k]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const rest = rows[i]!.slice(i + 1, n).reduce((sum, value, k) => sum + value * x[i + 1 + k]!, 0);
    x[i] = (rows[i]![n]! - rest) / rows[i]![i]!;
  }
  return x;
}
