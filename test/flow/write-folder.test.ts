import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFolder } from "../../src/flow/write-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MARK = { file: "manifest.json", schema: "accel/test@1" };
const files = (text: string, name = "part/one.txt") => [
  { name: MARK.file, contents: JSON.stringify({ schema: MARK.schema, files: [{ name }] }) },
  { name, contents: text },
];

describe("writeFolder", () => {
  it("writes all files, and replaces what it wrote before", async () => {
    const path = join(temporaryFolder(), "out");
    await writeFolder(path, files("first", "old.txt"), MARK);
    expect(readFileSync(join(path, "old.txt"), "utf8")).toBe("first");
    await writeFolder(path, files("second"), MARK);
    expect(readFileSync(join(path, "part/one.txt"), "utf8")).toBe("second");
    expect(existsSync(join(path, "old.txt"))).toBe(false);
    expect(readdirSync(dirname(path))).toEqual(["out"]);
  });

  it("makes the folders above it", async () => {
    const path = join(temporaryFolder(), "a", "b");
    await writeFolder(path, files("x"), MARK);
    expect(readdirSync(path).sort()).toEqual([MARK.file, "part"]);
  });

  it("leaves alone what it did not write, and nothing half written", async () => {
    const parent = temporaryFolder();
    const other = join(parent, "other");
    mkdirSync(other);
    writeFileSync(join(other, "letter.txt"), "dear");
    await expect(writeFolder(other, files("x"), MARK)).rejects.toThrow("holds other files");
    await expect(writeFolder(join(other, "letter.txt"), files("x"), MARK)).rejects.toThrow(
      "a file of this name",
    );
    await expect(writeFolder(join(other, "letter.txt", "no"), files("x"), MARK)).rejects.toThrow(
      "cannot write folder",
    );
    expect(readdirSync(parent)).toEqual(["other"]);
    expect(readdirSync(other)).toEqual(["letter.txt"]);
  });

  it.each([
    ["another program's", JSON.stringify({ name: "my extension" })],
    ["another command's", JSON.stringify({ schema: "accel/other@1", files: [{ name: "part/one.txt" }] })],
    ["no", "{ no JSON"],
  ])("is not taken in by %s manifest", async (_, text) => {
    const path = join(temporaryFolder(), "out");
    await writeFolder(path, files("mine"), MARK);
    writeFileSync(join(path, MARK.file), text);
    await expect(writeFolder(path, files("x"), MARK)).rejects.toThrow("holds other files");
    expect(readFileSync(join(path, "part/one.txt"), "utf8")).toBe("mine");
  });

  it("keeps a file that somebody has put beside its own", async () => {
    const path = join(temporaryFolder(), "out");
    await writeFolder(path, files("mine"), MARK);
    writeFileSync(join(path, "part", "notes.txt"), "do not lose");
    await expect(writeFolder(path, files("x"), MARK)).rejects.toThrow("holds other files");
  });
});
