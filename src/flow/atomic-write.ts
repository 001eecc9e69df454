import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../../models/errors.ts";

/**
 * Writes a file whole or not at all: into a neighbour first, to the disk, and then in its place with one rename. Who
 * reads `path` meanwhile, or after a crash, sees the old contents or the new, never half. A symbolic link is followed.
 * @throws InputError where the folder is missing or not writable, or `path` is no regular file
 */
export async function writeFileAtomically(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    const target = await resolveTarget(path);
    const temporary = join(dirname(target), `.accel-${randomUUID()}.tmp`);
    const file = await open(temporary, "wx");
    try {
      try {
        await file.writeFile(contents);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw explain(path, error);
  }
}

/** Where the contents go in the end; a path that does not exist yet is its own target. */
async function resolveTarget(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    if (!(await stat(target)).isFile())
      throw new InputError(`cannot write ${path}: it exists and is not a file`);
    return target;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return path;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist; create it first",
  ENOTDIR: "a part of the path is a file, not a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
};

function explain(path: string, error: unknown): unknown {
  const reason = REASONS[errorCode(error) ?? ""];
  return reason === undefined ? error : new InputError(`cannot write ${path}: ${reason}`);
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
