import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryNamed, memoryNames } from "../../src/devices/library.ts";
import {
  accessShares,
  memoryEfficiency,
  peakBytesPerSecondOf,
} from "../../src/roofline/memory-efficiency.ts";
import { memoryShareByAccess } from "../../src/roofline/memory-shares.ts";

const memories = memoryNames().map(memoryNamed);
const anyMemory = fc.constantFrom(...memories);
const anyAccess = fc.record({
  bytes: fc.integer({ min: 1, max: 1 << 20 }),
  streams: fc.integer({ min: 1, max: 64 }),
  writes: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("the efficiency of a memory", () => {
  it("is a share of the peak, for any access", () => {
    fc.assert(
      fc.property(anyMemory, anyAccess, (memory, access) => {
        const efficiency = memoryEfficiency(memory, access);
        expect(efficiency).toBeGreaterThan(0);
        expect(efficiency).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is the table's at its points, and between two of them between theirs", () => {
    for (const memory of memories) {
      if (memory.kind !== "dram") continue;
      const { bytes, rows } = memory.efficiency;
      for (const { streams, writes, efficiency } of rows) {
        for (const [i, size] of bytes.entries())
          expect(memoryEfficiency(memory, { bytes: size, streams, writes })).toBeCloseTo(efficiency[i]!, 12);
        // A size that is whole requests, so that nothing is moved for nothing.
        const between = memoryEfficiency(memory, { bytes: (bytes[3]! + bytes[4]!) / 2, streams, writes });
        expect(between).toBeGreaterThanOrEqual(Math.min(efficiency[3]!, efficiency[4]!));
        expect(between).toBeLessThanOrEqual(Math.max(efficiency[3]!, efficiency[4]!));
      }
    }
  });

  it("counts what is moved and not asked for as lost", () => {
    const hbm2 = memoryNamed("hbm2");
    const of = (bytes: number): number => memoryEfficiency(hbm2, { bytes, streams: 1, writes: 0 });
    expect(of(32)).toBeCloseTo(of(64) / 2, 12);
    expect(of(65)).toBeCloseTo((of(128) * 65) / 128, 12);
  });

  it("of flash and SRAM follows from what an access costs", () => {
    const access = { streams: 1, writes: 0 };
    // 20 clocks of command, then two clocks a byte.
    expect(memoryEfficiency(memoryNamed("qspi-flash"), { bytes: 256, ...access })).toBeCloseTo(512 / 532, 12);
    expect(memoryEfficiency(memoryNamed("spram"), { bytes: 12, ...access })).toBeCloseTo(12 / 16, 12);
    expect(peakBytesPerSecondOf(memoryNamed("qspi-flash"))).toBe(12e6);
    expect(peakBytesPerSecondOf(memoryNamed("hbm2"))).toBe(256e9);
  });
});

describe("shares by access", () => {
  it("rise to a long stream's, which is 1", () => {
    for (const memory of memories) {
      const shares = accessShares(memory);
      expect(shares.at(-1)!.share).toBe(1);
      expect(shares.every(({ bytes }, i) => i === 0 || bytes > shares[i - 1]!.bytes)).toBe(true);
      expect(shares.every(({ share }) => share > 0 && share <= 1)).toBe(true);
    }
  });

  it("are those of the memory of the type with requests of that size", () => {
    expect(memoryShareByAccess("hbm2", 32)).toEqual(accessShares(memoryNamed("hbm2-u280")));
    expect(memoryShareByAccess("hbm2", 64)).toEqual(accessShares(memoryNamed("hbm2")));
    expect(memoryShareByAccess("sdram", 2)).toEqual([{ bytes: 2, share: 1 }]);
  });
});
