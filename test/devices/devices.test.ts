import { describe, expect, it } from "vitest";
import { checkFit } from "../../src/devices/device.ts";
import { chooseMachine, deviceNamed, deviceNames, machineFrom } from "../../src/devices/library.ts";

describe("devices that ship", () => {
  it.each(deviceNames())("%s has figures that agree with each other", (name) => {
    const device = deviceNamed(name);
    expect(device.name).toBe(name);
    const { blockRams, blockRamBytes, packages, family, toolName } = device;
    if (blockRams !== null) expect(blockRamBytes.value % blockRams.value).toBe(0);
    expect(new Set(packages.map((one) => one.name)).size).toBe(packages.length);
    // What tools place has a name for them and a package; what is hypothetical has neither.
    expect(toolName === null).toBe(device.kind === "hypothetical");
    expect(family === null).toBe(device.kind === "hypothetical");
    expect(packages.length > 0).toBe(device.kind === "fpga");
  });

  it("are those that boards need, with the options of nextpnr", () => {
    const options = deviceNames().map((name) => [name, deviceNamed(name).toolName]);
    expect(Object.fromEntries(options)).toMatchObject({
      up5k: "--up5k",
      hx8k: "--hx8k",
      lp8k: "--lp8k",
      hx1k: "--hx1k",
      "lfe5u-25f": "--25k",
      "lfe5u-85f": "--85k",
    });
  });

  it.each(deviceNames())("%s stands for a machine that is made for it, or says that none ships", (name) => {
    const { machine } = deviceNamed(name);
    if (machine === null)
      expect(() => chooseMachine({ device: name })).toThrow(`No machine for ${name} ships`);
    else expect(chooseMachine({ device: name }).machine.name).toBe(machine);
  });
});

describe("multipliers", () => {
  const machine = machineFrom("up5k-flash");
  const partWith = (value: number) => {
    const device = deviceNamed("up5k");
    return { ...device, multipliers: { ...device.multipliers, value } };
  };

  it("are made of logic where a part has none, and refused where it has too few", () => {
    expect(() => checkFit(machine, partWith(0))).not.toThrow();
    expect(() => checkFit(machine, partWith(3))).toThrow(
      "it needs 4 int8 products a cycle of multipliers, and the part has 3",
    );
  });
});
