import { join } from "node:path";
import { InputError } from "../errors.ts";
import { packageRoot } from "../package-root.ts";
import { brief } from "../validate.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { isFolder } from "./model-folder.ts";

/** Names of the models that ship with the package, each a folder in `models/`. */
export const SHIPPED_MODELS: readonly string[] = ["llama-tiny"];

/**
 * Opens a model that ships, by its name, or a folder, by its path. A folder of the same name is reached as `./name`.
 * @throws InputError if there is no such model, or as `openCheckpoint` does
 */
export function openModel(nameOrPath: string): Checkpoint {
  if (SHIPPED_MODELS.includes(nameOrPath)) return openCheckpoint(join(packageRoot(), "models", nameOrPath));
  if (isFolder(nameOrPath)) return openCheckpoint(nameOrPath);
  throw new InputError(
    `There is no model "${brief(nameOrPath, 300)}": it is not a folder, and the models that ship are ${SHIPPED_MODELS.join(", ")}.`,
  );
}
