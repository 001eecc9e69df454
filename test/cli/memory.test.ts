import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { COMMAND_LINE } from "../support/command-line.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "accel-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

function accel(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND_LINE, "memory", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, out: stdout, err: stderr };
}

describe("accel memory", () => {
  it("says what an access gets and what costs the rest, for people and for programs", () => {
    const asked = ["--type", "hbm2", "--pattern", "chunk", "--bytes", "64"];
    const json = accel(...asked, "--json");
    expect(json.status).toBe(0);
    const report = JSON.parse(json.out);
    expect(report).toMatchObject({ schema: "accel/memory-efficiency@1", memory: "hbm2", channels: 1 });
    const [{ result, limit }] = report.answers;
    expect(limit).toBe("activate rate");
    expect(result.efficiency).toBeLessThan(report.ceilings.activateRateOneRequest);
    const text = accel(...asked);
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
    const { status, out } = accel("--ini", path, "--pattern", "seq", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out).requestBytes).toBe(64);
  });

  it("refuses in one sentence what it cannot do", () => {
    for (const [args, sentence] of [
      [["--type", "hbm2", "--mapping", "rochrababgxx"], /^accel: The address mapping .*names xx.*\n$/],
      [["--ini", "/dev/zero"], /^accel: .*is no file\.\n$/],
    ] as const) {
      const { status, err, out } = accel(...args);
      expect(status).toBe(2);
      expect(out).toBe("");
      expect(err).toMatch(sentence);
    }
  });
});
