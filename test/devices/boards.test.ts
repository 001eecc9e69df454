import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { packageRoot } from "../../models/package-root.ts";
import { boardsCommand } from "../../src/cli/boards.ts";
import { type Board, parseBoard } from "../../src/devices/board.ts";
import { misfits } from "../../src/devices/board-fit.ts";
import { boardNamed, boardNames, deviceNames, fpgaNamed, machineFrom } from "../../src/devices/library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterEach(() => vi.restoreAllMocks());

/** What the command prints. */
function printed(...args: string[]): string {
  const parts: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => parts.push(String(text)) > 0);
  boardsCommand().parse(args, { from: "user" });
  return parts.join("");
}

const page = readFileSync(join(packageRoot(), "docs", "boards.md"), "utf8");

/** The page's own board. */
function example(): Board {
  const [, json = ""] = /```json\n([^`]*)```/.exec(page) ?? [];
  return parseBoard(JSON.parse(json), "docs/boards.md");
}

describe("boards that ship", () => {
  it("are all that were asked for", () => {
    expect(boardNames()).toEqual([
      "fomu-hacker",
      "fomu-pvt",
      "hx8k-breakout",
      "icebreaker",
      "icebreaker-bitsy",
      "icestick",
      "orangecrab-25f",
      "orangecrab-85f",
      "pico-ice",
      "tinyfpga-bx",
      "ulx3s-85f",
      "upduino",
    ]);
  });

  it.each(boardNames())("%s parses, is named as its file, and carries a part in a package of it", (name) => {
    const board = boardNamed(name);
    expect(board.name).toBe(name);
    expect(deviceNames()).toContain(board.device);
    expect(fpgaNamed(board.device).packages.map((one) => one.name)).toContain(board.package);
    expect(board.uart).not.toBeNull();
  });

  // Sizes of bitstreams as icepack makes them: of a part, not of a design.
  it.each([
    ["up5k", 104_090],
    ["hx8k", 135_100],
    ["lp8k", 135_100],
    ["hx1k", 32_220],
  ])("leave room for a bitstream of %s, %i bytes, and begin a sector behind it", (device, bytes) => {
    const flashes = boardNames()
      .map(boardNamed)
      .flatMap((board) => (board.device === device && board.flash !== null ? [board.flash] : []));
    expect(flashes.length).toBeGreaterThan(0);
    for (const { bitstream, user } of flashes) {
      expect(bitstream.bytes).toBeGreaterThanOrEqual(bytes);
      expect(user.offset % (1 << 16)).toBe(0);
    }
  });

  it("say what has to be connected where the serial line is on header pins", () => {
    const headers = boardNames().filter((name) => boardNamed(name).uart?.note !== null);
    expect(headers).toEqual([
      "fomu-hacker",
      "fomu-pvt",
      "icebreaker-bitsy",
      "orangecrab-25f",
      "orangecrab-85f",
      "tinyfpga-bx",
      "upduino",
    ]);
    for (const name of headers) expect(boardNamed(name).uart?.note).toContain("adapter of 3.3 V");
  });

  it("light a green LED first where an RGB LED is all there is", () => {
    for (const name of ["fomu-hacker", "fomu-pvt", "pico-ice", "upduino"])
      expect(boardNamed(name).leds[0]?.name).toBe("green");
  });
});

describe("accel boards", () => {
  it("prints a row for every board, and what has to be connected", () => {
    const text = printed();
    for (const name of boardNames()) expect(text).toMatch(new RegExp(`^${name} `, "m"));
    expect(text).toContain("icebreaker-bitsy: On the edge's pins P0 and P1");
  });

  it("prints one JSON object with all fields", () => {
    expect(JSON.parse(printed("--json"))).toEqual({
      schema: "accel/boards@1",
      boards: boardNames().map(boardNamed),
    });
  });

  it("checks and prints a user's own file", () => {
    const path = join(temporaryFolder(), "own.json");
    writeFileSync(path, JSON.stringify(example()));
    expect(JSON.parse(printed(path, "--json")).boards).toEqual([example()]);
    expect(() => printed("no-such-board")).toThrow('There is no board "no-such-board": choose fomu-hacker');
  });
});

describe("docs/boards.md", () => {
  it("has the table that accel boards --markdown prints", () => {
    expect(page).toContain(printed("--markdown"));
  });

  it("says which boards fit a machine, and its example is one of them", () => {
    const machine = machineFrom("up5k-flash");
    const bytes = 164_928;
    const fitting = boardNames().filter((name) => misfits(machine, boardNamed(name), bytes).length === 0);
    expect(fitting).toEqual(["fomu-pvt", "icebreaker", "pico-ice", "upduino"]);
    for (const name of fitting)
      expect(page).toMatch(new RegExp(`Of the boards above[^.]*\`${name}\`[^.]*fit`));
    expect(misfits(machine, boardNamed("icebreaker-bitsy"), bytes).map(({ kind }) => kind)).toEqual([
      "flash room",
    ]);
    expect(misfits(machine, example(), bytes)).toEqual([]);
  });
});
