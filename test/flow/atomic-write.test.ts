import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError } from "../../models/errors.ts";
import { writeFileAtomically } from "../../src/flow/atomic-write.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "accel-atomic-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("writes text and bytes, over what was there, and leaves nothing else behind", async () => {
  const path = join(folder, "out");
  await writeFileAtomically(path, "first, and longer");
  await writeFileAtomically(path, "zweite ✓");
  expect(await readFile(path, "utf8")).toBe("zweite ✓");
  await writeFileAtomically(path, Uint8Array.of(0, 255, 10));
  expect([...(await readFile(path))]).toEqual([0, 255, 10]);
  expect(await readdir(folder)).toEqual(["out"]);
});

test("who reads meanwhile sees one version or the other, never half of one", async () => {
  const path = join(folder, "out");
  const versions = ["a", "b"].map((letter) => letter.repeat(200_000));
  await writeFileAtomically(path, versions[0]!);
  let writing = true;
  const read = async (): Promise<string[]> => {
    const seen: string[] = [];
    while (writing) seen.push(await readFile(path, "utf8"));
    return seen;
  };
  const reader = read();
  for (let i = 0; i < 20; i++) await writeFileAtomically(path, versions[i % 2]!);
  writing = false;
  const seen = await reader;
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.every((text) => versions.includes(text))).toBe(true);
});

test("writers at the same time do not disturb each other", async () => {
  const path = join(folder, "out");
  await Promise.all(Array.from({ length: 10 }, (_, i) => writeFileAtomically(path, `${i}`.repeat(1000))));
  expect(await readFile(path, "utf8")).toMatch(/^(\d)\1{999}$/);
  expect(await readdir(folder)).toEqual(["out"]);
});

test("follows a symbolic link and keeps it", async () => {
  await writeFile(join(folder, "real"), "old");
  await symlink("real", join(folder, "link"));
  await writeFileAtomically(join(folder, "link"), "new");
  expect(await readlink(join(folder, "link"))).toBe("real");
  expect(await readFile(join(folder, "real"), "utf8")).toBe("new");
});

test.each([
  ["a folder that is missing", "missing/out", "its folder does not exist"],
  ["a folder in its place", "taken", "it exists and is not a file"],
  ["a file for a folder", "file/out", "a part of the path is a file"],
  ["a name that is too long", "n".repeat(300), "the name is too long"],
])("%s is a person's mistake, and leaves nothing behind", async (_, name, reason) => {
  await mkdir(join(folder, "taken"));
  await writeFile(join(folder, "file"), "old");
  const attempt = writeFileAtomically(join(folder, name), "new");
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(`cannot write ${join(folder, name)}: ${reason}`);
  expect(await readdir(folder)).toEqual(["file", "taken"]);
});

test("a failure later than the opening removes the temporary file and keeps the old contents", async () => {
  const path = join(folder, "out");
  await writeFile(path, "old");
  // Contents that no file can hold, past the types: the write itself fails.
  const unwritable: string = JSON.parse("{}");
  await expect(writeFileAtomically(path, unwritable)).rejects.toThrow(TypeError);
  expect(await readdir(folder)).toEqual(["out"]);
  expect(await readFile(path, "utf8")).toBe("old");
});
