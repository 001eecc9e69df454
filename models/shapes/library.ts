import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ModelFolder } from "../checkpoint/model-folder.ts";
import type { LlamaShape } from "../decoder/shape.ts";
import { InputError } from "../errors.ts";
import { packageRoot } from "../package-root.ts";
import { brief, validated } from "../validate.ts";
import { readTransformerConfig } from "./config.ts";
import { llamaView, notALlama } from "./llama.ts";
import { parameterCount, type TransformerShape } from "./transformer.ts";

const DATA = join(packageRoot(), "models", "shapes", "data");
const MAX_CONFIG_BYTES = 2 ** 20;

/** A model's dimensions: enough to plan and time it without its weights. */
export interface PublicShape {
  readonly name: string;
  /** Other names that mean it, such as its place on the Hugging Face hub. */
  readonly aliases: readonly string[];
  /** Where the numbers are from. */
  readonly source: string;
  /** Parameters that its makers, or its weights' files, count; null where they say none. */
  readonly published: { readonly parameters: number; readonly source: string } | null;
  readonly shape: TransformerShape;
  /** The same as machines run it; null where they cannot, and `why`. */
  readonly llama: LlamaShape | null;
  readonly why: string;
  /** What a person should know about how the file was read. */
  readonly notes: readonly string[];
}

const text = z
  .string()
  .min(1)
  .max(400)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "must be one line of text");

/** A file of the library: a config.json with a name. */
const fileSchema = z.strictObject({
  schema: z.literal("accel/shape@1"),
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,47}$/, "must be lower case, such as llama-2-7b"),
  aliases: z.array(text).max(16),
  source: text,
  published: z.strictObject({ parameters: z.int().positive(), source: text }).nullable(),
  config: z.record(z.string(), z.unknown()),
});

/**
 * A file of the library.
 * @param origin the file, as messages shall name it
 * @throws InputError naming what is wrong
 */
export function parseShapeFile(json: unknown, origin: string): PublicShape {
  const { name, aliases, source, published, config } = validated(fileSchema, json, origin);
  return { name, aliases, source, published, ...shapesOf(config, origin) };
}

function shapesOf(config: unknown, origin: string): Pick<PublicShape, "shape" | "llama" | "why" | "notes"> {
  const { shape, notes } = readTransformerConfig(config, origin);
  const view = llamaView(config, origin);
  return view.kind === "llama"
    ? { shape, notes, llama: view.shape, why: "" }
    : { shape, notes, llama: null, why: view.why };
}

let shipped: readonly PublicShape[] | undefined;

/** Every shape that ships, smallest model first: all files of `models/shapes/data`. */
export function publicShapes(): readonly PublicShape[] {
  shipped ??= shapesIn(DATA);
  return shipped;
}

/** The shapes of a folder of the library's files, smallest model first. */
export function shapesIn(folder: string): readonly PublicShape[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const size = ({ shape }: PublicShape): number => parameterCount(shape).total;
  return files
    .sort()
    .map((file) => parseShapeFile(readJson(join(folder, file)), file))
    .sort((a, b) => size(a) - size(b));
}

export function shapeNames(): readonly string[] {
  return publicShapes().map(({ name }) => name);
}

/** The shape of that name, or that alias, or the last part of it; capitals do not matter. */
export function findShape(name: string): PublicShape | undefined {
  const asked = name.toLowerCase();
  const names = (shape: PublicShape): string[] =>
    [shape.name, ...shape.aliases].flatMap((one) => [
      one.toLowerCase(),
      one.toLowerCase().split("/").at(-1)!,
    ]);
  const shapes = publicShapes();
  return shapes.find((shape) => shape.name === asked) ?? shapes.find((shape) => names(shape).includes(asked));
}

/** A shape that a command was asked for. */
export type OpenedShape = Pick<PublicShape, "name" | "shape" | "llama" | "why" | "notes">;

/**
 * A shape that ships, by its name or its name on the hub, or one from a config.json, by its path or its folder's; such
 * a file may have another name.
 * A file or folder of the same name is reached as `./name`.
 * @throws InputError if there is none, or naming what is wrong with the file
 */
export function openShape(nameOrPath: string): OpenedShape {
  const found = findShape(nameOrPath);
  if (found !== undefined) return found;
  const path = configPath(nameOrPath);
  if (path === undefined) throw new InputError(unknownShape(nameOrPath));
  const json = readJson(path);
  return isLibraryFile(json) ? parseShapeFile(json, path) : { name: nameOf(path), ...shapesOf(json, path) };
}

/** A config.json is called as its folder is, a file of another name as itself. */
function nameOf(path: string): string {
  const own = basename(path, ".json");
  return brief(own === "config" ? basename(dirname(resolve(path))) : own);
}

const isLibraryFile = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "schema" in json && json.schema === "accel/shape@1";

/** The file that a path means: itself, or the config.json of a folder. */
function configPath(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return statSync(path).isDirectory() ? join(path, "config.json") : path;
}

function readJson(path: string): unknown {
  return new ModelFolder(dirname(path)).readJson(basename(path), MAX_CONFIG_BYTES);
}

/** Whether a name or path means a shape without weights: one of the library, a file, or a folder with a config.json alone. */
export function isShapeAlone(nameOrPath: string): boolean {
  if (findShape(nameOrPath) !== undefined) return true;
  if (!existsSync(nameOrPath)) return false;
  if (!statSync(nameOrPath).isDirectory()) return nameOrPath.endsWith(".json");
  const files = readdirSync(nameOrPath);
  return files.includes("config.json") && !files.some((file) => file.includes(".safetensors"));
}

/**
 * A shape as machines run it: as `openShape`.
 * @throws InputError if there is none, or why machines cannot run it
 */
export function shapeNamed(nameOrPath: string): LlamaShape {
  const { name, llama, why } = openShape(nameOrPath);
  if (llama === null) throw new InputError(notALlama(name, why));
  return llama;
}

const unknownShape = (name: string): string =>
  `There is no model shape "${brief(name)}"; there are ${shapeNames().join(", ")}.`;
