import { describe, expect, it } from "vitest";
import { decodeSpeedRows } from "../../src/ledger/decode-speeds.ts";
import { gpuRatioRows } from "../../src/ledger/gpu-ratios.ts";
import { KERNEL_SECTIONS, kernelRows } from "../../src/ledger/kernels.ts";
import { ledgerRows, ledgerSections } from "../../src/ledger/ledger.ts";
import { decodePowerRows } from "../../src/ledger/published-speeds.ts";
import { type LedgerRow, residual, summaryOf } from "../../src/ledger/row.ts";
import { deviation } from "../../src/roofline/calibration/uncertainty.ts";
import { accel, type Ended } from "../support/command-line.ts";

const validate = (...args: string[]): Ended => accel("validate", ...args);

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
  const quick = [...KERNEL_SECTIONS, "decode-speeds", "prefill-speeds", "decode-power"];
  const computed = [...kernelRows(), ...decodeSpeedRows(), ...decodePowerRows()];
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

  it("what is stated of products on a processor follows from the other one's errors", () => {
    const rows = bySection.get("kernels-other-processors")!;
    const on = (processor: string) => rows.filter(({ groups }) => groups!.model!.endsWith(`on ${processor}`));
    const stated = ({ uncertainty, predicted }: LedgerRow): number =>
      Math.sqrt(uncertainty ** 2 - 1 / 12) / predicted;
    for (const [to, judgedBy] of [
      ["h100", "a40"],
      ["a40", "h100"],
    ] as const) {
      const expected = deviation(on(judgedBy).map(residual));
      expect(on(to).length).toBeGreaterThan(1000);
      for (const one of on(to)) expect(stated(one)).toBeCloseTo(expected, 6);
    }
    const { withinDeviation } = summaryOf(rows);
    expect(withinDeviation).toBeGreaterThan(0.6);
    expect(withinDeviation).toBeLessThan(0.85);
  });

  it("figures that went into the constants are called fitted", () => {
    const rows = gpuRatioRows();
    const kinds = (of: RegExp) => new Set(rows.filter(({ what }) => of.test(what)).map(({ kind }) => kind));
    expect(kinds(/^energy/)).toEqual(new Set(["fitted"]));
    expect(kinds(/a100/)).toEqual(new Set(["fitted"]));
    expect(kinds(/^(latency|cost).*v100s/)).toEqual(new Set(["predicted"]));
  });

  it("boards draw what they were set from, and a different design on one of them is a prediction", () => {
    const rows = bySection.get("decode-power")!;
    const ofBoard = (board: string) => rows.filter(({ what }) => what.includes(`on ${board},`));
    for (const board of ["kv260", "zcu104"]) {
      const [fitted] = ofBoard(board).filter(({ kind }) => kind === "fitted");
      expect(Math.abs(residual(fitted!)), board).toBeLessThan(0.05);
    }
    expect(ofBoard("kv260").map(({ kind }) => kind)).toEqual(["fitted", "predicted"]);
    expect(ofBoard("u250").map(({ kind }) => kind)).toEqual(["predicted"]);
  });

  it("fits 120 columns", () => {
    for (const section of ["decode-speeds", "decode-power", "kernels-other-processors"])
      for (const text of validate("--section", section, "--rows").out.split("\n"))
        expect(text.length, text).toBeLessThanOrEqual(120);
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
