import { describe, expect, it } from "vitest";
import { parseStoredPattern, parseStoredWeights } from "../../../src/roofline/workload/format-words.ts";
import { decodeOperations, storedCost, storedName } from "../../../src/roofline/workload/stored-weights.ts";

const parsed = (weights: string, sparsity = "dense") => parseStoredWeights({ weights, sparsity });

describe("words for stored weights", () => {
  it.each([
    ["w16", "dense", 16, 1],
    ["w16", "2:4", 9, 0.5],
    ["w8", "dense", 8.25, 1],
    ["w4g128", "dense", 4 + 8 / 128, 1],
    ["w4g32s32", "dense", 5, 1],
    ["w4g128", "2:4", 2 + 1 + 8 / 128, 0.5],
    ["w3g32", "n:16@0.25", 0.75 + 1 + 8 / 256 + 0.25, 0.25],
  ])("%s %s are %f bits a weight", (weights, sparsity, bits, density) => {
    const cost = storedCost(parsed(weights, sparsity));
    expect(cost.total).toBeCloseTo(bits, 12);
    expect(cost.codes + cost.scales + cost.indices + cost.counts).toBeCloseTo(bits, 12);
    expect(cost.density).toBe(density);
  });

  it("have names that say the same", () => {
    expect(storedName(parsed("w4g128", "2:4"))).toBe("w4g128 2:4");
    expect(storedName(parsed("W16"))).toBe("w16");
    expect(storedName(parsed("w16", "2:4"))).toBe("w16 2:4");
    expect(storedName(parsed("w4g32s32"))).toBe("w4g32s32");
  });

  it("cost instructions to unpack only where something is packed", () => {
    expect(decodeOperations(parsed("w16"))).toBe(0);
    expect(decodeOperations(parsed("w16", "2:4"))).toBe(1);
    expect(decodeOperations(parsed("w4"))).toBeGreaterThan(decodeOperations(parsed("w8")));
    expect(decodeOperations(parsed("w4", "2:4"))).toBeGreaterThan(decodeOperations(parsed("w4")));
  });

  it.each(["w9", "w", "4", "w4g0", "w4g99999", "w16g32", "w4s99", "w4g32s", "w-4", "w4 g32"])(
    "%j are refused",
    (word) => {
      expect(() => parsed(word)).toThrow(/^Weights "/);
    },
  );

  it.each(["3:5", "4:2", "0:4", "2:4:8", "n:16@0", "n:16@1.5", "half", ""])("%j is refused", (word) => {
    expect(() => parseStoredPattern(word)).toThrow(/^Sparsity "/);
  });
});
