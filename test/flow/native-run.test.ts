import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toolVersion } from "../../src/flow/cache.ts";
import { pack, unpack } from "../../src/flow/icepack.ts";
import { hasTools } from "../../src/flow/native-tools.ts";
import { placeAndRoute } from "../../src/flow/nextpnr.ts";
import { synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { runTool } from "../../src/flow/tool.ts";
import { ToolError } from "../../src/flow/tool-error.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
/** Stands for a program: does what its first argument says. */
const SCRIPT = `#!/bin/sh
case "$1" in
  --version) echo "packer version 3.14" ;;
  copy) echo "reading $2"; echo "writing $3" >&2; cat "$2" > "$3" ;;
  fail) echo "ERROR: no such cell" >&2; exit 3 ;;
  wait) exec sleep 60 ;;
esac
`;

beforeAll(() => {
  const path = join(folder, "ecppack");
  writeFileSync(path, SCRIPT);
  chmodSync(path, 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterAll(() => vi.unstubAllEnvs());

const ecppack = (args: readonly string[], options = {}) =>
  runTool({ tool: "ecppack", args, files: { "in.txt": "1 2 3" } }, { toolchain: "native", ...options });

describe("native programs", () => {
  it("get their files, and give back those that they make", async () => {
    const heard: string[] = [];
    const { files, log } = await ecppack(["copy", "in.txt", "out.txt"], {
      said: (line: string) => heard.push(line),
    });
    expect(Object.keys(files)).toEqual(["out.txt"]);
    expect(Buffer.from(files["out.txt"] ?? []).toString()).toBe("1 2 3");
    expect(log).toContain("reading in.txt");
    expect(heard.sort()).toEqual(["reading in.txt", "writing out.txt"]);
  });

  it("are run without a shell", async () => {
    const name = "a; touch evil $(touch evil) `touch evil`";
    await expect(ecppack(["copy", name, "out.txt"])).rejects.toThrow(ToolError);
  });

  it("say themselves what is wrong", async () => {
    await expect(ecppack(["fail"])).rejects.toThrow("ecppack: no such cell");
  });

  it("are ended when they are told to", async () => {
    const began = performance.now();
    await expect(ecppack(["wait"], { timeoutSeconds: 0.2 })).rejects.toThrow(
      "ecppack: it was ended after 0.2 s",
    );
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it("are known by their version and their bytes", async () => {
    expect(await toolVersion("ecppack", "native")).toMatch(/^packer version 3\.14 \([0-9a-f]{12}\)$/);
  });

  it("are missed in a sentence", async () => {
    const attempt = runTool({ tool: "nextpnr-ecp5", args: [], files: {} }, { toolchain: "native" });
    await expect(attempt).rejects.toThrow("nextpnr-ecp5: it is not on the PATH");
    await expect(runTool({ tool: "ecppack", args: [], files: {} })).rejects.toThrow("--toolchain native");
  });
});

describe.skipIf(!hasTools("yosys", "nextpnr-ice40", "icepack", "iceunpack"))("the native flow", () => {
  it("makes a bitstream of a small design, cached like that of the packaged tools", {
    timeout: 120_000,
  }, async () => {
    const native = { toolchain: "native", cache: folder } as const;
    const verilog =
      "module top(input clock, output reg [7:0] y = 0); always @(posedge clock) y <= y + 1; endmodule\n";
    const run = async () => {
      const { netlist, cells } = await synthesizeIce40(verilog, "top", native);
      expect(cells.flipFlops).toBe(8);
      const { asc, report } = await placeAndRoute(netlist, native);
      expect(report.utilisation.ICESTORM_LC?.used).toBeGreaterThanOrEqual(8);
      return asc;
    };
    const asc = await run();
    const began = performance.now();
    expect(await run()).toBe(asc);
    expect(performance.now() - began).toBeLessThan(5_000);
    const bits = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => /^0*1[01]*$/.test(line))
        .sort();
    expect(bits(await unpack(await pack(asc, native), native))).toEqual(bits(asc));
  });
});
