import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { accel } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = temporaryFolder();

const device = join(folder, "my-device.json");
const up5k = JSON.parse(readFileSync(join(ROOT, "src/devices/data/devices/up5k.json"), "utf8"));
const config = join(folder, "my-model", "config.json");
const llamaTiny = JSON.parse(readFileSync(join(ROOT, "models/llama-tiny/config.json"), "utf8"));
mkdirSync(join(folder, "my-model"));
writeFileSync(config, JSON.stringify(llamaTiny));

describe("files in the place of names", () => {
  it("a device's file is shown, checked, and stands for its machine", () => {
    writeFileSync(device, JSON.stringify({ ...up5k, title: "Mine" }));
    expect(accel("devices", device, "--sources").out).toContain("Mine, fpga");
    const compiled = accel("compile", "--model", config, "--device", device, "--context", "64", "--json");
    expect(JSON.parse(compiled.out)).toMatchObject({ machine: "up5k-flash", context: 64 });
  });

  it("a config.json is timed without weights", () => {
    const timed = accel("sim", "--model", config, "--tokens", "2", "--prompt-tokens", "4", "--json");
    const result = JSON.parse(timed.out);
    expect(result).toMatchObject({ model: config, quality: null, tokens: 2 });
    expect(result.cyclesPerToken).toBeGreaterThan(0);
  });

  it("what no machine runs is refused in one sentence, and shown all the same", () => {
    const refused = accel("sim", "--model", "mistralai/Mixtral-8x7B-v0.1", "--device", "generic");
    expect(refused).toMatchObject({ status: 2, out: "" });
    expect(refused.err).toMatch(
      /^accel: mixtral-8x7b cannot be timed on a machine: [^\n]*experts[^\n]*\.\n$/,
    );
    const shown = accel("models", "mistralai/Mixtral-8x7B-v0.1", "--json");
    expect(JSON.parse(shown.out)).toMatchObject({
      name: "mixtral-8x7b",
      parameters: { total: 46_702_792_704 },
      machines: "no",
    });
  });
});

describe("docs/devices.md", () => {
  it("has the table that the command prints", () => {
    const { out } = accel("devices", "--markdown");
    expect(readFileSync(join(ROOT, "docs/devices.md"), "utf8")).toContain(out);
  });
});
