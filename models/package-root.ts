import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the package, where the data files that ship with it lie: the nearest one above this file that has
 * a package.json. The same from the TypeScript sources and from the compiled tree in `dist/`.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    if (dirname(folder) === folder) throw new Error("no package.json above the program");
    folder = dirname(folder);
  }
  return folder;
}
