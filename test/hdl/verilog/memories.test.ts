import { describe, expect, it } from "vitest";
import { bit, indexWidth, memory, module, register, unsigned, when } from "../../../hdl/builder/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { hasIcarus, hasTools, inFolder, mustRun } from "../../../src/flow/native-tools.ts";
import { simulateVerilog } from "../../support/module-simulation.ts";
import { writeAll } from "../../support/native-simulation.ts";
import { LINTERS } from "./lint.ts";

/** One write port and one read port, which is what a block RAM has. */
const ram = (
  depth: number,
  width: number,
  initial: readonly number[] = [],
  collisions: "old" | "undefined" = "old",
) =>
  module(
    "ram",
    {
      inputs: {
        write: bit,
        write_address: unsigned(indexWidth(depth)),
        data: unsigned(width),
        read: bit,
        read_address: unsigned(indexWidth(depth)),
      },
      outputs: { word: unsigned(width) },
    },
    (io) => {
      const words = memory("words", unsigned(width), {
        depth,
        collisions,
        ...(initial === undefined ? {} : { initial }),
      });
      when(io.write, () => words.write(io.write_address, io.data));
      io.word.set(words.read(io.read_address, { enable: io.read }));
    },
  );

const rom = (initial: readonly number[]) =>
  module("rom", { inputs: { address: unsigned(12) }, outputs: { word: unsigned(16) } }, ({ address, word }) =>
    word.set(memory("words", unsigned(16), { depth: 3000, initial }).read(address)),
  );

/** Cells of each kind that Yosys makes for an iCE40. */
async function cells(text: string): Promise<ReadonlyMap<string, number>> {
  const output = await inFolder(async (folder) => {
    await writeAll(folder, [{ name: "design.v", text }]);
    const script = "read_verilog design.v; synth_ice40; stat";
    return mustRun("yosys", ["-p", script], { folder });
  });
  const last = output.slice(output.lastIndexOf("Number of cells:"));
  return new Map(
    [...last.matchAll(/(SB_\w+) +(\d+)/g)].map(([, name = "", count = ""]) => [name, Number(count)]),
  );
}

const cycle = (values: Readonly<Record<string, number>>): ReadonlyMap<string, bigint> =>
  new Map(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));

describe("memories", () => {
  it.skipIf(!hasTools("yosys"))(
    "512 bytes are one block RAM of an iCE40, with logic for collisions",
    async () => {
      const old = await cells(writeVerilog(ram(512, 8, [1, 2, 3])).text);
      expect(old.get("SB_RAM40_4K")).toBe(1);
      // Address, data and enable of a write wait a cycle; what was read is kept beside them. Not the memory itself.
      expect((old.get("SB_DFF") ?? 0) + (old.get("SB_DFFE") ?? 0)).toBeLessThan(40);
    },
    60_000,
  );

  it.skipIf(!hasTools("yosys"))(
    "a memory whose collisions are undefined is nothing but its block RAM, whatever simulations see",
    async () => {
      const design = ram(512, 8, [1, 2, 3], "undefined");
      const { text } = writeVerilog(design);
      expect(text).toContain("`ifndef SYNTHESIS");
      expect(Object.fromEntries(await cells(text))).toEqual({ SB_RAM40_4K: 1 });
    },
    60_000,
  );

  it.skipIf(!hasTools("yosys"))(
    "100 words read zero beyond the last one, and are still a block RAM",
    async () => {
      const found = await cells(writeVerilog(ram(100, 16, [], "undefined")).text);
      expect(found.get("SB_RAM40_4K")).toBe(1);
      expect((found.get("SB_DFF") ?? 0) + (found.get("SB_DFFE") ?? 0)).toBeLessThan(20);
    },
    60_000,
  );

  it.skipIf(!hasIcarus())("addresses beyond the last word read zero and write nothing", async () => {
    const module = ram(5, 8, [10, 11, 12, 13, 14]);
    const access = (write: number, read: number, data: number) =>
      cycle({ write: 1, write_address: write, data, read: 1, read_address: read });
    const cycles = [access(5, 4, 99), access(7, 5, 99), access(6, 0, 99), access(4, 4, 77), access(7, 4, 0)];
    cycles.push(access(7, 7, 0), access(7, 0, 0), access(7, 1, 0));
    const [trace = []] = await simulateVerilog("icarus", [{ module, cycles }]);
    expect(trace.slice(1).map((row) => Number(row.get("word")))).toEqual([14, 0, 10, 14, 77, 0, 10]);
  });

  it("contents that are large lie in a file", () => {
    const words = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 65536);
    const { text, data } = writeVerilog(rom(words));
    expect(text).toContain('$readmemh("rom_words.hex", words, 0, 2999);');
    expect(data.map(({ name }) => name)).toEqual(["rom_words.hex"]);
    expect(data[0]?.text.split("\n").slice(0, 3)).toEqual(["0000", "1eef", "3dde"]);
    expect(writeVerilog(rom(words), { inlineWords: 3000 }).data).toEqual([]);
  });

  it("modules that differ in such a file only are two", () => {
    const words = (factor: number) => Array.from({ length: 3000 }, (_, i) => (i * factor) % 65536);
    const { modules, data } = writeVerilog([rom(words(3)), rom(words(5)), rom(words(3))]);
    expect(modules.map(({ moduleName }) => moduleName)).toEqual(["rom", "rom_2"]);
    expect(data.map(({ name }) => name)).toEqual(["rom_words.hex", "rom_2_words.hex"]);
  });

  const large = rom(Array.from({ length: 2000 }, (_, i) => (i * 7919) % 65536));

  it.skipIf(!hasIcarus())("Icarus reads such a file", async () => {
    const cycles = [0, 1, 1999, 2000, 2999, 3000, 4095, 0].map((address) => cycle({ address }));
    const [trace = []] = await simulateVerilog("icarus", [{ module: large, cycles }]);
    const expected = [0, 7919, (1999 * 7919) % 65536, 0, 0, 0, 0];
    expect(trace.slice(1).map((row) => Number(row.get("word")))).toEqual(expected);
  });

  for (const { name, installed, complaints } of LINTERS)
    it.skipIf(!installed)(`${name} has nothing to say about odd ones`, async () => {
      const odd = module(
        "odd",
        {
          inputs: { lowest: bit, a: unsigned(2), d: bit, x: bit },
          outputs: { q: bit, r: bit },
        },
        ({ lowest, a, d, x, q, r }) => {
          const single = memory("single", bit, { depth: 1 });
          when(x, () => single.write(lowest, d));
          q.set(single.read(lowest));
          r.set(memory("constant", bit, { depth: 3, initial: [] }).read(a));
          const unread = memory("unread", bit, { depth: 4 });
          unread.write(a, d);
          const fixed = memory("fixed", bit, { depth: 4, initial: [1] });
          fixed.write(register("zero", unsigned(2), { initial: 0, next: 0 }), d);
        },
      );
      expect(await complaints(writeVerilog(odd))).toBe("");
    });
});
