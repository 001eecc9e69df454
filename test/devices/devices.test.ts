import { describe, expect, it } from "vitest";
import { checkFit, deviceSchema, isFpga } from "../../src/devices/device.ts";
import { figuresOf } from "../../src/devices/figure-list.ts";
import {
  chooseMachine,
  deviceNamed,
  deviceNames,
  fpgaNamed,
  machineFrom,
} from "../../src/devices/library.ts";

const fpgas = deviceNames().filter((name) => isFpga(deviceNamed(name)));

describe("FPGAs that ship", () => {
  it.each(fpgas)("%s has figures that agree with each other", (name) => {
    const { kind, blockRams, ultraRams, blockRamBytes, packages, family, toolName } = fpgaNamed(name);
    if (blockRams !== null) {
      const left = blockRamBytes.value - 36_864 * (ultraRams?.value ?? 0);
      expect(left % blockRams.value).toBe(0);
    }
    expect(new Set(packages.map((one) => one.name)).size).toBe(packages.length);
    // What tools place has a name for them and a package; what they do not know has neither.
    expect(toolName === null).toBe(family === null);
    expect(packages.length > 0).toBe(family !== null);
    if (kind === "hypothetical") expect(family).toBeNull();
  });

  it("are those that boards need, with the options of nextpnr", () => {
    const options = fpgas.map((name) => [name, fpgaNamed(name).toolName]);
    expect(Object.fromEntries(options)).toMatchObject({
      up5k: "--up5k",
      hx8k: "--hx8k",
      lp8k: "--lp8k",
      hx1k: "--hx1k",
      "lfe5u-25f": "--25k",
      "lfe5u-85f": "--85k",
    });
  });

  it.each(fpgas)("%s stands for a machine that is made for it, or says that none ships", (name) => {
    const { machine } = fpgaNamed(name);
    if (machine === null)
      expect(() => chooseMachine({ device: name })).toThrow(`No machine for ${name} ships`);
    else expect(chooseMachine({ device: name }).machine.name).toBe(machine);
  });

  it("are asked for where a machine is to run", () => {
    expect(() => chooseMachine({ device: "a100-80g" })).toThrow(
      "a100-80g is a GPU, which holds no machine: choose ",
    );
    expect(chooseMachine({ device: "up5k-spram" }).machine.name).toBe("up5k-spram");
  });
});

/** Every `source` of a description. */
function sourcesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "source" ? [String(inner)] : sourcesIn(inner),
  );
}

describe("devices that ship", () => {
  it.each(deviceNames())("%s says of every figure where it is from", (name) => {
    const device = deviceNamed(name);
    expect(device.name).toBe(name);
    expect(deviceSchema.parse(device)).toEqual(device);
    const listed = figuresOf(device).flatMap(({ figure }) => (figure === null ? [] : [figure.source]));
    expect([...listed].sort()).toEqual([...sourcesIn(device)].sort());
  });

  it.each(deviceNames())("%s has figures that agree with each other", (name) => {
    const { compute, memories, power, efficiency, onChip } = deviceNamed(name).performance;
    for (const { operationsPerSecond, sparse24 } of compute)
      if (sparse24 !== null) expect(sparse24.value / operationsPerSecond.value).toBeCloseTo(2, 1);
    for (const { bytesPerSecond, accessBytes } of memories)
      expect(bytesPerSecond.value).toBeGreaterThan(accessBytes);
    const { idleWatts, boardWatts } = power;
    if (idleWatts !== null && boardWatts !== null) expect(idleWatts.value).toBeLessThan(boardWatts.value);
    expect(onChip.bytes.value).toBeLessThan(memories.reduce((sum, { bytes }) => sum + bytes.value, 0));
    for (const { value, uncertainty } of [efficiency.memory, efficiency.compute])
      expect(value * (1 + uncertainty)).toBeLessThanOrEqual(1.3);
  });

  it("multiply no more in a second than their multipliers can at a gigahertz", () => {
    for (const device of deviceNames().map(deviceNamed).filter(isFpga)) {
      const peak = device.performance.compute.find(({ numbers }) => numbers === "int8");
      if (device.multipliers.value > 0)
        expect(peak?.operationsPerSecond.value).toBeLessThanOrEqual(2e9 * device.multipliers.value);
      expect(device.performance.onChip.bytes.value).toBe(device.blockRamBytes.value);
    }
  });
});

describe("multipliers", () => {
  const machine = machineFrom("up5k-flash");
  const partWith = (value: number) => {
    const device = fpgaNamed("up5k");
    return { ...device, multipliers: { ...device.multipliers, value } };
  };

  it("are made of logic where a part has none, and refused where it has too few", () => {
    expect(() => checkFit(machine, partWith(0))).not.toThrow();
    expect(() => checkFit(machine, partWith(3))).toThrow(
      "it needs 4 int8 products a cycle of multipliers, and the part has 3",
    );
  });
});
