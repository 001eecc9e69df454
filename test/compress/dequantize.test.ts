import { expect, it } from "vitest";
import { dequantized } from "../../src/compress/dequantize.ts";

it("dequantized weights are code · mantissa · 2^(shift + exponent), group by group", () => {
  const matrix = dequantized({
    rows: 2,
    cols: 18,
    bits: 4,
    groupSize: 16,
    pattern: { kind: "dense" },
    codes: Int8Array.from({ length: 36 }, (_, i) => (i % 16) - 8),
    scales: Uint8Array.of(1, (3 << 5) | 20, 31, 0),
    exponent: -4,
  });
  expect(matrix.data[0]).toBe(-8 / 16);
  expect(matrix.data[17]).toBe((-7 * 20 * 8) / 16);
  expect(matrix.data[18]).toBe((-6 * 31) / 16);
  expect(matrix.data[35]).toBeCloseTo(0, 12);
});
