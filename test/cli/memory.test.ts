import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { accel, type Ended } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "accel-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const memory = (...args: string[]): Ended => accel("memory", ...args);

describe("accel memory", () => {
  it("says what an access gets and what costs the rest, for people and for programs", () => {
    const asked = ["--type", "hbm2", "--pattern", "chunk", "--bytes", "64"];
    const json = memory(...asked, "--json");
    expect(json.status).toBe(0);
    const report = JSON.parse(json.out);
    expect(report).toMatchObject({ schema: "accel/memory-efficiency@1", memory: "hbm2", channels: 1 });
    const [{ result, limit }] = report.answers;
    expect(limit).toBe("activate rate");
    expect(result.efficiency).toBeLessThan(report.ceilings.activateRateOneRequest);
    const text = memory(...asked);
    expect(text.status).toBe(0);
    expect(text.out).toContain(`${(100 * result.efficiency).toFixed(1)} %`);
    expect(text.out).toContain("tFAW, tRRD");
  });

  it("takes a configuration of DRAMsim3", () => {
    const path = join(folder, "part.ini");
    writeFileSync(
      path,
      "protocol = HBM\nBL = 4\nbus_width = 128\ndevice_width = 128\ncolumns = 64\nrows = 32768\n",
    );
    const { status, out } = memory("--ini", path, "--pattern", "seq", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out).requestBytes).toBe(64);
  });

  it("refuses in one sentence what it cannot do", () => {
    for (const [args, sentence] of [
      [["--type", "hbm2", "--mapping", "rochrababgxx"], /^accel: The address mapping .*names xx.*\n$/],
      [["--ini", "/dev/zero"], /^accel: .*is no file\.\n$/],
    ] as const) {
      const { status, err, out } = memory(...args);
      expect(status).toBe(2);
      expect(out).toBe("");
      expect(err).toMatch(sentence);
    }
  });
});
