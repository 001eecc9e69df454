import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeSpeedRows } from "../../src/ledger/decode-speeds.ts";
import { KERNEL_SECTIONS, kernelRows } from "../../src/ledger/kernels.ts";
import { ledgerRows, ledgerSections } from "../../src/ledger/ledger.ts";
import { type LedgerRow, residual, summaryOf } from "../../src/ledger/row.ts";

const ROOT = resolve(import.meta.dirname, "../..");

function validate(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(ROOT, "src/cli/main.ts"), "validate", ...args],
    { cwd: ROOT, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  return { status, out: stdout, err: stderr };
}

const row = (predicted: number, measured: number, uncertainty: number): LedgerRow => ({
  section: "s",
  what: "w",
  unit: "ms",
  predicted,
  uncertainty,
  measured,
  kind: "predicted",
  measuredBy: "somebody",
  source: "somewhere",
});

describe("the ledger", () => {
  it("sums residuals up", () => {
    const { rows, meanAbsolute, bias, worst, withinDeviation } = summaryOf([
      row(11, 10, 2),
      row(7, 10, 1),
      row(10, 10, 1),
      row(12, 10, 1),
    ]);
    expect(rows).toBe(4);
    expect(meanAbsolute).toBeCloseTo(0.15, 12);
    expect(bias).toBeCloseTo(0, 12);
    expect(worst).toBeCloseTo(-0.3, 12);
    expect(withinDeviation).toBe(0.5);
  });

  // The simulated sections take longer, and have tests of their own.
  const quick = [...KERNEL_SECTIONS, "decode-speeds", "prefill-speeds"];
  const computed = [...kernelRows(), ...decodeSpeedRows()];
  const bySection = new Map(
    quick.map((section) => [section, computed.filter((one) => one.section === section)]),
  );
  const all = [...bySection.values()].flat();

  it("has the sections that it says, each with rows of its own alone", () => {
    expect(ledgerSections()).toEqual(expect.arrayContaining(quick));
    expect(new Set(ledgerSections()).size).toBe(ledgerSections().length);
    for (const [section, rows] of bySection) {
      expect(rows.length, section).toBeGreaterThan(0);
      expect(rows.every((one) => one.section === section)).toBe(true);
    }
    expect(ledgerRows("decode-speeds")).toEqual(bySection.get("decode-speeds"));
    expect(ledgerRows("nix")).toEqual([]);
  });

  it("every row has numbers, an uncertainty, and says who measured it", () => {
    expect(all.length).toBeGreaterThan(1200);
    for (const one of all) {
      expect(one.predicted, one.what).toBeGreaterThan(0);
      expect(one.measured, one.what).toBeGreaterThan(0);
      expect(one.uncertainty, one.what).toBeGreaterThan(0);
      expect(Number.isFinite(residual(one))).toBe(true);
      expect(one.measuredBy.length * one.source.length).toBeGreaterThan(0);
    }
  });

  it("deviations that are stated hold for about as many measurements as they should", () => {
    const { withinDeviation } = summaryOf(bySection.get("kernels-other-models")!);
    expect(withinDeviation).toBeGreaterThan(0.6);
    expect(withinDeviation).toBeLessThan(0.85);
  });

  it("is printed with residuals, and as JSON", () => {
    const text = validate("--section", "decode-speeds");
    expect(text.status).toBe(0);
    expect(text.out).toMatch(/^decode-speeds: \d+ measurements, mean error \d+\.\d\d % \(bias/);
    expect(text.out).toMatch(/llama-2-70b w4g32s32 on a100-80g in gpt-fast.* 39\.6 .*held out/);
    const json = JSON.parse(validate("--section", "decode-speeds", "--json").out);
    expect(json.schema).toBe("accel/validate@1");
    const [section] = json.sections;
    expect(section.name).toBe("decode-speeds");
    const residuals = section.rows.map((one: { residual: number }) => Math.abs(one.residual));
    const mean = residuals.reduce((sum: number, value: number) => sum + value, 0) / residuals.length;
    expect(section.meanAbsolute).toBeCloseTo(mean, 12);
  });

  it("says which sections there are", () => {
    const { status, err } = validate("--section", "nix");
    expect(status).toBe(2);
    expect(err).toMatch(/^accel: There is no section "nix": choose kernels, /);
  });
});
