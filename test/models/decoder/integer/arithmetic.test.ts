import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bitLength,
  saturate,
  shift,
  shiftSaturate,
  shiftWide,
} from "../../../../models/decoder/integer/arithmetic.ts";

/** floor(x / 2^n + 1/2) in exact arithmetic. */
function exactShift(x: bigint, places: number): bigint {
  if (places <= 0) return x << BigInt(-places);
  return (x + (1n << BigInt(places - 1))) >> BigInt(places);
}

const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1),
);

describe("arithmetic", () => {
  it("shift rounds every int32 as exact arithmetic does", () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: -20, max: 60 }), (x, places) => {
        expect(BigInt(shift(x, places))).toBe(exactShift(BigInt(x), places));
      }),
      { numRuns: 5000 },
    );
  });

  it("shiftWide rounds accumulators of up to 52 bits as exact arithmetic does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
        fc.integer({ min: 0, max: 40 }),
        (x, places) => {
          expect(BigInt(shiftWide(x, places))).toBe(exactShift(BigInt(x), places));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("shiftSaturate is a shift in exact arithmetic, clamped", () => {
    fc.assert(
      fc.property(
        int32,
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: 2, max: 32 }),
        (x, places, bits) => {
          const limit = 1n << BigInt(bits - 1);
          const exact = exactShift(BigInt(x), places);
          const clamped = exact >= limit ? limit - 1n : exact < -limit ? -limit : exact;
          expect(BigInt(shiftSaturate(x, places, bits))).toBe(clamped);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("bitLength is the least n with |x| < 2^n", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (x) => {
        const n = bitLength(x);
        expect(Math.abs(x)).toBeLessThan(2 ** n);
        if (n > 0) expect(Math.abs(x)).toBeGreaterThanOrEqual(2 ** (n - 1));
      }),
      { numRuns: 3000 },
    );
  });

  it("saturate keeps what fits and clamps the rest", () => {
    expect([-129, -128, 0, 127, 128].map((x) => saturate(x, 8))).toEqual([-128, -128, 0, 127, 127]);
  });
});
