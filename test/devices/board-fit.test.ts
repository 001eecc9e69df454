import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import type { Machine } from "../../src/compile/machine.ts";
import { type Board, checkPart, parseBoard } from "../../src/devices/board.ts";
import { checkBoard, flashWindow, misfits } from "../../src/devices/board-fit.ts";
import { boardNamed, fpgaNamed, machineFrom } from "../../src/devices/library.ts";

const machine = machineFrom("up5k-flash");
const board = boardNamed("icebreaker");
const device = fpgaNamed("up5k");
type Flash = NonNullable<Board["flash"]>;
const flash = board.flash as Flash;
/** An UPduino whose serial line is the FTDI's, on the flash's clock and data. */
const sharing = parseBoard(
  {
    ...boardNamed("upduino"),
    uart: { rx: "15", tx: "14", sharedWithFlash: true, note: null, source: "upduino.pcf" },
  },
  "sharing",
);
const kinds = (of: Machine, on: Board, bytes: number): string[] =>
  misfits(of, on, bytes).map(({ kind }) => kind);

describe("misfits", () => {
  it("has none where a machine fits", () => {
    expect(misfits(machine, board, flash.user.bytes / 2)).toEqual([]);
    expect(() => checkBoard(machine, board, device, 1)).not.toThrow();
  });

  it("tells each reason with its numbers", () => {
    expect(misfits({ ...machine, device: "u280" }, board, 1)).toEqual([
      { kind: "device", machine: "u280", board: "up5k" },
    ]);
    expect(kinds(machine, { ...board, uart: null }, 1)).toEqual(["no serial line"]);
    expect(kinds(machine, { ...board, flash: null }, 1)).toEqual(["no flash"]);
    expect(misfits(machine, { ...board, flash: { ...flash, data: ["14", "17", null, null] } }, 1)).toEqual([
      { kind: "flash lines", needed: 4, wired: 2 },
    ]);
    expect(misfits(machine, board, flash.user.bytes + 1)).toEqual([
      { kind: "flash room", needed: flash.user.bytes + 1, room: flash.user.bytes },
    ]);
    expect(misfits(machine, sharing, 1)).toEqual([{ kind: "shared serial line", pins: ["15", "14"] }]);
  });

  it("tells all reasons at once, in one sentence", () => {
    expect(() => checkBoard(machine, boardNamed("icestick"), fpgaNamed("hx1k"), 2 ** 23)).toThrow(
      new InputError(
        "Machine up5k-flash does not fit icestick: the machine is made for up5k, and the board has hx1k; the machine reads 4 lines of the flash, and 2 are wired; it needs 8388608 bytes of flash behind the bitstream, and 4128768 can be written there.",
      ),
    );
  });

  it("asks nothing of the flash where no memory is read only", () => {
    const writable = { ...machine, memories: machine.memories.filter(({ writeBits }) => writeBits !== null) };
    expect(misfits(writable, sharing, 2 ** 30)).toEqual([]);
    expect(misfits(writable, { ...board, flash: null }, 2 ** 30)).toEqual([]);
  });
});

describe("checkPart", () => {
  it("refuses packages, speed grades and oscillators that the part does not have", () => {
    expect(() => checkPart({ ...board, package: "ct256" }, device)).toThrow(
      'Board icebreaker: "package" is "ct256", and up5k has sg48, uwg30.',
    );
    expect(() => checkPart({ ...board, speedGrade: 6 }, device)).toThrow('"speedGrade" is 6');
    const crab = boardNamed("orangecrab-25f");
    expect(() => checkPart({ ...crab, speedGrade: null }, fpgaNamed("lfe5u-25f"))).toThrow(
      '"speedGrade" is null, and lfe5u-25f has 6, 7, 8.',
    );
    const { clock } = boardNamed("upduino");
    expect(() => checkPart({ ...boardNamed("hx8k-breakout"), clock }, fpgaNamed("hx8k"))).toThrow(
      '"clock.MHz" is 48, and hx8k has no oscillator.',
    );
  });
});

describe("flashWindow", () => {
  const stretches = fc
    .record({ offset: fc.nat(2 ** 24), bytes: fc.integer({ min: 1, max: 2 ** 24 }) })
    .map((user) => ({ ...flash, user }));

  it("is the first stretch of a power of two that has room, and there is none only where none has", () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 2 ** 24 }), (one, bytes) => {
        const { offset, bytes: room } = one.user;
        let bits = 0;
        while (2 ** bits < bytes) bits++;
        const size = 2 ** bits;
        // Counting from the flash's beginning, with no arithmetic to agree with by accident.
        let base = 0;
        const step = Math.max(size, 2 ** 12);
        while (base + step <= offset) base += step;
        while (base < offset) base += size;
        const fits = base + bytes <= offset + room && base + size <= 2 ** 24;
        expect(flashWindow(one, bytes)).toEqual(fits ? { base, bits } : null);
      }),
    );
  });

  it("decides together with the room whether a model fits", () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 2 ** 25 }), (one, bytes) => {
        const found = kinds(machine, { ...board, flash: one }, bytes);
        expect(found.length === 0).toBe(flashWindow(one, bytes) !== null);
      }),
    );
  });
});
