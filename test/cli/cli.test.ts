import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { accel } from "../support/command-line.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "accel-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const QUICK = ["--tokens", "6", "--stories", "2", "--questions", "4"];

describe("accel sim", () => {
  it("prints one JSON object and nothing else, and the text says the same figures", () => {
    const json = accel("sim", "--model", "llama-tiny", "--sparsity", "2:4", "--json", ...QUICK);
    expect(json.status).toBe(0);
    expect(json.err).toBe("");
    const result = JSON.parse(json.out);
    for (const field of [
      "schema",
      "model",
      "machine",
      "text",
      "tokens",
      "cyclesPerToken",
      "tokensPerSecond",
      "clockMHz",
      "bytesPerToken",
      "bitsPerWeight",
      "bound",
      "utilisation",
      "rooflineShare",
      "quality",
      "wordsCompared",
      "wordsEqual",
    ]) {
      expect(result, field).toHaveProperty(field);
    }
    for (const field of ["weights", "metadata", "keysAndValues", "program", "total"])
      expect(result.bytesPerToken[field]).toBeGreaterThan(0);
    for (const field of ["perplexity", "answers", "densePerplexity", "denseAnswers"])
      expect(typeof result.quality[field]).toBe("number");
    const text = accel("sim", "--model", "llama-tiny", "--sparsity", "2:4", ...QUICK);
    expect(text.status).toBe(0);
    expect(text.out).toContain(`${Math.round(result.cyclesPerToken).toLocaleString("en-US")} cycles a token`);
    expect(text.out).toContain(result.text);
    expect(text.out).toContain(`perplexity ${result.quality.perplexity.toFixed(4)}`);
    expect(text.out).toContain(`all ${result.wordsCompared.toLocaleString("en-US")} words equal`);
    expect(text.out.trim().split("\n").length).toBeLessThanOrEqual(12);
  });

  it("writes a report, and takes a machine from a file", () => {
    const machine = JSON.parse(readFileSync(join(ROOT, "src/devices/data/machines/up5k-flash.json"), "utf8"));
    const file = join(folder, "mine.json");
    writeFileSync(file, JSON.stringify({ ...machine, name: "mine", clockMHz: 12 }));
    const report = join(folder, "report.html");
    const { status, out } = accel("sim", "--machine", file, "--report", report, "--json", ...QUICK);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ machine: "mine", clockMHz: 12 });
    expect(readFileSync(report, "utf8")).toContain("<!doctype html>");
  });
});

describe("a mistake gets one sentence and exit code 2", () => {
  const mistakes: [string, string[], RegExp][] = [
    ["an unknown model", ["sim", "--model", "nowhere"], /^accel: There is no model "nowhere".*llama-tiny\.$/],
    [
      "an unknown machine",
      ["sim", "--machine", "nothing"],
      /^accel: There is no machine "nothing".*up5k-flash/,
    ],
    ["an unknown device", ["sim", "--device", "nothing"], /^accel: There is no device "nothing"/],
    ["a pattern that does not exist", ["sim", "--sparsity", "5:4"], /^accel: Sparsity "5:4"/],
    ["weights that do not exist", ["sim", "--weights", "w7"], /^accel: Weights "w7" ask for 7 bits/],
    [
      "a machine for another part",
      ["sim", "--machine", "up5k-flash", "--device", "generic"],
      /^accel: Machine up5k-flash is made for up5k/,
    ],
    ["a missing file", ["sim", "--machine", "./no.json"], /^accel: .*no\.json cannot be read/],
    [
      "a token outside the vocabulary",
      ["logits", "--ids", "0,512"],
      /^accel: Token 512 is not in the vocabulary/,
    ],
    ["a number that is none", ["sim", "--tokens", "many"], /whole number/],
    ["an option that does not exist", ["sim", "--tokenz", "3"], /unknown option/],
  ];
  it.each(mistakes)("%s", (_, args, sentence) => {
    const { status, out, err } = accel(...args);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err.trim().split("\n")[0]).toMatch(sentence);
    expect(err).not.toContain("    at ");
  });

  it("leaves nothing half-written", () => {
    const report = join(folder, "never.html");
    expect(accel("sim", "--sparsity", "9:4", "--report", report).status).toBe(2);
    expect(existsSync(report)).toBe(false);
  });
});

describe("the other commands", () => {
  it("logits of both decoders agree on the likeliest token", () => {
    const best = (decoder: string): number => {
      const { logits } = JSON.parse(
        accel("logits", "--decoder", decoder, "--weights", "w8", "--ids", "0,398,101,103", "--json").out,
      );
      expect(logits).toHaveLength(512);
      return logits.indexOf(Math.max(...logits));
    };
    expect(best("float")).toBe(best("integer"));
  });

  it("compile prints a listing, and writes program and images", () => {
    expect(accel("compile", "--listing").out).toMatch(/SYS\.LOOP {2,}sequencer/);
    const prefix = join(folder, "tiny");
    expect(accel("compile", "--output", prefix, "--json").status).toBe(0);
    expect(readFileSync(`${prefix}.program`).subarray(0, 4).toString()).toBe("ACCL");
    expect(existsSync(`${prefix}.flash.image`)).toBe(true);
  });

  it("models and devices list what ships; help reads for every command", () => {
    expect(accel("models").out).toContain("llama-tiny");
    expect(JSON.parse(accel("devices", "--json").out).machines.length).toBeGreaterThanOrEqual(3);
    for (const command of ["sim", "eval", "compile", "logits", "models", "devices"]) {
      expect(accel(command, "--help").out).toContain(`Usage: accel ${command}`);
    }
  });
});
