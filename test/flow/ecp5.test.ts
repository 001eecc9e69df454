import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HardwareError } from "../../hdl/builder/index.ts";
import { ehxplllSettings } from "../../hdl/primitives/ecp5/ehxplll.ts";
import { ECP5_COARSE, packEcp5, placeEcp5, synthesizeEcp5 } from "../../src/flow/ecp5.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { runYosys } from "../../src/flow/yosys.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const kept = { cache: folder };
afterAll(closeTools);

describe("synthesizeEcp5()", () => {
  it("is what this version of Yosys does itself, but for the comparisons", { timeout: 60_000 }, async () => {
    const help = await runYosys(["tee -q -o help.txt help synth_ecp5"], {}, kept);
    const text = new TextDecoder().decode(help.files["help.txt"]);
    const [, coarse = ""] = /\n {4}coarse:\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const commands = coarse.split("\n").map((line) =>
      line
        .replace(/\(unless -nodsp\)|\[-no-rw-check\]/, "")
        .replace(/ {2,}/g, " ")
        .trim(),
    );
    expect(commands).toEqual([...ECP5_COARSE]);
  });

  it("counts products as multipliers, and cells as they are", { timeout: 60_000 }, async () => {
    const text =
      "module top(input c, input signed [7:0] a, b, output reg signed [15:0] y); always @(posedge c) y <= a * b; endmodule\n";
    const { cells } = await synthesizeEcp5({ text, top: "top", data: {} }, kept);
    expect(cells).toMatchObject({ family: "ecp5", dsp: 1, blockRam: 0 });
  });
});

describe("place and route of an ECP5", () => {
  /** Writes down its arguments in the place of a design. */
  const NEXTPNR = `#!/bin/sh
if [ "$1" = --version ]; then echo "nextpnr-ecp5 -- stand-in 0.1"; exit; fi
echo "$*" > design.config
cat design.json pins.lpf >> design.config
echo '{"fmax": {"slow": {"achieved": 31.5, "constraint": 24}, "fast": {"achieved": 99, "constraint": 24}}}' > report.json
`;
  const ECPPACK = `#!/bin/sh
if [ "$1" = --version ]; then echo "ecppack 0.1"; exit; fi
cp "$2" "$3"
`;
  beforeAll(() => {
    for (const [name, script] of [
      ["nextpnr-ecp5", NEXTPNR],
      ["ecppack", ECPPACK],
    ] as const) {
      writeFileSync(join(folder, name), script);
      chmodSync(join(folder, name), 0o755);
    }
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  });
  afterAll(() => vi.unstubAllEnvs());

  it("asks for part, package, speed grade, seed and clock, and takes the slowest clock", async () => {
    const native = { toolchain: "native", cache: null } as const;
    const { config, clockMHz } = await placeEcp5("{}", {
      ...native,
      ...{ device: "--85k", package: "CABGA381", speedGrade: 6, seed: 7, freqMHz: 24 },
      lpf: 'LOCATE COMP "rx" SITE "M1";\n',
    });
    expect(clockMHz).toBe(31.5);
    expect(config).toContain("--85k --package CABGA381 --seed 7 --freq 24 --speed 6");
    expect(config).toContain('LOCATE COMP "rx" SITE "M1";');
    expect(Buffer.from(await packEcp5(config, native)).toString()).toBe(config);
  });
});

describe("ehxplllSettings()", () => {
  it("keeps every frequency within the data sheet's limits, near the one that is wanted", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 100 }),
        fc.integer({ min: 10, max: 200 }),
        (reference, wanted) => {
          const { input, feedback, output, megahertz } = ehxplllSettings(reference, wanted);
          expect(megahertz).toBeCloseTo((reference / input) * feedback, 9);
          expect(reference / input).toBeGreaterThanOrEqual(10);
          expect(megahertz * output).toBeGreaterThanOrEqual(400);
          expect(megahertz * output).toBeLessThanOrEqual(800);
          // The finest step is that of the slowest phase detector, 10 to 20 MHz.
          expect(Math.abs(megahertz - wanted)).toBeLessThanOrEqual(10);
        },
      ),
    );
  });

  it("is exact for the boards that ship", () => {
    expect(ehxplllSettings(48, 24).megahertz).toBe(24);
    expect(ehxplllSettings(25, 25).megahertz).toBe(25);
    expect(() => ehxplllSettings(5, 24)).toThrow(HardwareError);
  });
});
