import { describe, expect, it } from "vitest";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import { InputError } from "../../models/errors.ts";
import { Random } from "../../models/llama-tiny/corpus.ts";
import { boardDesign, filledByHost } from "../../src/build/design.ts";
import { flashContents } from "../../src/build/flash-contents.ts";
import { boardNamed, boardNames, fpgaNamed, machineFrom } from "../../src/devices/library.ts";
import { circuitFor } from "../../src/verify/circuit.ts";
import { randomModel } from "../support/random-model.ts";

const circuit = circuitFor(randomModel(new Random(5)), machineFrom("up5k-flash"), { multiplier: "mac16" });
const designFor = (name: string) => {
  const board = boardNamed(name);
  return boardDesign(circuit, board, fpgaNamed(board.device));
};

/** Ports of the top module of a Verilog text. */
function portsOf(verilog: string): string[] {
  const [, list = ""] = /module board \(([\s\S]*?)\);/.exec(verilog) ?? [];
  return Array.from(
    list.matchAll(
      /^\s*(?:input|output|inout)?\s*(?:wire|reg)?\s*(?:\[\d+:\d+\]\s*)?(\w+),?\s*(?:\/\/.*)?$/gm,
    ),
    ([, port = ""]) => port,
  );
}

const FITTING = ["fomu-pvt", "icebreaker", "pico-ice", "upduino"];

describe("boardDesign()", () => {
  it.each(FITTING)("puts every port of the design on a pin of %s, and no other", (name) => {
    const { top, constraints } = designFor(name);
    const ports = portsOf(writeVerilog(top, { sources: false }).text);
    const placed = Array.from(constraints.matchAll(/^set_io (\w+) \w+$/gm), ([, port = ""]) => port);
    expect(ports.length).toBeGreaterThan(8);
    expect(placed.sort()).toEqual(ports.sort());
  });

  it("makes the machine's clock of the board's", () => {
    const cells = (name: string): string[] =>
      Array.from(
        new Set(
          writeVerilog(designFor(name).top, { sources: false }).text.match(/SB_(PLL\w+|HFOSC|RGBA_DRV)/g),
        ),
      ).sort();
    expect(cells("icebreaker")).toEqual(["SB_PLL40_PAD"]);
    expect(cells("upduino")).toEqual(["SB_HFOSC", "SB_RGBA_DRV"]);
    expect(cells("fomu-pvt").some((cell) => cell.startsWith("SB_PLL40"))).toBe(true);
    for (const name of FITTING) {
      const { clockMHz, cyclesPerBit } = designFor(name);
      const baud = (clockMHz * 1e6) / cyclesPerBit;
      expect(clockMHz).toBe(24);
      expect(Math.abs(baud / 115_200 - 1)).toBeLessThan(0.01);
    }
  });

  it("lays the model behind the bitstream, at a multiple of its size", () => {
    for (const name of FITTING) {
      const { window, image } = designFor(name);
      const { bitstream } = boardNamed(name).flash ?? { bitstream: { offset: 0, bytes: 0 } };
      expect(window.base % 2 ** window.bits).toBe(0);
      expect(2 ** window.bits).toBeGreaterThanOrEqual(image.length);
      expect(window.base).toBeGreaterThanOrEqual(bitstream.offset + bitstream.bytes);
    }
  });

  it("lets the host write weights that stand in memory that can be written", () => {
    const machine = machineFrom("up5k-spram");
    const filled = (name: string): number[] =>
      filledByHost(circuitFor(randomModel(new Random(5)), machineFrom(name), { multiplier: "mac16" }));
    expect(filled("up5k-flash")).toEqual([]);
    expect(filled("up5k-spram").map((i) => machine.memories[i]?.name)).toEqual(["spram"]);
    expect(filled("ecp5-bram")).toEqual([0]);
  });

  it("refuses every other board in one sentence", () => {
    for (const name of boardNames().filter((one) => !FITTING.includes(one) && one !== "icebreaker-bitsy")) {
      expect(() => designFor(name), name).toThrow(InputError);
      expect(() => designFor(name), name).toThrow(/^Machine up5k-flash does not fit [^\n]*\.$/);
    }
  });
});

describe("flashContents()", () => {
  it("has the bitstream first, the model in its place, and erased bytes between", () => {
    const contents = flashContents(64, Uint8Array.of(1, 2), { base: 68, bits: 2 }, Uint8Array.of(7, 8, 9));
    expect([...contents]).toEqual([1, 2, 255, 255, 7, 8, 9]);
  });
});
