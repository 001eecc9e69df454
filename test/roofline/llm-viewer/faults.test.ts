import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faults } from "../../../src/roofline/llm-viewer/faults.ts";
import { faultTable } from "../../bench/llm-viewer-faults.ts";

const all = faults();
const sizeOf = (part: string) => {
  const found = all.filter(({ fault, of }) => fault.includes(part) || of.includes(part));
  expect(found, part).toHaveLength(1);
  return found[0]!;
};

describe("LLM-Viewer's faults", () => {
  it("each is shown by a size that differs", () => {
    expect(all.length).toBeGreaterThan(15);
    for (const { fault, counted, rightful } of all) {
      expect(rightful, fault).toBeGreaterThan(0);
      expect(Math.abs(counted / rightful - 1), fault).toBeGreaterThan(0.02);
    }
  });

  it("weights that are right are the published numbers of parameters", () => {
    expect(sizeOf("embedding table").rightful).toBeCloseTo((2 * 8_030_261_248) / 1e9, 6);
    expect(sizeOf("experts").rightful).toBeCloseTo((2 * 46_702_792_704) / 1e9, 6);
    // 6,658,473,984 parameters, without tables of 50,272 and 2,050 rows, norms and biases
    const layers = 6_658_473_984 - 4096 * (50_272 + 2050) - 4096 * (2 + 32 * (4 + 4 + 5));
    expect(sizeOf("gate").rightful).toBeCloseTo((2 * layers) / 1e9, 6);
  });

  it("flash attention's output is wrong by 2 tokens / head dimension", () => {
    const { counted, rightful } = sizeOf("flash attention writes");
    expect(counted / rightful).toBe((2 * 4096) / 128);
  });

  it("the documentation has every fault with its size", () => {
    const text = readFileSync(new URL("../../../docs/roofline.md", import.meta.url), "utf8");
    expect(text).toContain(faultTable());
  });
});
