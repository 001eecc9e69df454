import { describe, expect, it } from "vitest";
import { deviation, deviationOfSum, meanAbsolute } from "../../../src/roofline/calibration/uncertainty.ts";

describe("uncertainty", () => {
  it("counts a bias as an error", () => {
    expect(deviation([0.1, 0.1, 0.1])).toBeCloseTo(0.1, 12);
    expect(deviation([0.1, -0.1])).toBeCloseTo(0.1, 12);
    expect(meanAbsolute([0.1, -0.3])).toBeCloseTo(0.2, 12);
  });

  it("does not shrink as a class's kernels grow in number, and adds classes in squares", () => {
    expect(deviationOfSum([{ seconds: 100, deviation: 0.1 }])).toBeCloseTo(10, 12);
    expect(
      deviationOfSum([
        { seconds: 30, deviation: 0.1 },
        { seconds: 40, deviation: 0.1 },
      ]),
    ).toBeCloseTo(5, 12);
  });
});
