import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasIcarus, inFolder, mustRun } from "../../src/flow/native-tools.ts";
import { accel } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "accel-circuit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TIMEOUT = { timeout: 300_000 };

describe("accel verify", () => {
  it("says of every rung what was compared, and whether it is equal", TIMEOUT, () => {
    const { status, out } = accel("verify", "--sparsity", "2:4", "--tokens", "1", "--up-to", "3", "--json");
    expect(status).toBe(0);
    const { schema, rungs } = JSON.parse(out);
    expect(schema).toBe("accel/verify@1");
    expect(rungs.map(({ rung, equal }: { rung: number; equal: boolean | null }) => [rung, equal])).toEqual([
      [0, true],
      [1, null],
      [2, true],
      [3, true],
    ]);
    for (const { what, compared, cycles, why } of rungs) {
      expect(typeof what).toBe("string");
      expect(typeof cycles).toBe("number");
      expect(compared > 0 || why !== null).toBe(true);
    }
    expect(rungs[3].shares.flash).toBeGreaterThan(0.95);
  });

  it("finds a fault, names the unit, and leaves waveforms of it", TIMEOUT, () => {
    const { status, out } = accel(
      ...["verify", "--sparsity", "2:4", "--tokens", "1", "--up-to", "3", "--json"],
      ...["--fault", "decoder.matrix.unit.groups.places@20000", "--vcd", join(folder, "difference.vcd")],
    );
    expect(status).toBe(1);
    const last = JSON.parse(out).rungs.at(-1);
    expect(last.equal).toBe(false);
    expect(last.difference.unit).toBe("matrix");
    expect(last.why).toContain("matrix, instruction");
    expect(readFileSync(last.vcd, "utf8")).toContain("$enddefinitions");
  });

  it("refuses what is not there in one sentence", TIMEOUT, () => {
    const wrong = accel("verify", "--fault", "decoder.nothing@5", "--up-to", "3", "--tokens", "1");
    expect(wrong.status).toBe(2);
    expect(wrong.err).toContain("nearest:");
    expect(accel("verify", "--fault", "nonsense").status).toBe(2);
  });
});

describe("accel generate", () => {
  it("writes a folder that its manifest describes, and nothing over other files", TIMEOUT, async () => {
    const out = join(folder, "decoder");
    const made = accel("generate", "--sparsity", "2:4", "--context", "16", "--out", out, "--json");
    expect(made.err).toBe("");
    expect(made.status).toBe(0);
    const manifest = JSON.parse(made.out);
    expect(manifest).toEqual(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")));
    for (const { name, bytes, sha256 } of manifest.files) {
      const contents = readFileSync(join(out, name));
      expect(contents.length).toBe(bytes);
      expect(createHash("sha256").update(contents).digest("hex")).toBe(sha256);
    }
    const verilog = readFileSync(join(out, "hdl/decoder.v"), "utf8");
    expect(verilog).toContain(`module ${manifest.top}`);
    if (hasIcarus())
      await inFolder((run) =>
        mustRun("iverilog", ["-g2005", "-tnull", "-s", "run", ...benchOf(manifest, out)], { folder: run }),
      );

    const other = join(folder, "mine");
    mkdirSync(other);
    writeFileSync(join(other, "letter.txt"), "dear");
    const refused = accel("generate", "--sparsity", "2:4", "--context", "16", "--out", other);
    expect(refused.status).toBe(2);
    expect(refused.err).toContain("holds other files");
    expect(existsSync(join(other, "letter.txt"))).toBe(true);
  });
});

const benchOf = (
  { files }: { readonly files: readonly { readonly name: string }[] },
  out: string,
): string[] =>
  files.flatMap(({ name }) => (name.startsWith("bench/") && name.endsWith(".v") ? [join(out, name)] : []));
