import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { timedShape } from "../../models/shapes/timed.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { ablate, boardWatts, maskDensity } from "../../src/experiment/ablation.ts";
import { LaunchTiming } from "../../src/experiment/launch-timing.ts";
import {
  bucketedBytes,
  FLIGHTLLM,
  mergedShare,
  naiveBytes,
  storageRows,
} from "../../src/experiment/length-storage.ts";
import { formatsOf, packagedFormats } from "../../src/experiment/shape-formats.ts";

const machine = machineFrom("u280-flightllm");
const llama = timedShape("llama-2-7b");
const formats = formatsOf(parseCompression({ weights: "w4g128" }));

describe("storage of programs for every length", () => {
  it("the published totals from their counts", () => {
    expect(naiveBytes(FLIGHTLLM) / 2 ** 40).toBeCloseTo(1.67, 2);
    expect(bucketedBytes(FLIGHTLLM) / 2 ** 30).toBeCloseTo(4.77, 2);
    expect(mergedShare({ words: 80, loads: 8, stores: 8 })).toBe(1 - 70 / 80);
  });

  it("a program that reads its length in a register serves them all with a few kilobytes", () => {
    const rows = storageRows(llama, machine, formats, 2048);
    const own = rows.at(-1)!;
    expect(own.bytes).toBeLessThan(32_000);
    expect(rows[1]!.bytes / own.bytes).toBeGreaterThan(100_000);
    const longer = storageRows({ ...llama, maxPositions: 4096 }, machine, formats, 4096).at(-1)!;
    expect(longer.bytes).toBe(own.bytes);
  });
});

describe("ablation", () => {
  const { steps, alone } = ablate(llama, machine, 512);

  it("each idea makes a token faster, and fewer bytes need less time", () => {
    const times = steps.map(({ msPerToken }) => msPerToken);
    for (const [i, ms] of times.slice(1).entries()) expect(ms).toBeLessThanOrEqual(times[i]!);
    expect(steps[0]!.speedUp).toBe(1);
    expect(steps.at(-1)!.speedUp).toBeGreaterThan(2);
    expect(alone).toHaveLength(5);
  });

  it("int8 does not fit the channels of three cores, 4 bits do", () => {
    expect(steps[0]!.fits).toBe(false);
    expect(steps.at(-1)!.fits).toBe(true);
  });

  it("block-sparse attention changes prefill alone, and only behind 128 tokens", () => {
    const [plain, sparse] = [steps[0]!, alone.at(-1)!];
    expect(sparse.msPerToken).toBe(plain.msPerToken);
    expect(sparse.prefillMs).toBeLessThan(plain.prefillMs);
    expect([64, 128, 512, 2048, 4096].map(maskDensity)).toEqual([1, 1, 0.802, 0.3, 0.3]);
    expect(maskDensity(1536)).toBeCloseTo(0.414, 3);
  });

  it("counts joules where the board's power is published, and nowhere else", () => {
    expect(steps[0]!.joulesPerToken).toBeCloseTo(0.045 * steps[0]!.msPerToken, 9);
    const other = machineFrom("vhk158-flightllm");
    expect(boardWatts(other)).toBeNull();
    expect(ablate(llama, other, 128).steps[0]!.joulesPerToken).toBeNull();
  });

  it("refuses a machine that has no launches", () => {
    expect(() => ablate(llama, machineFrom("generic-hbm"), 16)).toThrow(InputError);
  });
});

describe("OPT on FlightLLM's machine", () => {
  const opt = timedShape("opt-6.7b");

  it("is compiled with its own operators", () => {
    const { program } = new LaunchTiming(opt, machine, packagedFormats(machine.package!, 8), 512);
    const operations = new Set(program.instructions.map(({ operation }) => operation));
    expect(operations).toContain("MISC.LAYERNORM");
    for (const absent of ["MISC.NORM", "MISC.ROTATE", "MISC.GATE", "MISC.MULTIPLY"] as const)
      expect(operations).not.toContain(absent);
    expect(program.layout.streams.filter(({ layer }) => layer === 0).map(({ name }) => name)).toEqual([
      "k",
      "v",
      "q",
      "o",
      "up",
      "down",
    ]);
  });

  it("streams a bias for every row, and takes about as long as a LLaMA-2-7B", () => {
    const stored = packagedFormats(machine.package!, 8);
    const timing = new LaunchTiming(opt, machine, stored, 512);
    const without = new LaunchTiming(
      { ...opt, variant: { ...opt.variant!, biases: [] } },
      machine,
      stored,
      512,
    );
    const bytes = (one: LaunchTiming): number => one.decode(512).bytes.metadata;
    expect(bytes(timing) - bytes(without)).toBeGreaterThan(32 * 4 * (5 * 1376 + 5472) * 0.9);
    const ratio = timing.decodeMs(512) / new LaunchTiming(llama, machine, stored, 512).decodeMs(512);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it("what machines have no instructions for is refused in one sentence", () => {
    expect(() => timedShape("mixtral-8x7b")).toThrow(/cannot be timed on a machine: .*experts/);
    expect(() => timedShape("phi-2")).toThrow(/cannot be timed on a machine/);
  });
});
