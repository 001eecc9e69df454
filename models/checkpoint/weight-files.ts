import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { brief, validated } from "../validate.ts";
import type { ModelFolder } from "./model-folder.ts";
import { SafetensorsFile } from "./safetensors.ts";
import type { TensorEntry } from "./safetensors-header.ts";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const MAX_INDEX_BYTES = 16 * 2 ** 20;
const MAX_SHARDS = 1000;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** A tensor, and the file that it is in. */
export interface StoredTensor {
  readonly file: SafetensorsFile;
  readonly entry: TensorEntry;
}

/** All weights of a model, from one file or from several. */
export class WeightFiles {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The file that lists the tensors: the weights themselves, or their index. */
  readonly path: string;
  /** Plain names of the files, sorted. */
  readonly names: readonly string[];
  private readonly files: readonly SafetensorsFile[];

  private constructor(
    path: string,
    files: ReadonlyMap<string, SafetensorsFile>,
    tensors: ReadonlyMap<string, StoredTensor>,
  ) {
    this.path = path;
    this.names = [...files.keys()].sort();
    this.files = [...files.values()];
    this.tensors = tensors;
  }

  /** @throws InputError if a file is missing or damaged, or the index and the files disagree */
  static open(folder: ModelFolder): WeightFiles {
    const files = new Map<string, SafetensorsFile>();
    try {
      const index = folder.has(SINGLE) ? undefined : readIndex(folder);
      for (const name of new Set(index?.values() ?? [SINGLE])) {
        files.set(name, openSafetensors(folder, name));
      }
      const path = join(folder.path, index === undefined ? SINGLE : INDEX);
      return new WeightFiles(path, files, collect(files, index, path));
    } catch (error) {
      for (const file of files.values()) file.close();
      throw error;
    }
  }

  close(): void {
    for (const file of this.files) file.close();
  }
}

function openSafetensors(folder: ModelFolder, name: string): SafetensorsFile {
  const file = folder.open(name);
  try {
    return new SafetensorsFile(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The index's map from tensor to file name. */
function readIndex(folder: ModelFolder): ReadonlyMap<string, string> {
  if (!folder.has(INDEX)) {
    throw new InputError(`${folder.path}: there is neither ${SINGLE} nor ${INDEX}.`);
  }
  const path = join(folder.path, INDEX);
  const { weight_map } = validated(indexSchema, folder.readJson(INDEX, MAX_INDEX_BYTES), path);
  const index = new Map(Object.entries(weight_map));
  const shards = new Set(index.values()).size;
  if (shards === 0) throw new InputError(`${path}: weight_map names no tensor.`);
  if (shards > MAX_SHARDS)
    throw new InputError(`${path}: ${shards} files are too many; ${MAX_SHARDS} is the limit.`);
  return index;
}

/** Every tensor of the files, which must be exactly those of the index, each where the index says. */
function collect(
  files: ReadonlyMap<string, SafetensorsFile>,
  index: ReadonlyMap<string, string> | undefined,
  indexPath: string,
): ReadonlyMap<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [fileName, file] of files) {
    for (const [name, entry] of file.tensors) {
      if (index !== undefined && index.get(name) !== fileName) {
        throw new InputError(
          `${file.path}: tensor "${brief(name)}" is here, but ${indexPath} says otherwise.`,
        );
      }
      tensors.set(name, { file, entry });
    }
  }
  for (const [name, fileName] of index ?? []) {
    if (!tensors.has(name)) {
      throw new InputError(`${indexPath}: tensor "${brief(name)}" is not in ${brief(fileName)}.`);
    }
  }
  return tensors;
}
