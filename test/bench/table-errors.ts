import { exp2Negative, inverseSqrt, reciprocal, sigmoid } from "../../models/decoder/integer/table.ts";

/** Prints the largest errors of the tables, over every input, as `docs/numerics.md` states them. */
const ONE = 2 ** 15;

function largest(
  from: number,
  to: number,
  made: (x: number) => number,
  exact: (x: number) => number,
): number {
  let worst = 0;
  for (let x = from; x < to; x++) worst = Math.max(worst, Math.abs(made(x) - ONE * exact(x)));
  return worst;
}

const errors: Record<string, number> = {
  exp2Negative: largest(0, 18 * 65536, exp2Negative, (d) => 2 ** (-d / 65536)),
  reciprocal: largest(ONE, 2 * ONE, reciprocal, (m) => ONE / m),
  "inverseSqrt, [1, 2)": largest(
    ONE,
    2 * ONE,
    (m) => inverseSqrt(m, false),
    (m) => 1 / Math.sqrt(m / ONE),
  ),
  "inverseSqrt, [2, 4)": largest(
    ONE,
    2 * ONE,
    (m) => inverseSqrt(m, true),
    (m) => 1 / Math.sqrt((2 * m) / ONE),
  ),
  sigmoid: largest(-65536, 65536, sigmoid, (x) => 1 / (1 + Math.exp(-x / 4096))),
};
for (const [name, error] of Object.entries(errors))
  console.log(`${name.padEnd(22)} ${error.toFixed(2)} / 32768 = ${(error / ONE).toExponential(1)}`);
