import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hashesOf } from "../../src/build/manifest.ts";
import { boardNamed, machineFrom } from "../../src/devices/library.ts";
import { COMMAND_LINE } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = temporaryFolder();
const COMMAND = [...COMMAND_LINE];
const environment = { ...process.env, NO_COLOR: "1" };

function accel(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: environment,
  });
  return { status, out: stdout, err: stderr };
}

/** A file that is no build's, for `--out`. */
const out = (name: string): string => join(folder, name);
const TIMEOUT = { timeout: 60_000 };

describe("accel build", () => {
  it("says in one sentence what is missing or wrong, and leaves nothing behind", TIMEOUT, () => {
    const hostile = join(folder, "hostile.json");
    const board = {
      ...boardNamed("icebreaker"),
      clock: { ...boardNamed("icebreaker").clock, pin: "35\nset_io x 1" },
    };
    writeFileSync(hostile, JSON.stringify(board));
    const wrong: readonly (readonly [args: readonly string[], what: RegExp])[] = [
      [[], /--board/],
      [["--board", "icebraker"], /no board "icebraker"/],
      [["--board", hostile], /"clock\.pin" is wrong/],
      [["--board", "fomu-hacker"], /it reads|reads 4 lines of the flash, and 2 are wired/],
      [["--board", "icebreaker", "--machine", "up5k-flash", "--weights", "w9"], /w9/],
      [["--board", "icebreaker", "--machine", "ecp5-bram"], /made for lfe5u-85f/],
      [["--like", join(ROOT, "package.json")], /is no manifest of a build/],
    ];
    for (const [args, what] of wrong) {
      const { status, err } = accel("build", ...args, "--out", out("wrong"));
      expect(err, args.join(" ")).toMatch(what);
      expect(err.trim().split("\n"), args.join(" ")).toHaveLength(1);
      expect(status, args.join(" ")).toBe(2);
    }
    expect(existsSync(out("wrong"))).toBe(false);
  });

  it("leaves a folder alone that no build has written", TIMEOUT, () => {
    const mine = out("mine");
    mkdirSync(mine);
    writeFileSync(join(mine, "thesis.txt"), "42");
    const { status, err } = accel("build", "--board", "icebreaker", "--out", mine);
    expect(status).toBe(2);
    expect(err).toContain("it holds other files");
    expect(readdirSync(mine)).toEqual(["thesis.txt"]);
  });
});

describe("accel flash", () => {
  it("prints the programmer's calls, and refuses files that were changed", TIMEOUT, () => {
    const build = out("built");
    mkdirSync(build);
    const files = ["bitstream.bin", "model.bin", "flash.bin"].map((name) => ({
      name,
      contents: new Uint8Array(164_928).fill(name.length),
    }));
    for (const { name, contents } of files) writeFileSync(join(build, name), contents);
    const settings = {
      ...{ board: boardNamed("icebreaker"), machine: machineFrom("up5k-flash"), model: "llama-tiny" },
      ...{ weights: "w4g32", sparsity: "2:4", kv: "8", method: "second-order", context: null },
      ...{ seeds: [1], toolchain: "packaged" },
    };
    const manifest = {
      schema: "accel/build-manifest@1",
      settings,
      tools: {},
      modelAt: 262144,
      files: hashesOf(files),
    };
    writeFileSync(join(build, "manifest.json"), JSON.stringify(manifest));
    const dry = accel("flash", "--build", build, "--dry-run");
    expect(dry.err).toBe("");
    expect(dry.out).toContain("iceprog -o 262144 model.bin");
    writeFileSync(join(build, "model.bin"), "another model");
    const refused = accel("flash", "--build", build, "--dry-run");
    expect(refused.status).toBe(2);
    expect(refused.err).toContain("model.bin has other bytes than the manifest says");
    writeFileSync(join(build, "model.bin"), files[1]?.contents ?? "");
    writeFileSync(join(build, "manifest.json"), JSON.stringify({ ...manifest, modelAt: 0 }));
    expect(accel("flash", "--build", build, "--dry-run").err).toContain("its circuit reads it at 262144");
  });
});

const isDeep = process.env.ACCEL_DEEP !== undefined;

describe.runIf(isDeep)("accel build, all the way", () => {
  it("goes on where it was killed, and makes the same bytes again", { timeout: 3_600_000 }, async () => {
    const cache = out("cache");
    const env = { ...environment, XDG_CACHE_HOME: cache };
    const args = [...COMMAND, "build", "--board", "icebreaker", "--sparsity", "2:4", "--json"];
    const first = spawn(process.execPath, [...args, "--out", out("first")], { cwd: ROOT, env });
    const entries = (): string[] =>
      existsSync(join(cache, "accel")) ? readdirSync(join(cache, "accel")) : [];
    while (!entries().some((name) => name.startsWith("yosys-"))) await setTimeout(500);
    await setTimeout(20_000);
    first.kill("SIGKILL");
    expect(existsSync(out("first"))).toBe(false);
    const run = (...more: string[]) =>
      spawnSync(process.execPath, [...args, ...more], { cwd: ROOT, env, encoding: "utf8" });
    const second = run("--out", out("second"));
    expect(second.status).toBe(0);
    // Synthesis was not run again.
    expect(entries().filter((name) => name.startsWith("yosys-"))).toHaveLength(1);
    const { cells, clockMHz, askedMHz, tokensPerSecond } = JSON.parse(second.stdout);
    expect(cells.logicCells).toBeLessThanOrEqual(5280);
    expect(cells.dsp).toBeLessThanOrEqual(8);
    expect(cells.blockRam).toBeLessThanOrEqual(30);
    expect(cells.spram).toBeLessThanOrEqual(4);
    expect(askedMHz).toBe(24);
    expect(clockMHz).toBeGreaterThanOrEqual(24);
    expect(tokensPerSecond).toBeGreaterThan(95);
    const manifest = join(folder, "manifest.json");
    copyFileSync(join(out("second"), "manifest.json"), manifest);
    const again = run("--like", manifest, "--fresh", "--out", out("third"));
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout).changed).toEqual([]);
    const bitstream = (name: string): Buffer => readFileSync(join(out(name), "bitstream.bin"));
    expect(bitstream("third").equals(bitstream("second"))).toBe(true);
  });
});
