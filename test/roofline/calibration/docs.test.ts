import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { a100Calibration } from "../../../src/roofline/calibration/constants.ts";
import { frameworkTable, kernelTable, powerTable, publishedTable } from "../../bench/calibration-tables.ts";

describe("docs/roofline.md", () => {
  const text = readFileSync(new URL("../../../docs/roofline.md", import.meta.url), "utf8");

  it("has the tables that the ledger gives", () => {
    expect(text).toContain(kernelTable());
    expect(text).toContain(frameworkTable());
    expect(text).toContain(publishedTable());
    expect(text).toContain(powerTable());
  });

  it("has the plain formula's constants", () => {
    const { plain } = a100Calibration();
    expect(text).toContain(
      `memory share ${plain.memoryShare.toFixed(3)}, compute share ${plain.computeShare.toFixed(3)}`,
    );
  });
});
