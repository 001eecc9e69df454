import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEPT_COUNTS } from "../../models/formats/n-of-16.ts";
import { allocateBlocks, keepHighest, magnitudeMask } from "../../src/compress/prune.ts";
import { randomMatrix, seeds } from "./random.ts";

const sizes = fc.record({
  random: seeds,
  rows: fc.integer({ min: 1, max: 70 }),
  cols: fc.integer({ min: 1, max: 70 }),
});

describe("keepHighest", () => {
  it("keeps the highest scores of a window, of equals the first, and leaves other windows alone", () => {
    const kept = Uint8Array.of(7, 0, 0, 0, 0, 7);
    keepHighest(Float64Array.of(9, 3, 5, 3, 1, 9), 1, 5, 2, kept);
    expect([...kept]).toEqual([7, 1, 1, 0, 0, 7]);
  });

  it("keeps all of a window that is no wider than the count", () => {
    const kept = new Uint8Array(3);
    keepHighest(Float64Array.of(1, 2, 3), 0, 3, 4, kept);
    expect([...kept]).toEqual([1, 1, 1]);
  });
});

describe("magnitudeMask", () => {
  it("keeps the n largest of every m, also in a narrow last window", () => {
    const data = Float32Array.of(1, -4, 2, 3, 5, 0.5);
    const mask = magnitudeMask({ rows: 1, cols: 6, data }, { kind: "n:m", n: 2, m: 4 });
    expect([...mask]).toEqual([0, 1, 0, 1, 1, 1]);
  });
});

describe("allocateBlocks", () => {
  const keptBy = (counts: Uint8Array, rows: number, cols: number): number => {
    const across = Math.ceil(cols / 16);
    return counts.reduce((sum, count, block) => {
      const height = Math.min(16, rows - Math.floor(block / across) * 16);
      const width = Math.min(16, cols - (block % across) * 16);
      return sum + height * Math.min(count, width);
    }, 0);
  };

  it("allows counts from the hardware's list only, within the budget and near to it", () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.05, max: 1, noNaN: true }), ({ random, rows, cols }, density) => {
        const saliency = Float64Array.from(randomMatrix(random, rows, cols).data, (w) => w * w);
        const counts = allocateBlocks(saliency, rows, cols, density);
        for (const count of counts) expect(KEPT_COUNTS).toContain(count);
        const kept = keptBy(counts, rows, cols);
        expect(kept).toBeLessThanOrEqual(density * rows * cols);
        // The largest step of a block, from 8 to 16, may not fit any more.
        if (counts.some((count) => count < 16))
          expect(kept).toBeGreaterThan(density * rows * cols - 8 * 16 - 1);
      }),
    );
  });

  it("spends the budget where the saliency is", () => {
    const saliency = new Float64Array(16 * 48);
    for (let row = 0; row < 16; row++) {
      saliency.fill(1, row * 48, row * 48 + 16);
      saliency.fill(100, row * 48 + 16, row * 48 + 32);
    }
    expect([...allocateBlocks(saliency, 16, 48, 0.5)]).toEqual([8, 16, 0]);
  });
});
