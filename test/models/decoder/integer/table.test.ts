import { describe, expect, it } from "vitest";
import { exp2Negative, inverseSqrt, reciprocal, sigmoid } from "../../../../models/decoder/integer/table.ts";

const ONE = 2 ** 15;

/** Largest |error| over all inputs, in units of the last place (2^-15). */
function largestError(
  inputs: Iterable<number>,
  made: (x: number) => number,
  exact: (x: number) => number,
): number {
  let worst = 0;
  for (const x of inputs) worst = Math.max(worst, Math.abs(made(x) - ONE * exact(x)));
  return worst;
}

function* range(from: number, to: number): Generator<number> {
  for (let x = from; x < to; x++) yield x;
}

/** The bounds are those that `docs/numerics.md` states. */
describe("tables, over every input", () => {
  it("exp2Negative", () => {
    expect(largestError(range(0, 18 * 65536), exp2Negative, (d) => 2 ** (-d / 65536))).toBeLessThan(1.6);
    expect(exp2Negative(2 ** 32 - 1)).toBe(0);
  });

  it("reciprocal", () => {
    expect(largestError(range(ONE, 2 * ONE), reciprocal, (m) => ONE / m)).toBeLessThan(2.8);
  });

  it("inverseSqrt", () => {
    expect(
      largestError(
        range(ONE, 2 * ONE),
        (m) => inverseSqrt(m, false),
        (m) => 1 / Math.sqrt(m / ONE),
      ),
    ).toBeLessThan(3.7);
    expect(
      largestError(
        range(ONE, 2 * ONE),
        (m) => inverseSqrt(m, true),
        (m) => 1 / Math.sqrt((2 * m) / ONE),
      ),
    ).toBeLessThan(3.7);
  });

  it("sigmoid, beyond the table's ends too", () => {
    expect(largestError(range(-65536, 65536), sigmoid, (x) => 1 / (1 + Math.exp(-x / 4096)))).toBeLessThan(
      11.5,
    );
    expect([sigmoid(-32768), sigmoid(32768)]).toEqual([0, ONE]);
  });

  it("all stay inside sixteen bits", () => {
    for (const x of range(ONE, 2 * ONE)) {
      for (const value of [reciprocal(x), inverseSqrt(x, false), inverseSqrt(x, true)]) {
        expect(value >= ONE / 2 && value <= ONE).toBe(true);
      }
    }
  });
});
