import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { InputError } from "../../models/errors.ts";
import { defaultCacheFolder, runCached, versionOf } from "../../src/flow/cache.ts";
import { closeTools, runTool } from "../../src/flow/tool.ts";
import { ToolError } from "../../src/flow/tool-error.ts";
import { checkedIdentifier, runYosys, textFile } from "../../src/flow/yosys.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 60_000 });
afterAll(closeTools);

const BUFFER = "module top(input a, output y); assign y = a; endmodule\n";
const yosys = (script: string, verilog = BUFFER) =>
  runTool({ tool: "yosys", args: ["-q", "-p", script], files: { "design.v": verilog } });

describe("runTool()", () => {
  it("gives the files that a program makes, and those only", async () => {
    const { files, log } = await yosys("read_verilog design.v; write_rtlil out.il");
    expect(Object.keys(files)).toEqual(["out.il"]);
    expect(new TextDecoder().decode(files["out.il"])).toContain("module \\top");
    expect(log).toBe("");
  });

  it("a second run is served by the same process, and does not see the first one's files", async () => {
    await expect(yosys("read_rtlil out.il")).rejects.toThrow(ToolError);
    const { files } = await yosys("read_verilog design.v; write_rtlil out.il");
    expect(Object.keys(files)).toEqual(["out.il"]);
  });

  it("runs at once do not disturb each other", async () => {
    const widths = [3, 5, 8, 13, 21];
    const results = await Promise.all(
      widths.map((width) =>
        yosys("read_verilog design.v; write_rtlil out.il", BUFFER.replace("input a", `input [${width}:0] a`)),
      ),
    );
    const texts = results.map((result) => textFile(result, "out.il"));
    expect(texts.map((text) => /wire width (\d+) input/.exec(text)?.[1])).toEqual(
      widths.map((width) => `${width + 1}`),
    );
  });

  it("a program's own error is what the error says, with its place", async () => {
    const error = await yosys("read_verilog design.v", "module top(input a;\n").catch((reason) => reason);
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({
      tool: "yosys",
      message: expect.stringMatching(/^yosys: design\.v:1: syntax error/),
      errors: [expect.stringContaining("syntax error")],
    });
  });

  it("a program that breaks down keeps what it said, and the next run works", async () => {
    const place = (args: string[], files = {}) => runTool({ tool: "nextpnr-ice40", args, files });
    const error = await place(["--up5k", "--package", "none"], { "d.json": "{}" }).catch((reason) => reason);
    expect(error).toMatchObject({ tool: "nextpnr-ice40", message: expect.stringMatching(/package.*none/) });
    await expect(place(["--json", "missing.json", "--up5k"])).rejects.toThrow("Failed to open JSON file");
  });

  it("stops when it is told to, and works again afterwards", async () => {
    const stop = new AbortController();
    const slow = `module top(input [63:0] a, b, output [127:0] y); assign y = a * b; endmodule`;
    const run = runTool(
      {
        tool: "yosys",
        args: ["-q", "-p", "read_verilog design.v; synth_ice40"],
        files: { "design.v": slow },
      },
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort(new Error("enough")), 300);
    await expect(run).rejects.toThrow("enough");
    await expect(runTool({ tool: "yosys", args: [], files: {} }, { signal: stop.signal })).rejects.toThrow(
      "enough",
    );
    const late = runTool(
      {
        tool: "yosys",
        args: ["-q", "-p", "read_verilog design.v; synth_ice40"],
        files: { "design.v": slow },
      },
      { timeoutSeconds: 0.3 },
    );
    await expect(late).rejects.toMatchObject({ name: "ToolTimeout" });
    expect(Object.keys((await yosys("read_verilog design.v; write_rtlil out.il")).files)).toEqual(["out.il"]);
  });

  it("does not keep a process alive that is done, nor outlive it", () => {
    const flow = (file: string) =>
      JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../src/flow", file)).href);
    const program = `
      import { runTool } from ${flow("tool.ts")};
      const { files } = await runTool({ tool: "yosys", args: ["-q", "-p", "read_verilog d.v; write_rtlil o.il"], files: { "d.v": "module t; endmodule" } });
      console.log(process.pid, Object.keys(files).join());`;
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const begin = Date.now();
    const output = execFileSync(
      process.execPath,
      ["--import", tsx, "--input-type=module", "--eval", program],
      {
        encoding: "utf8",
      },
    );
    const [pid, files] = output.trim().split(" ");
    expect(files).toBe("o.il");
    expect(Date.now() - begin).toBeLessThan(50_000);
    const living = execFileSync("ps", ["-eo", "ppid=,pid="], { encoding: "utf8" }).split("\n");
    expect(living.filter((line) => line.trim().startsWith(`${pid} `))).toEqual([]);
  });
});

