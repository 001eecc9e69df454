import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../models/errors.ts";
import { KernelArena } from "../../../models/kernels/arena.ts";
import { Bank } from "../../../models/kernels/bank.ts";

const dimensions = fc.record({
  tokens: fc.integer({ min: 0, max: 70 }),
  rows: fc.integer({ min: 1, max: 21 }),
  cols: fc.integer({ min: 1, max: 70 }),
});

/** Any array of `length`, cheap to make from one seed. */
function fill<T extends Float32Array | Int16Array>(
  array: T,
  seed: number,
  value: (unit: number) => number,
): T {
  let state = seed >>> 0;
  for (let i = 0; i < array.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    array[i] = value(state / 2 ** 32);
  }
  return array;
}

describe("floats", () => {
  const signed = (unit: number): number => 2 * unit - 1;

  test("equal plain loops in double precision, whatever the sizes", () => {
    fc.assert(
      fc.property(dimensions, fc.integer(), ({ tokens, rows, cols }, seed) => {
        const x = fill(new Float32Array(tokens * cols), seed, signed);
        const w = fill(new Float32Array(rows * cols), seed + 1, signed);
        const out = new KernelArena().floatMatrix(rows, cols, w).times(x, tokens);
        expect(out.length).toBe(tokens * rows);
        for (let t = 0; t < tokens; t++) {
          for (let r = 0; r < rows; r++) {
            let sum = 0;
            for (let c = 0; c < cols; c++) sum += x[t * cols + c]! * w[r * cols + c]!;
            expect(Math.abs(out[t * rows + r]! - sum)).toBeLessThan(1e-5 * cols);
          }
        }
      }),
    );
  });

  test("are not disturbed by what earlier calls left in memory", () => {
    const arena = new KernelArena();
    const wide = arena.floatMatrix(3, 8, new Float32Array(24).fill(1));
    const narrow = arena.floatMatrix(3, 5, new Float32Array(15).fill(2));
    wide.times(new Float32Array(8).fill(Number.NaN), 1);
    expect([...narrow.times(new Float32Array(5).fill(1), 1)]).toEqual([10, 10, 10]);
    // This one comes to lie where the operands above were.
    const later = arena.floatMatrix(3, 5, new Float32Array(15).fill(3));
    expect([...later.times(new Float32Array(5).fill(1), 1)]).toEqual([15, 15, 15]);
    expect([...wide.times(new Float32Array(8).fill(1), 1)]).toEqual([8, 8, 8]);
  });
});

describe("integers", () => {
  test("equal exact sums of each group, whatever the sizes", () => {
    const groupSize = fc.integer({ min: 1, max: 5 }).map((vectors) => vectors * 16);
    fc.assert(
      fc.property(dimensions, groupSize, fc.integer(), ({ tokens, rows, cols }, group, seed) => {
        const any = (unit: number): number => Math.floor(unit * 2 ** 14) - 2 ** 13;
        const x = fill(new Int16Array(tokens * cols), seed, any);
        const w = fill(new Int16Array(rows * cols), seed + 1, any);
        const resident = new KernelArena().integerMatrix(rows, cols, w, group);
        const groups = Math.ceil(cols / group);
        const expected = new Int32Array(tokens * rows * groups);
        for (let t = 0; t < tokens; t++) {
          for (let r = 0; r < rows; r++) {
            for (let c = 0; c < cols; c++) {
              const at = (t * rows + r) * groups + Math.floor(c / group);
              expected[at] = expected[at]! + x[t * cols + c]! * w[r * cols + c]!;
            }
          }
        }
        expect(resident.groups).toBe(groups);
        expect(resident.groupDots(x, tokens)).toEqual(expected);
      }),
    );
  });

  test("are exact at the ends of their range, where pairs of products wrap", () => {
    const w = new Int16Array(16).fill(-32768);
    const x = new Int16Array(16);
    // -32768 · -32768 · 2 - 32768 · 32767 · 2 = 65536, though the first pair alone is 2^31.
    x.set([-32768, -32768, 32767, 32767]);
    expect([...new KernelArena().integerMatrix(1, 16, w, 16).groupDots(x, 1)]).toEqual([65536]);
  });
});

test("many matrices share an arena, each with its own values", () => {
  const arena = new KernelArena();
  const residents = Array.from({ length: 50 }, (_, i) =>
    arena.floatMatrix(7, 9 + i, new Float32Array(7 * (9 + i)).fill(i)),
  );
  residents.forEach((resident, i) => {
    expect([...resident.times(new Float32Array(9 + i).fill(1), 1)]).toEqual(Array(7).fill(i * (9 + i)));
  });
});

test("a full memory is followed by another, and what fits in none is refused", () => {
  const arena = new KernelArena(1024);
  const residents = [1, 2, 3, 4, 5].map((value) =>
    arena.floatMatrix(8, 12, new Float32Array(96).fill(value)),
  );
  residents.forEach((resident, i) => {
    expect([...resident.times(new Float32Array(12).fill(1), 1)]).toEqual(Array(8).fill(12 * (i + 1)));
  });
  expect(() => arena.floatMatrix(16, 17, new Float32Array(16 * 17))).toThrow(InputError);
  expect(() => arena.floatMatrix(16, 17, new Float32Array(16 * 17))).toThrow("A 16 × 17 matrix is too large");
});

test("more memory than addresses reach is refused in a sentence", () => {
  expect(() => new Bank().reach(2 ** 32 + 1)).toThrow(InputError);
  expect(() => new Bank().reach(2 ** 32 + 1)).toThrow("4.0 GiB of memory for its weights is not to be had.");
});

test("operands of the wrong size are refused", () => {
  const arena = new KernelArena();
  expect(() => arena.floatMatrix(2, 3, new Float32Array(5))).toThrow("5 values for a 2 × 3 matrix");
  expect(() => arena.floatMatrix(2, 0, new Float32Array(0))).toThrow("2 × 0");
  expect(() => arena.integerMatrix(1, 8, new Int16Array(8), 24)).toThrow("not a multiple of 16");
  const resident = arena.floatMatrix(2, 3, new Float32Array(6));
  expect(() => resident.times(new Float32Array(4), 1)).toThrow("4 values for 1 tokens of 3");
});
