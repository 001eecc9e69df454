import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../models/errors.ts";

export interface FolderFile {
  /** Path within the folder, with `/` between its parts. */
  readonly name: string;
  readonly contents: string | Uint8Array;
}

/**
 * Writes a folder whole or not at all: into a neighbour first, then in its place with one rename. A folder that is there is
 * replaced only if it is empty or has the file `mark`, by which an earlier run's result is known.
 * @throws InputError where another folder, or a file, is in the way
 */
export async function writeFolder(path: string, files: readonly FolderFile[], mark: string): Promise<void> {
  const target = resolve(path);
  const isThere = await mayWriteFolder(path, mark);
  const parent = dirname(target);
  const temporary = join(parent, `.accel-${randomUUID()}.tmp`);
  try {
    await mkdir(temporary, { recursive: false });
    for (const { name, contents } of files) {
      const file = join(temporary, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, contents);
    }
    const old = join(parent, `.accel-${randomUUID()}.old`);
    if (isThere) await rename(target, old);
    await rename(temporary, target);
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`cannot write folder ${path}: ${reason}`);
  }
}

/**
 * Whether a folder is there that may be replaced; to be asked before long work.
 * @throws InputError where it may not
 */
export async function mayWriteFolder(path: string, mark: string): Promise<boolean> {
  const target = resolve(path);
  const found = await stat(target).catch(() => null);
  if (found === null) return false;
  if (!found.isDirectory()) throw new InputError(`cannot write folder ${path}: a file of this name is there`);
  const names = await readdir(target);
  if (names.length > 0 && !names.includes(mark))
    throw new InputError(
      `cannot write folder ${path}: it holds other files; name a new folder, or one that an earlier run has written`,
    );
  return true;
}
