import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { InputError } from "../errors.ts";
import { brief } from "../validate.ts";
import { parseStrictJson } from "./strict-json.ts";

/** A file of a model, open for reading at any place. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
  /** @throws InputError if the file ends before `length` bytes from `start` on */
  read(start: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** A folder with a model's files. What its files say is not trusted to lead out of it. */
export class ModelFolder {
  readonly path: string;
  /** Folders that files may lie in once symbolic links are followed. */
  private readonly homes: readonly string[];

  /** @throws InputError if there is no such folder */
  constructor(path: string) {
    if (!isFolder(path)) throw new InputError(`${brief(path, 300)} is not a folder.`);
    this.path = path;
    const home = realpathSync(path);
    // In a Hugging Face cache, snapshots/<revision>/ holds links into blobs/.
    const blobs = join(dirname(dirname(home)), "blobs");
    this.homes = basename(dirname(home)) === "snapshots" ? [home, blobs] : [home];
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /**
   * Opens a file of the folder.
   * @param name a plain file name
   * @throws InputError if it is none, is missing, leads out of the folder, or cannot be read
   */
  open(name: string): ModelFile {
    const path = join(this.path, name);
    if (name === "" || name === "." || name === ".." || basename(name) !== name || /[\\\p{C}]/u.test(name)) {
      throw new InputError(`${this.path}: "${brief(name)}" is not a plain file name.`);
    }
    if (!this.has(name)) throw new InputError(`${this.path}: there is no file ${brief(name)}.`);
    const real = realpathSync(path);
    if (!this.homes.some((home) => real.startsWith(home + sep))) {
      throw new InputError(`${path} is a link that leads out of the model's folder.`);
    }
    // Asked before opening: opening a pipe would wait for ever.
    if (!statSync(real).isFile()) throw new InputError(`${path} is not a regular file.`);
    return openFile(real, path);
  }

  /** The whole of a file that should not be larger than `maxBytes`. */
  readAll(name: string, maxBytes: number): Uint8Array {
    const file = this.open(name);
    try {
      if (file.bytes > maxBytes) {
        throw new InputError(
          `${file.path} is too long: ${file.bytes} bytes, where ${maxBytes} is the limit.`,
        );
      }
      return file.read(0, file.bytes);
    } finally {
      file.close();
    }
  }

  readJson(name: string, maxBytes: number): unknown {
    return parseStrictJson(this.readAll(name, maxBytes), join(this.path, name));
  }
}

/** Whether there is such a folder, and it may be looked at. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function openFile(real: string, path: string): ModelFile {
  const descriptor = guarded(path, () => openSync(real, "r"));
  return {
    path,
    bytes: fstatSync(descriptor).size,
    read(start, length) {
      const buffer = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = guarded(path, () => readSync(descriptor, buffer, done, length - done, start + done));
        if (count === 0)
          throw new InputError(
            `${path} ended early, at byte ${start + done}: it was changed while it was read.`,
          );
        done += count;
      }
      return buffer;
    },
    close: () => closeSync(descriptor),
  };
}

/** What the operating system refuses is the file's fault, and said with its name. */
function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new InputError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
