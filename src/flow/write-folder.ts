import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { z } from "zod";
import { InputError } from "../../models/errors.ts";

export interface FolderFile {
  /** Path within the folder, with `/` between its parts. */
  readonly name: string;
  readonly contents: string | Uint8Array;
}

/** By what a folder is known to be an earlier run's: a file that says its schema, and names all others. */
export interface FolderMark {
  readonly file: string;
  readonly schema: string;
}

/**
 * Writes a folder whole or not at all: into a neighbour first, then in its place with one rename. A folder that is there is
 * replaced only if it is empty, or has nothing but what its mark names.
 * @throws InputError where another folder, or a file, is in the way
 */
export async function writeFolder(
  path: string,
  files: readonly FolderFile[],
  mark: FolderMark,
): Promise<void> {
  const target = resolve(path);
  const isThere = await mayWriteFolder(path, mark);
  const parent = dirname(target);
  const temporary = join(parent, `.accel-${randomUUID()}.tmp`);
  const old = join(parent, `.accel-${randomUUID()}.old`);
  try {
    await mkdir(temporary, { recursive: true });
    for (const { name, contents } of files) {
      const file = join(temporary, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, contents);
    }
    if (isThere) await rename(target, old);
    await rename(temporary, target).catch(async (error) => {
      if (isThere) await rename(old, target);
      throw error;
    });
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`cannot write folder ${path}: ${reason}`);
  }
}

/**
 * Whether a folder is there that may be replaced; to be asked before long work.
 * @throws InputError where it may not
 */
export async function mayWriteFolder(path: string, mark: FolderMark): Promise<boolean> {
  if (path === "") throw new InputError("cannot write a folder without a name");
  const refuse = (why: string): never => {
    throw new InputError(`cannot write folder ${path}: ${why}`);
  };
  const target = resolve(path);
  const found = await stat(target).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? null : refuse(error.code ?? error.message),
  );
  if (found === null) return false;
  if (!found.isDirectory()) refuse("a file of this name is there");
  const names = await filesIn(target);
  if (names.length > 0 && !(await isOurs(target, names, mark)))
    refuse("it holds other files; name a new folder, or one that an earlier run has written");
  return true;
}

const markSchema = z.object({ schema: z.string(), files: z.array(z.object({ name: z.string() })) });

/** Most that a mark has. */
const MARK_BYTES = 1 << 20;

async function isOurs(
  folder: string,
  names: readonly string[],
  { file, schema }: FolderMark,
): Promise<boolean> {
  const path = join(folder, file);
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null || size > MARK_BYTES) return false;
  try {
    const mark = markSchema.parse(JSON.parse(await readFile(path, "utf8")));
    const known = new Set([file, ...mark.files.map(({ name }) => name)]);
    return mark.schema === schema && names.every((name) => known.has(name));
  } catch {
    return false;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    );
}
