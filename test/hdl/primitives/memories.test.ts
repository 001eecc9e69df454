import { describe, expect, it } from "vitest";
import { bit, module, unsigned } from "../../../hdl/builder/index.ts";
import { blockRam, spram } from "../../../hdl/primitives/ice40/index.ts";
import { Random } from "../../../models/llama-tiny/corpus.ts";
import { trace } from "./run.ts";

const random = new Random(11);
const CYCLES = 3000;

describe("blockRam", () => {
  it.each([16, 8, 4, 2] as const)("is a memory of words of %i bits, in their own order of bits", (width) => {
    const depth = 4096 / width;
    const initial = Array.from({ length: depth - 3 }, () => random.below(2 ** width));
    const address = unsigned(Math.log2(depth));
    const top = module(
      "top",
      {
        inputs: {
          readAddress: address,
          readEnable: bit,
          writeAddress: address,
          writeData: unsigned(width),
          write: bit,
        },
        outputs: { data: unsigned(width) },
      },
      ({ data, ...access }) => data.set(blockRam("ram", { width, initial }, access)),
    );
    const near = (): number => (random.chance(0.5) ? random.below(8) : depth - 1 - random.below(8));
    const inputs = Array.from({ length: CYCLES }, (_, i) => ({
      readAddress: i < depth ? i : near(),
      readEnable: i === 0 || random.chance(0.8) ? 1 : 0,
      writeAddress: near(),
      writeData: random.below(2 ** width),
      write: i < depth ? 0 : random.below(2),
    }));
    const words = [...initial, 0, 0, 0];
    let data = Number.NaN;
    for (const [i, { data: got }] of trace(top, inputs).entries()) {
      if (i > 0) expect(got).toBe(data);
      const { readAddress, readEnable, writeAddress, writeData, write } = inputs[i]!;
      if (readEnable === 1) data = words[readAddress]!;
      if (write === 1) words[writeAddress] = writeData;
    }
  });

  it("writes the bits of a mask", () => {
    const top = module(
      "top",
      {
        inputs: { address: unsigned(8), writeData: unsigned(16), mask: unsigned(16) },
        outputs: { data: unsigned(16) },
      },
      ({ address, writeData, mask, data }) =>
        data.set(
          blockRam(
            "ram",
            { width: 16 },
            { readAddress: address, writeAddress: address, writeData, write: 1, mask },
          ),
        ),
    );
    const inputs = Array.from({ length: 100 }, () => ({
      address: 3,
      writeData: random.below(65_536),
      mask: random.below(65_536),
    }));
    let word = 0;
    for (const [i, { data }] of trace(top, inputs).entries()) {
      const { writeData, mask } = inputs[i - 2] ?? { writeData: 0, mask: 0 };
      word = (word & ~mask) | (writeData & mask);
      if (i > 0) expect(data).toBe(word);
    }
  });

  it("says which width is meant", () => {
    const make = (width: number) => () =>
      module(
        "top",
        { inputs: { a: unsigned(width), d: unsigned(8) }, outputs: { data: unsigned(8) } },
        (io) =>
          io.data.set(
            blockRam(
              "ram",
              { width: 8 },
              { readAddress: io.a, writeAddress: io.a, writeData: io.d, write: 0 },
            ),
          ),
      );
    expect(make(9)).not.toThrow();
    expect(make(10)).toThrow("readAddress of block RAM ram has 10 bits; 512 words need 9");
  });
});

describe("spram", () => {
  it("reads, writes nibbles, and holds without enable", () => {
    const inputs = { address: unsigned(14), data: unsigned(16), write: bit, mask: unsigned(4), enable: bit };
    const top = module("top", { inputs, outputs: { q: unsigned(16) } }, ({ q, ...access }) =>
      q.set(spram("ram", access)),
    );
    const addresses = [0, 1, 0x2000, 0x3fff];
    const rows = Array.from({ length: CYCLES }, (_, i) => ({
      address: i < 4 ? addresses[i]! : random.pick(addresses),
      data: random.below(65_536),
      write: i < 4 ? 1 : random.below(2),
      mask: i < 4 ? 15 : random.below(16),
      enable: i < 4 || random.chance(0.8) ? 1 : 0,
    }));
    const words = new Map<number, number>();
    let expected: number | null = null;
    for (const [i, { q }] of trace(top, rows).entries()) {
      if (expected !== null) expect(q).toBe(expected);
      const { address, data, write, mask, enable } = rows[i]!;
      if (enable === 0) continue;
      if (write === 0) {
        expected = words.get(address)!;
        continue;
      }
      const bits = Number.parseInt(mask.toString(2).replaceAll("1", "f"), 16);
      words.set(address, ((words.get(address) ?? 0) & ~bits) | (data & bits));
      // What the port shows after a write is undefined.
      expected = null;
    }
  });
});
