import { expect, it } from "vitest";
import { exp2Minus } from "../../src/compress/exp2.ts";

it("exp2Minus is 2⁻ˣ to 2e-7 over the whole range, and 0 beyond", () => {
  let worst = 0;
  for (let i = 0; i < 640_000; i++)
    worst = Math.max(worst, Math.abs(exp2Minus(i / 10_007) * 2 ** (i / 10_007) - 1));
  expect(worst).toBeLessThan(2e-7);
  expect(exp2Minus(0)).toBe(1);
  for (const large of [64, 1e9, 1e300, Number.POSITIVE_INFINITY]) expect(exp2Minus(large)).toBe(0);
});
