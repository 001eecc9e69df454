import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { changedFiles, hashesOf, type Manifest, parseManifest } from "../../src/build/manifest.ts";
import { boardNamed, machineFrom } from "../../src/devices/library.ts";

const files = hashesOf([
  { name: "hdl/board.v", contents: "module board; endmodule\n" },
  { name: "bitstream.bin", contents: Uint8Array.of(1, 2, 3) },
]);
const manifest: Manifest = {
  schema: "accel/build-manifest@1",
  settings: {
    board: boardNamed("icebreaker"),
    machine: machineFrom("up5k-flash"),
    model: "llama-tiny",
    weights: "w4g32",
    sparsity: "2:4",
    kv: "8",
    method: "second-order",
    context: null,
    seeds: [1],
    toolchain: "packaged",
  },
  tools: { yosys: "0.55.944" },
  modelAt: 0x40000,
  files,
};
const written = (): unknown => JSON.parse(JSON.stringify(manifest));

/** With one field of the description replaced. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy = written();
  let at: Record<string, unknown> = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return copy;
}

describe("parseManifest()", () => {
  it("reads what was written", () => {
    expect(parseManifest(written(), "manifest.json")).toEqual(manifest);
  });

  it("names the field that is wrong, in one line", () => {
    const wrong: readonly (readonly [path: readonly string[], value: unknown, what: string])[] = [
      [["schema"], "accel/build-manifest@9", "schema"],
      [["settings", "toolchain"], "none", "settings.toolchain"],
      [["settings", "seeds"], [], "settings.seeds"],
      [["settings", "board", "clock", "pin"], "35\nset_io evil 1", "clock.pin"],
      [["settings", "machine", "clockMHz"], -1, "clockMHz"],
      [["modelAt"], -1, "modelAt"],
      [["files", "0", "name"], "../../etc/passwd", "files.0.name"],
      [["files", "0", "name"], "/etc/passwd", "files.0.name"],
      [["files", "0", "sha256"], "abc", "files.0.sha256"],
    ];
    for (const [path, value, what] of wrong) {
      const attempt = () => parseManifest(changed(path, value), "m.json");
      expect(attempt, what).toThrow(InputError);
      expect(attempt, what).toThrow(what);
      expect(attempt, what).toThrow(/^[^\n]*$/);
    }
  });

  it("refuses whatever else there is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => parseManifest(value, "m.json")).toThrow(InputError);
      }),
    );
  });
});

describe("changedFiles()", () => {
  it("names files with other bytes, and those that are missing", () => {
    expect(changedFiles(files, files)).toEqual([]);
    const later = hashesOf([{ name: "bitstream.bin", contents: Uint8Array.of(1, 2, 4) }]);
    expect(changedFiles(files, later)).toEqual(["hdl/board.v", "bitstream.bin"]);
    expect(changedFiles(files.slice(1), files)).toEqual(["hdl/board.v"]);
  });
});
