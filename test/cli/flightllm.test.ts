import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { accel } from "../support/command-line.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "accel-flightllm-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** FlightLLM's machine with two cores, as a person would describe it. */
function twoCores(
  change: (machine: { cluster: { cores: number }; [field: string]: unknown }) => void,
): string {
  const path = join(ROOT, "src/devices/data/machines/u280-flightllm.json");
  const machine = JSON.parse(readFileSync(path, "utf8"));
  machine.name = "two-cores";
  machine.cluster.cores = 2;
  change(machine);
  const file = join(folder, "two-cores.json");
  writeFileSync(file, JSON.stringify(machine));
  return file;
}

describe("FlightLLM's machine on the command line", () => {
  it("times a shape in the package's formats, or in those asked for", () => {
    const sim = (...more: string[]) =>
      JSON.parse(
        accel(
          "sim",
          "--model",
          "llama-2-7b",
          "--device",
          "u280-flightllm",
          "--prompt-tokens",
          "128",
          "--tokens",
          "1",
          "--json",
          ...more,
        ).out,
      );
    const packaged = sim();
    expect(packaged.compression.weights).toBe("w4g48");
    expect(packaged.bitsPerWeight).toBeCloseTo(4.17, 2);
    expect(packaged.cyclesPerToken / 225e3).toBeCloseTo(17.64, 1);
    expect(packaged.timeToFirstTokenSeconds).toBeGreaterThan(0.3);
    const { vectors, total } = packaged.bytesPerToken;
    expect(vectors).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(3.4e9);
    expect(sim("--weights", "w3g128").cyclesPerToken).toBeLessThan(0.9 * packaged.cyclesPerToken);
  });

  it("runs a model with weights on two cores, every word as it should be", () => {
    const report = join(folder, "two-cores.html");
    const { status, out } = accel(
      ...["sim", "--model", "llama-tiny", "--machine", twoCores(() => {})],
      ...["--tokens", "1", "--context", "32", "--stories", "1", "--questions", "1"],
      ...["--report", report, "--json"],
    );
    expect(status).toBe(0);
    const { wordsCompared, wordsEqual, bytesPerToken } = JSON.parse(out);
    expect(wordsCompared).toBeGreaterThan(50_000);
    expect(wordsEqual).toBe(wordsCompared);
    const [, text = ""] = /id="data">(.*?)<\/script>/s.exec(readFileSync(report, "utf8")) ?? [];
    const { operators } = JSON.parse(text) as { operators: { bytes: Record<string, number> }[] };
    const moved = (source: string): number =>
      operators.reduce((sum, { bytes }) => sum + (bytes[source] ?? 0), 0);
    expect(moved("weights")).toBe(bytesPerToken.weights);
    expect(moved("metadata")).toBe(bytesPerToken.metadata + bytesPerToken.tables);
    expect(moved("keysAndValues")).toBe(bytesPerToken.keysAndValues);
    expect(moved("activations")).toBe(bytesPerToken.vectors);
  });

  it("compiles for several cores: the first one's program, in the machine's package", () => {
    const compile = (...more: string[]) =>
      accel("compile", "--model", "llama-2-7b", "--device", "vhk158-flightllm", "--context", "512", ...more);
    const text = compile().out;
    expect(text).toMatch(/the first of 4/);
    expect(text).toMatch(/w4g128 \(codes alone: scales and indices not counted\)/);
    const [packaged, asked] = [compile("--json"), compile("--json", "--weights", "w4g128")].map(({ out }) =>
      JSON.parse(out),
    );
    expect(packaged.cores).toBe(4);
    expect(packaged.codesOnly).toBe(true);
    expect(asked.codesOnly).toBe(false);
    expect(packaged.memoryBytes.hbm).toBeLessThan(0.97 * asked.memoryBytes.hbm);
  });

  it("says where a package counts codes alone, and one token is one token", () => {
    const { out } = accel(
      ...["sim", "--model", "llama-2-7b", "--device", "vhk158-flightllm"],
      ...["--prompt-tokens", "1", "--tokens", "1"],
    );
    expect(out).toMatch(/bits a weight \(codes alone: scales and indices not counted\)/);
    expect(out).toMatch(/room for 1 token$/m);
    expect(out).toMatch(/attends to 1 token,/);
  });

  it("says in one sentence what does not go", () => {
    const two = twoCores((machine) => delete machine.matrix);
    for (const [args, why] of [
      [["sim", "--model", "mixtral-8x7b", "--device", "u280-flightllm"], /cannot be timed on a machine/],
      [["sim", "--model", "llama-tiny", "--machine", two], /"matrix" is wrong/],
      [["ablate", "--device", "generic-hbm"], /no "schedule" to switch/],
      [["sim", "--model", "nosuch", "--prompt-tokens", "5"], /There is no model "nosuch"/],
      [["sim", "--model", "llama-tiny", "--prompt-tokens", "5"], /give llama-tiny a prompt/],
      [["compile", "--lengths", "--listing"], /--listing says nothing with --lengths/],
      [
        ["compile", "--model", "llama-tiny", "--machine", "u280-flightllm", "--output", join(folder, "x")],
        /cores/,
      ],
      [["verify", "--machine", "u280-flightllm"], /for simulation: no circuit is made/],
    ] as const) {
      const { status, err } = accel(...args);
      expect(status, args.join(" ")).toBe(2);
      expect(err).toMatch(why);
      expect(err.trim().split("\n")).toHaveLength(1);
    }
  });

  it("prints the storage of programs for every length", () => {
    const { rows } = JSON.parse(accel("compile", "--lengths", "--json").out) as {
      rows: { name: string; bytes: number; kind: string }[];
    };
    expect(rows.map(({ kind }) => kind)).toEqual([
      "derived",
      "derived",
      "quoted",
      "derived",
      "simulated",
      "compiled",
    ]);
    expect((rows[0]!.bytes / 2 ** 40).toFixed(2)).toBe("1.67");
    expect((rows[1]!.bytes / 2 ** 30).toFixed(2)).toBe("4.77");
    expect(accel("compile", "--lengths", "--context", "16").out).toMatch(/FlightLLM are for 2,048 lengths/);
  });

  it("prints what each idea brings", () => {
    const text = accel("ablate", "--context", "128").out;
    for (const row of ["plain: int8", "+ always-on-chip decode (fused", "+ cache copied to append"])
      expect(text).toContain(row);
    expect(text).toMatch(/J\/token .*prefill ms {2}fits$/m);
    expect(text).toMatch(/does not fit the memories/);
    const other = accel("ablate", "--machine", "vhk158-flightllm", "--context", "128").out;
    expect(other).toMatch(/on vhk158-flightllm/);
    expect(other).not.toMatch(/J\/token|45 W/);
  });
});
