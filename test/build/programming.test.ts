import { describe, expect, it } from "vitest";
import { checkedPlace, flashNotes, programmerCalls } from "../../src/build/programming.ts";
import { boardNamed, boardNames } from "../../src/devices/library.ts";

const lines = (name: string): string[] =>
  programmerCalls(boardNamed(name), 0x40000).map(({ tool, args }) => [tool, ...args].join(" "));

describe("programmerCalls()", () => {
  it("writes bitstream and model where each belongs, and lets a flash answer on four lines first", () => {
    expect(lines("icebreaker")).toEqual([
      "iceprog -Q",
      "iceprog bitstream.bin",
      "iceprog -o 262144 model.bin",
    ]);
    expect(lines("tinyfpga-bx")).toEqual(["tinyprog -p bitstream.bin", "tinyprog -a 262144 -u model.bin"]);
  });

  it("writes one file where the bootloader takes one", () => {
    expect(lines("fomu-pvt")).toEqual(["dfu-util -d 1209:5bf0 -a 0 -D flash.bin"]);
  });

  it("gives no board an argument that a shell or an option parser could take for something else", () => {
    for (const name of boardNames())
      for (const { args } of programmerCalls(boardNamed(name), 0))
        for (const arg of args) expect(arg).toMatch(/^[A-Za-z0-9_.:=-]+$/);
  });
});

describe("flashNotes()", () => {
  it("tells of a flash that the programmer cannot set up", () => {
    expect(flashNotes(boardNamed("fomu-pvt")).join(" ")).toContain("four lines");
    expect(flashNotes(boardNamed("icebreaker")).join(" ")).toContain("QE bit");
  });
});

describe("checkedPlace()", () => {
  it("is where the circuit reads the model, and nowhere else", () => {
    const board = boardNamed("icebreaker");
    expect(checkedPlace(board, 0x40000, 164_928)).toBe(0x40000);
    expect(() => checkedPlace(board, 0, 164_928)).toThrow("its circuit reads it at 262144");
  });
});
