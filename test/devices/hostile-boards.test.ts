import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { parseBoard } from "../../src/devices/board.ts";
import { boardNamed, boardNames } from "../../src/devices/library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const path = join(folder, "board.json");

/** The one line with which a file is refused; null where it is a board. */
function refusal(text: string): string | null {
  writeFileSync(path, text);
  return refused(() => boardNamed(path));
}

function refused(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
    expect(error.message.length).toBeLessThan(1000);
    return error.message;
  }
}

/** An UPduino whose serial line is the FTDI's, on the flash's clock and data. */
const sharing = {
  ...boardNamed("upduino"),
  uart: { rx: "15", tx: "14", sharedWithFlash: true, note: null, source: "upduino.pcf" },
};
const boards: readonly unknown[] = [...boardNames().map(boardNamed), sharing];

/** Places in a description, as keys from its root. */
type Place = readonly (string | number)[];

function* placesIn(value: unknown, at: Place = []): Generator<Place> {
  yield at;
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key]);
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

/** A copy with another value at a place. */
function changed(value: unknown, [key, ...rest]: Place, to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

/** A board, and a place in it. */
const someplace = fc
  .constantFrom(...boards)
  .chain((board) =>
    fc.constantFrom(...placesIn(board)).map((place) => ({ board, place, value: valueAt(board, place) })),
  );

/** What would mean something to a shell, a constraint file or a terminal. */
const hostileText = fc.oneof(
  fc.constantFrom(
    "35\nset_io tx 9",
    "35;",
    "$(reboot)",
    "`id`",
    "35 # x",
    "a\u2028b",
    "a\u202eb",
    "\u001b[2J",
    "\u0000",
    "../../etc",
    "/dev/zero",
    '"',
    "\ud800",
    "-D /etc/passwd",
    "007",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.nat(50_000).map((n) => "A".repeat(n)),
);

describe("a user's own board", () => {
  it("is refused in one line whatever the file holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 5 }), fc.string({ unit: "binary" })), (text) => {
        expect(refusal(text)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it("is refused in one line where a field is of another type, missing or one too many", () => {
    fc.assert(
      fc.property(someplace, fc.jsonValue(), ({ board, place, value }, other) => {
        fc.pre(JSON.stringify(other) !== JSON.stringify(value));
        const message = refusal(JSON.stringify(changed(board, place, other)));
        // Another value of the same type may be right: a number, a text of a source, a flag, null.
        if (message === null) expect(["string", "number", "boolean", "object"]).toContain(typeof other);
      }),
      { numRuns: 500 },
    );
    for (const board of boards)
      for (const place of placesIn(board))
        if (typeof place.at(-1) === "string")
          expect(refusal(JSON.stringify(changed(board, place, undefined))), place.join(".")).not.toBeNull();
  });

  it("brings no text through but plain one-line text, and none but plain names and pins to tools", () => {
    fc.assert(
      fc.property(someplace, hostileText, ({ board, place, value }, text) => {
        fc.pre(typeof value === "string" && text !== value);
        const key = String(place.at(-1));
        const message = refusal(JSON.stringify(changed(board, place, text)));
        if (message !== null) return;
        const free = ["title", "source", "note", "part", "ledSource"].includes(key);
        expect(text).toMatch(free ? /^[^\p{C}\p{Zl}\p{Zp}]{1,400}$/u : /^[A-Za-z0-9_.:={}-]{1,48}$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("has no fields that it does not know, of whatever name", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...boards),
        fc.oneof(hostileText, fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty")),
        fc.jsonValue(),
        (board, key, value) => {
          fc.pre(key !== "$schema" && !Object.hasOwn(board as object, key));
          const text = JSON.stringify(board);
          const more = `{${JSON.stringify(key)}:${JSON.stringify(value)},${text.slice(1)}`;
          expect(refusal(more)).not.toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("has no pin in two roles, and both are named", () => {
    const pinned = boards.map((board) => ({
      board,
      pins: [...placesIn(board)].filter((place) => {
        const value = valueAt(board, place);
        return typeof value === "string" && /(^|\.)(pin|rx|tx|select|clock|data\.\d)$/.test(place.join("."));
      }),
    }));
    for (const { board, pins } of pinned) {
      expect(pins.length).toBeGreaterThan(5);
      const sharing = JSON.stringify(board).includes('"sharedWithFlash":true');
      for (const one of pins)
        for (const other of pins) {
          if (one === other || valueAt(board, one) === valueAt(board, other)) continue;
          const roles = [one.join("."), other.join(".")];
          const isAllowed =
            sharing && roles.some((a) => a.startsWith("uart.")) && roles.some((a) => a.startsWith("flash."));
          if (isAllowed) continue;
          const message = refused(() => parseBoard(changed(board, one, valueAt(board, other)), "a.json"));
          expect(message, roles.join(" and ")).toMatch(
            /^Board a\.json: pin \w+ is both "[\w.]+" and "[\w.]+"\.$/,
          );
          expect(roles.filter((role) => message?.includes(`"${role}"`)).length).toBeGreaterThan(0);
        }
    }
  });

  it("shares the serial line with the flash only where it says so, and says so only where it does", () => {
    expect(refused(() => parseBoard(changed(sharing, ["uart", "sharedWithFlash"], false), "u"))).toBe(
      'Board u: pin 15 is both "uart.rx" and "flash.clock".',
    );
    expect(
      refused(() => parseBoard(changed(boardNamed("icestick"), ["uart", "sharedWithFlash"], true), "i")),
    ).toContain('"uart.sharedWithFlash" is true');
  });

  it("keeps its stretches of the flash apart and inside it", () => {
    const board = boardNamed("icebreaker");
    expect(refused(() => parseBoard(changed(board, ["flash", "user", "offset"], 0x10000), "i"))).toContain(
      '"flash.user" begins at 65536, inside the bitstream, which ends at 131072',
    );
    expect(refused(() => parseBoard(changed(board, ["flash", "bytes", "value"], 2 ** 20), "i"))).toContain(
      '"flash.user" ends at 16777216, and the flash has 1048576 bytes',
    );
  });

  it("is no folder, device, endless, too long or deep file, and no name that does not ship", () => {
    mkdirSync(join(folder, "folder.json"), { recursive: true });
    const long = join(folder, `${"x".repeat(5000)}.json`);
    for (const name of [
      join(folder, "folder.json"),
      "/dev/zero",
      "./none.json",
      long,
      "a\nb",
      "a\n.json",
      "\0.",
      "",
    ])
      expect(refused(() => boardNamed(name))).not.toBeNull();
    expect(refusal(" ".repeat((1 << 16) + 1))).toContain("a description has at most 65536");
    expect(refusal("[".repeat(1 << 16))).not.toBeNull();
    expect(refusal(`${"[".repeat(1 << 15)}${"]".repeat(1 << 15)}`)).not.toBeNull();
  });

  it("is named where it is wrong", () => {
    const board = boardNamed("icebreaker");
    const cases: readonly (readonly [Place, unknown, string])[] = [
      [["clock", "pin"], "35\n", '"clock.pin" is wrong: must be a pin of the package, such as 35 or B10'],
      [["clock", "kind"], "crystal", '"clock.kind" is wrong: must be "pin" or "internal oscillator".'],
      [["flash", "data", 2], "x", '"flash.data.2" is wrong: must be a pin'],
      [["device"], "up6k", 'There is no device "up6k"'],
      [["package"], "$(id)", '"package" is "$(id)", and up5k has sg48, uwg30'],
      [["programmer", "arguments", 0], "/tmp", '"programmer.arguments.0" is wrong: must be a plain option'],
      [["programmer", "arguments", 0], "{offset}", '"programmer.arguments" write the bitstream'],
      [["colour"], "red", 'there is no field "colour"'],
    ];
    for (const [place, to, message] of cases)
      expect(refusal(JSON.stringify(changed(board, place, to)))).toContain(message);
  });
});
