import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFolder } from "../../src/flow/write-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MARK = "manifest.json";
const files = (text: string) => [
  { name: MARK, contents: "{}" },
  { name: "part/one.txt", contents: text },
];

describe("writeFolder", () => {
  it("writes all files, and replaces what it wrote before", async () => {
    const path = join(temporaryFolder(), "out");
    await writeFolder(path, files("first"), MARK);
    expect(readFileSync(join(path, "part/one.txt"), "utf8")).toBe("first");
    writeFileSync(join(path, "part/old.txt"), "left over");
    await writeFolder(path, files("second"), MARK);
    expect(readFileSync(join(path, "part/one.txt"), "utf8")).toBe("second");
    expect(existsSync(join(path, "part/old.txt"))).toBe(false);
    expect(readdirSync(dirname(path))).toEqual(["out"]);
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
    await expect(writeFolder(join(parent, "no", "where"), files("x"), MARK)).rejects.toThrow(
      "cannot write folder",
    );
    expect(readdirSync(parent)).toEqual(["other"]);
    expect(readdirSync(other)).toEqual(["letter.txt"]);
  });
});
