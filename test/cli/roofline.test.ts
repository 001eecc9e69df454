import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openShape } from "../../models/shapes/library.ts";
import { machineFrom, memoryNamed } from "../../src/devices/library.ts";
import { compare, entriesOf } from "../../src/roofline/comparison.ts";
import { rooflineDeviceNamed } from "../../src/roofline/resolve-device.ts";
import { accel, type Ended } from "../support/command-line.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "accel-roofline-"));
afterAll(() => rmSync(folder, { recursive: true }));

const roofline = (...args: string[]): Ended => accel("roofline", ...args);

const write = (name: string, json: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(json));
  return path;
};

describe("accel roofline", () => {
  it("prints what the library computes, for every device with every format", () => {
    const { status, out, err } = roofline(
      ...["--model", "llama-3-8b", "--device", "h100-sxm,u280,up5k-flash", "--weights", "w16,w4g128"],
      ...[
        "--sparsity",
        "dense,2:4",
        "--context",
        "700",
        "--tokens",
        "9",
        "--batch",
        "3",
        "--kv",
        "4",
        "--json",
      ],
    );
    expect(err).toBe("");
    expect(status).toBe(0);
    const printed = JSON.parse(out);
    const devices = ["h100-sxm", "u280", "up5k-flash"].map(rooflineDeviceNamed);
    const expected = compare(
      openShape("llama-3-8b").shape,
      entriesOf(devices, ["w16", "w4g128"], ["dense", "2:4"]),
      {
        batch: 3,
        context: 700,
        newTokens: 9,
        keysAndValuesBits: 4,
        activationBits: null,
        flashAttention: true,
        tensorParallel: 1,
      },
    );
    expect(printed.entries).toHaveLength(12);
    for (const [i, { device, prediction }] of expected.entries()) {
      expect(printed.entries[i].device).toBe(device.name);
      expect(printed.entries[i].prediction).toEqual(JSON.parse(JSON.stringify(prediction)));
    }
  });

  it("takes a device and a model from files of one's own", () => {
    const device = JSON.parse(readFileSync(join(ROOT, "src/devices/data/devices/a100-80g.json"), "utf8"));
    const { performance } = device;
    const [memory] = performance.memories;
    memory.bytesPerSecond.value *= 2;
    const file = write("twice.json", { ...device, name: "twice-as-wide" });
    const model = write("config.json", {
      model_type: "llama",
      hidden_size: 512,
      intermediate_size: 1024,
      num_hidden_layers: 3,
      num_attention_heads: 8,
      num_key_value_heads: 2,
      vocab_size: 1000,
      max_position_embeddings: 512,
      rms_norm_eps: 1e-5,
    });
    const { status, out, err } = roofline(
      ...["--model", model, "--device", `a100-80g,${file}`, "--context", "64", "--json"],
    );
    expect(err).toBe("");
    expect(status).toBe(0);
    const [usual, twice] = JSON.parse(out).entries;
    expect(twice.device).toBe("twice-as-wide");
    expect(twice.prediction.decode.seconds).toBeLessThan(usual.prediction.decode.seconds);
    expect(twice.prediction.decode.bytes).toBe(usual.prediction.decode.bytes);
  });

  it("says in its text what its JSON says", () => {
    const asked = [
      "--model",
      "mixtral-8x7b",
      "--device",
      "a100-80g",
      "--tensor-parallel",
      "2",
      "--operators",
    ];
    const { prediction } = JSON.parse(roofline(...asked, "--json").out).entries[0];
    const { out } = roofline(...asked);
    expect(out).toContain("router");
    expect(out).toContain("feed-forward sum over devices");
    expect(out).toContain(`${Number((prediction.decode.seconds * 1e3).toPrecision(3))} ms`);
    expect(out).toContain(`${Number((prediction.decode.bytes / 1e9).toPrecision(3))} GB`);
  });

  it("fits 120 columns, and prints decode's energy apart from the prompt's", () => {
    const asked = ["--device", "a100-40g-pcie,u280,up5k", "--weights", "w16,w4g128", "--sparsity", "2:4"];
    const { out } = roofline(...asked, "--operators");
    for (const text of out.split("\n")) expect(text.length, text).toBeLessThanOrEqual(120);
    const [{ prediction }] = JSON.parse(roofline(...asked, "--json").out).entries;
    const { prefill, decode } = prediction;
    const inJoules = (joules: number): string => `${Number(joules.toPrecision(3))} J`;
    expect(out).toContain(`prefill ${inJoules(prefill.joules)} ±`);
    expect(out).toContain(`decode ${inJoules(decode.joules)} ±`);
    expect(out.split("\n").find((text) => text.startsWith("a100-40g-pcie"))).toMatch(
      new RegExp(` ${inJoules(decode.joules)}$`),
    );
  });

  it("takes a device's name in any capitals", () => {
    const { status, out } = roofline("--device", "A100-80G,UP5K-flash", "--json");
    expect(status).toBe(0);
    const names = JSON.parse(out).entries.map((entry: { device: string }) => entry.device);
    expect(names).toEqual(["a100-80g", "up5k-flash"]);
    expect(machineFrom("Up5k-Flash").name).toBe("up5k-flash");
    expect(memoryNamed("HBM2").name).toBe(memoryNamed("hbm2").name);
  });

  it("calls a configuration by its file's name, and config.json by its folder's", () => {
    const config = JSON.parse(readFileSync(join(ROOT, "models/llama-tiny/config.json"), "utf8"));
    const named = write("my-own.json", config);
    const unnamed = write("config.json", config);
    expect(openShape(named).name).toBe("my-own");
    expect(openShape(unnamed).name).toBe(basename(folder));
  });

  it.each([
    [["--activation-bits", "5"], /choose 4, 8, 16, 32/],
    [["--device", "up5k", "--tensor-parallel", "2"], /has no link/],
    [["--weight-bits", "4"], /write --weights/],
    [["--as", "llm-viewer", "--bandwidth", "2"], /leave it out/],
  ])("refuses %j with one sentence", (args, message) => {
    const { status, out, err } = roofline(...args);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(message);
  });
});