describe("runYosys()", () => {
  it("runs a script of several lines", async () => {
    const result = await runYosys(
      ["read_verilog design.v", "proc", "write_rtlil out.il"],
      { "design.v": BUFFER },
      { cache: null },
    );
    expect(textFile(result, "out.il")).toContain("connect \\y \\a");
    expect(() => textFile(result, "other.il")).toThrow("the program did not write other.il");
  });

  it.each(["top; shell rm", "top -flatten", "", "-auto", "1st", "a b", "top\nexit", "\\esc"])(
    "%j is no name for a script",
    (name) => {
      expect(() => checkedIdentifier(name)).toThrow(InputError);
    },
  );
  it("a plain name is", () => expect(checkedIdentifier("_top$1")).toBe("_top$1"));
});

describe("runCached()", () => {
  const run = {
    tool: "yosys",
    args: ["-q", "-p", "read_verilog d.v; write_rtlil o.il; tee -q -o s.txt stat"],
    files: { "d.v": BUFFER },
  } as const;

  it("keeps a result, and gives it again", async () => {
    const cache = temporaryFolder();
    const first = await runCached(run, { cache });
    const entries = await readdir(cache);
    expect(entries).toEqual([expect.stringMatching(/^yosys-[0-9a-f]{64}$/)]);
    // A run would be stopped; what is kept is not.
    const again = await runCached(run, { cache, signal: AbortSignal.abort(new Error("ran")) });
    expect(again).toEqual(first);
    await expect(
      runCached(
        { ...run, files: { "d.v": `${BUFFER}\n` } },
        { cache, signal: AbortSignal.abort(new Error("ran")) },
      ),
    ).rejects.toThrow("ran");
    await expect(
      runCached(
        { ...run, args: [...run.args, "-q"] },
        { cache, signal: AbortSignal.abort(new Error("ran")) },
      ),
    ).rejects.toThrow("ran");
  });

  it("any damage to what is kept costs a run, and is mended", async () => {
    const cache = temporaryFolder();
    const first = await runCached(run, { cache });
    const [name = ""] = await readdir(cache);
    const path = join(cache, name);
    const entry = await readFile(path);
    const damages: [string, Buffer][] = [
      ["empty", Buffer.alloc(0)],
      ["short", entry.subarray(0, 20)],
      ["cut off", entry.subarray(0, -1)],
      ["one bit", Buffer.from(entry.map((byte, i) => (i === 100 ? byte ^ 1 : byte)))],
      ["another program's", Buffer.from("not mine")],
    ];
    for (const [what, damaged] of damages) {
      await writeFile(path, damaged);
      expect(await runCached(run, { cache }), what).toEqual(first);
      expect((await readFile(path)).equals(entry), what).toBe(true);
    }
    expect(await readdir(cache)).toEqual([name]);
  });

  it("a folder that cannot be used is no error, and failures are not kept", async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, "file"), "");
    const { files } = await runCached(run, { cache: join(folder, "file", "cache") });
    expect(Object.keys(files).sort()).toEqual(["o.il", "s.txt"]);
    const cache = temporaryFolder();
    await expect(runCached({ ...run, args: ["-p", "nonsense"] }, { cache })).rejects.toThrow(
      "No such command: nonsense",
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("the folder is where a system keeps such things", () => {
    vi.stubEnv("XDG_CACHE_HOME", "/somewhere");
    expect(defaultCacheFolder()).toBe("/somewhere/accel");
    for (const unusable of [undefined, "", "relative"]) {
      vi.stubEnv("XDG_CACHE_HOME", unusable);
      expect(defaultCacheFolder()).toBe(join(homedir(), ".cache", "accel"));
    }
    vi.unstubAllEnvs();
  });

  it("a program's version is its package's", () => {
    expect(versionOf("yosys")).toMatch(/^\d+\.\d+\.\d+/);
    expect(versionOf("icepack")).toBe(versionOf("nextpnr-ice40"));
  });
});
