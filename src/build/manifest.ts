import { createHash } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import { type Machine, parseMachine } from "../compile/machine.ts";
import { type Board, parseBoard } from "../devices/board.ts";
import type { FolderFile } from "../flow/write-folder.ts";

export const MANIFEST = "manifest.json";
export const MANIFEST_SCHEMA = "accel/build-manifest@1";
/** By which a build's folder is known. */
export const BUILD_MARK = { file: MANIFEST, schema: MANIFEST_SCHEMA } as const;

/** All that a build depends on: the same settings and programs make the same bytes. */
const settingsSchema = z.strictObject({
  board: z.unknown(),
  machine: z.unknown(),
  model: z.string().min(1).max(4096),
  weights: z.string().max(32),
  sparsity: z.string().max(32),
  kv: z.string().max(8),
  method: z.string().max(32),
  /** Tokens that were asked to have room for; null: as many as fit. */
  context: z.int().min(1).nullable(),
  seeds: z
    .array(
      z
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    )
    .min(1)
    .max(64),
  toolchain: z.enum(["packaged", "native"]),
});

const fileSchema = z.strictObject({
  /** Within the folder, and not above it. */
  name: z.string().regex(/^(?:[a-z0-9_-]+\/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifestSchema = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA),
  settings: settingsSchema,
  tools: z.record(z.string().max(32), z.string().max(200)),
  modelAt: z.int().nonnegative().nullable(),
  files: z.array(fileSchema).min(1).max(200),
});

export interface Settings extends Omit<z.infer<typeof settingsSchema>, "board" | "machine"> {
  readonly board: Board;
  readonly machine: Machine;
}

export type FileHash = z.infer<typeof fileSchema>;

/** What a build's folder says about itself. */
export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly settings: Settings;
  /** Versions of the programs, and of this one. */
  readonly tools: Readonly<Record<string, string>>;
  /** First byte of the model's image in the flash; null where the host writes the model. */
  readonly modelAt: number | null;
  readonly files: readonly FileHash[];
}

/** @throws InputError where it is no manifest of a build */
export function parseManifest(description: unknown, origin: string): Manifest {
  const result = manifestSchema.safeParse(description);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new InputError(
      `${origin} is no manifest of a build: "${issue?.path.join(".") ?? ""}": ${issue?.message ?? "wrong"}.`,
    );
  }
  const { settings, schema, tools, modelAt, files } = result.data;
  const board = parseBoard(settings.board, `in ${origin}`);
  const machine = parseMachine(settings.machine, `in ${origin}`);
  return { schema, settings: { ...settings, board, machine }, tools, modelAt, files };
}

export function hashesOf(files: readonly FolderFile[]): FileHash[] {
  return files.map(({ name, contents }) => {
    const bytes = Buffer.from(contents);
    return { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
}

/** Files of which two builds have other bytes, or only one has any. */
export function changedFiles(earlier: readonly FileHash[], later: readonly FileHash[]): string[] {
  const hashes = (files: readonly FileHash[]) => new Map(files.map(({ name, sha256 }) => [name, sha256]));
  const [before, now] = [hashes(earlier), hashes(later)];
  return [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
}
