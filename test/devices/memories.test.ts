import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { streamOf } from "../../sim/dram/access.ts";
import { runStream } from "../../sim/dram/run.ts";
import { dramSim3Config, parseDramSim3Ini } from "../../src/devices/dramsim3-config.ts";
import { memoryNamed, memoryNames, memoryPath, readDescription } from "../../src/devices/library.ts";
import { type DramMemory, dramConfigOf, parseMemory } from "../../src/devices/memory.ts";
import { dramSim3Runs } from "../../src/ledger/memories.ts";

function dram(name: string): DramMemory {
  const memory = memoryNamed(name);
  if (memory.kind !== "dram") throw new Error(`${name} is no DRAM`);
  return memory;
}
const drams = memoryNames().filter((name) => memoryNamed(name).kind === "dram");
const golden = dramSim3Runs();

describe("memories that ship", () => {
  it("are of the kinds that machines and devices have", () => {
    expect(memoryNames()).toEqual(
      expect.arrayContaining(["ddr3-1600", "ddr4-2400", "ddr4-3200", "hbm2", "hbm2-u280", "hbm2e", "lpddr4"]),
    );
    expect(memoryNames().map((name) => memoryNamed(name).kind)).toEqual(
      expect.arrayContaining(["dram", "flash", "sram"]),
    );
    for (const name of memoryNames()) expect(memoryNamed(name).name).toBe(name);
  });

  it.each([
    ["hbm2", "HBM2_8Gb_x128"],
    ["ddr4-2400", "DDR4_8Gb_x8_2400_bglow"],
    ["ddr4-3200", "DDR4_8Gb_x8_3200_bglow"],
    ["lpddr4", "LPDDR4_8Gb_x16_2400"],
  ])("%s says of its DRAM what DRAMsim3 says of %s", (name, config) => {
    const theirs = dramSim3Config(golden.configs[config]!.params, config);
    // Their clocks are rounded to hundredths of a nanosecond.
    expect({ ...dramConfigOf(dram(name)), clockNs: 0 }).toEqual({ ...theirs, clockNs: 0 });
    expect(Math.abs(dram(name).clockNs.value - theirs.clockNs)).toBeLessThan(0.006);
  });

  it.each(drams)("%s has the efficiencies that the simulator gives", (name) => {
    const memory = dram(name);
    const { bytes, rows, outstanding } = memory.efficiency;
    const config = { ...dramConfigOf(memory), channels: 1 };
    // A place where most is lost, and one with writes.
    for (const [index, place] of name === "hbm2"
      ? ([
          [0, 1],
          [5, 4],
        ] as const)
      : ([[0, 1]] as const)) {
      const { streams, writes, efficiency } = rows[index]!;
      const run = runStream(config, streamOf(config, { bytes: bytes[place]!, streams, writes }, outstanding));
      expect(efficiency[place]).toBe(Number(run.efficiency.toFixed(4)));
    }
  });

  it("an HBM2 channel of a U280 reads what was measured on one: 425 GB/s of 32 (Shuhai, FCCM 2020)", () => {
    const config = { ...dramConfigOf(dram("hbm2-u280")), channels: 1 };
    const { bytesPerSecond } = runStream(config, {
      pattern: { kind: "seq" },
      bytes: 2 ** 22,
      writes: 0,
      outstanding: 64,
      seed: 1,
    });
    expect(Math.abs((32 * bytesPerSecond) / 425e9 - 1)).toBeLessThan(0.01);
  });

  it("are refused with the field that is wrong", () => {
    const description = readDescription(memoryPath("hbm2"));
    if (typeof description !== "object" || description === null) throw new Error("no description");
    const { efficiency } = dram("hbm2");
    const wrong = (change: object) => () => parseMemory({ ...description, ...change }, "a file");
    expect(wrong({})).not.toThrow();
    expect(wrong({ kind: "tape" })).toThrow(/a file.*kind.*"dram", "flash" or "sram"/);
    expect(wrong({ clockNs: { value: -1, kind: "measured", source: "x" } })).toThrow(/clockNs\.value/);
    expect(wrong({ clockNs: { value: 1, kind: "measured" } })).toThrow(/clockNs\.source/);
    expect(wrong({ efficiency: { ...efficiency, bytes: [64, 128] } })).toThrow(
      /one efficiency for each size/,
    );
    expect(wrong({ surprise: 1 })).toThrow(InputError);
    expect(() => memoryNamed("hbm9")).toThrow(/There is no memory "hbm9": choose/);
  });
});

describe("a configuration of DRAMsim3", () => {
  const ini = [
    "[dram_structure]",
    "protocol = DDR4 ; a remark",
    "bankgroups = 4",
    "banks_per_group = 4",
    "[system]",
    "channel_size = 16384",
    "address_mapping = rochrababgco",
    "[timing]",
    "tCK = 0.83",
    "tRCD=17",
  ];
  const read = (...more: string[]) =>
    dramSim3Config(parseDramSim3Ini([...ini, ...more].join("\r\n")), "x.ini");

  it("is read with that program's defaults for what it does not say", () => {
    const config = read("tREFI = ; not said", "tRFC = 350 (of 8 Gb)");
    expect(config).toMatchObject({ channels: 1, ranks: 2, bankGroups: 4, burstClocks: 4, busBytes: 8 });
    expect(config.clockNs).toBe(0.83);
    expect(config.timing).toMatchObject({
      rcdRead: 17,
      rcdWrite: 17,
      ras: 24,
      refi: 7800,
      rtrs: 2,
      aw32: null,
    });
  });

  it("is refused where the simulator does not model it, or it says nonsense", () => {
    expect(() => read("row_buf_policy = CLOSE_PAGE")).toThrow(
      /x\.ini: row_buf_policy must be OPEN_PAGE, but it is CLOSE_PAGE/,
    );
    expect(() => read("protocol = HMC")).toThrow(/protocol must be one of/);
    expect(() => read("tRP = soon")).toThrow(/tRP must be a number/);
    expect(() => read("device_width = 0")).toThrow(InputError);
    expect(() => read("channels = 3")).toThrow(/x\.ini: channels: must be a power of two/);
    expect(() => read("channels = 256", "banks_per_group = 64")).toThrow(/at most 8192 banks/);
    expect(() => read("tREFI = 100")).toThrow(/refi is too short/);
  });
});
