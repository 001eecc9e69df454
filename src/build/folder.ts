import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../models/errors.ts";
import { readDescription, regularFile } from "../devices/library.ts";
import { type FileHash, hashesOf, MANIFEST, type Manifest, parseManifest } from "./manifest.ts";

/** A folder that `accel build` has left. */
export class BuildFolder {
  readonly path: string;
  readonly manifest: Manifest;

  /** @throws InputError where there is no manifest of a build */
  constructor(path: string) {
    this.path = path;
    const file = join(path, MANIFEST);
    this.manifest = parseManifest(readDescription(file), file);
  }

  /** @throws InputError where it is not the file of the manifest */
  async file(name: string): Promise<Buffer> {
    const known = this.manifest.files.find((file) => file.name === name);
    if (known === undefined) throw new InputError(`The build in ${this.path} has no ${name}.`);
    const [found] = await this.hashOf(known);
    if (found?.sha256 !== known.sha256)
      throw new InputError(`${join(this.path, name)} has other bytes than the manifest says: build again.`);
    return readFile(join(this.path, name));
  }

  private async hashOf({ name, bytes }: FileHash): Promise<FileHash[]> {
    const path = join(this.path, name);
    // A file of another size need not be read to be another one.
    if (sizeOf(path) !== bytes) return [];
    return hashesOf([{ name, contents: new Uint8Array(await readFile(path)) }]);
  }
}

function sizeOf(path: string): number | null {
  try {
    return regularFile(path).size;
  } catch {
    return null;
  }
}
