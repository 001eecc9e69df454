import { expect, test } from "vitest";
import { DTYPES } from "../../../models/checkpoint/dtype.ts";

function widen(dtype: string, bits: readonly number[]): number[] {
  const to = new Float32Array(bits.length);
  DTYPES.get(dtype)!.widen(new Uint8Array(Uint16Array.from(bits).buffer), to);
  return [...to];
}

/** All 65,536 halves. */
const ALL = Array.from({ length: 2 ** 16 }, (_, bits) => bits);

test("halves: known values", () => {
  const known = new Map([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7c01, Number.NaN],
  ]);
  expect(widen("F16", [...known.keys()])).toEqual([...known.values()]);
});

test("halves: every finite one follows its neighbour, and signs mirror", () => {
  const values = widen("F16", ALL);
  const finite = ALL.slice(1, 0x7c00);
  expect(finite.filter((bits) => !(values[bits]! > values[bits - 1]!))).toEqual([]);
  expect(finite.filter((bits) => values[bits + 0x8000] !== -values[bits]!)).toEqual([]);
});

test("bfloat16: every one is the upper half of a 32-bit float", () => {
  const view = new DataView(new ArrayBuffer(4));
  const expected = ALL.map((bits) => {
    view.setUint16(0, bits);
    return view.getFloat32(0);
  });
  expect(widen("BF16", ALL)).toEqual(expected);
});

test("32-bit floats stay what they are", () => {
  const numbers = Float32Array.of(0, -0, 1.5, 1e-45, 3.4e38, Number.NaN);
  const to = new Float32Array(numbers.length);
  DTYPES.get("F32")!.widen(new Uint8Array(numbers.buffer), to);
  expect(to).toEqual(numbers);
});
