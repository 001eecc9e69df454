import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { writeFileAtomically } from "./atomic-write.ts";
import { nativeVersion } from "./native-run.ts";
import { runTool, type Toolchain, type ToolOptions, type ToolResult } from "./tool.ts";
import { isPackaged, type PackagedTool, type Tool, type ToolRun } from "./tool-protocol.ts";

export interface CacheOptions extends ToolOptions {
  /** Folder for results of earlier runs, made where it is missing; null: none. Default `defaultCacheFolder()`. */
  readonly cache?: string | null;
}

/** `$XDG_CACHE_HOME/accel`, or `~/.cache/accel` (XDG Base Directory Specification 0.8: relative paths do not count). */
export function defaultCacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "accel");
}

/**
 * A program's run, or what the same version gave for the same arguments and files before: the programs are deterministic.
 * An entry that is damaged, or a folder that cannot be used, costs a run and is no error.
 * @throws as `runTool`; failures are not kept
 */
export async function runCached(run: ToolRun, options: CacheOptions = {}): Promise<ToolResult> {
  const { cache: folder = defaultCacheFolder() } = options;
  if (folder === null) return runTool(run, options);
  const version = await toolVersion(run.tool, options.toolchain);
  const path = join(folder, `${run.tool}-${keyOf(run, version)}`);
  const kept = await readEntry(path);
  if (kept !== null) return kept;
  const result = await runTool(run, options);
  await writeEntry(path, result).catch(() => {});
  return result;
}

function keyOf({ tool, args, files }: ToolRun, version: string): string {
  const hash = createHash("sha256");
  const add = (part: string | Uint8Array): void => {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    hash.update(`${bytes.length}\n`).update(bytes);
  };
  add(`${tool} ${version}`);
  add(JSON.stringify(args));
  for (const [name, contents] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(name);
    add(contents);
  }
  return hash.digest("hex");
}

const PACKAGES: Readonly<Record<PackagedTool, string>> = {
  yosys: "@yowasp/yosys",
  "nextpnr-ice40": "@yowasp/nextpnr-ice40",
  icepack: "@yowasp/nextpnr-ice40",
  iceunpack: "@yowasp/nextpnr-ice40",
};

/** Version of the package that brings the program. */
export function versionOf(tool: PackagedTool): string {
  const require = createRequire(import.meta.url);
  // The package does not export its own description, which stands one folder above its code.
  const { version } = require(join(dirname(require.resolve(PACKAGES[tool])), "..", "package.json"));
  return String(version);
}

/**
 * Version of a program of a toolchain.
 * @throws ToolError where it is missing
 */
export async function toolVersion(tool: Tool, toolchain: Toolchain = "packaged"): Promise<string> {
  if (toolchain === "native") return nativeVersion(tool);
  return isPackaged(tool) ? versionOf(tool) : "none";
}

/** An entry is the SHA-256 of what follows, 32 bytes, and compressed JSON. */
const DIGEST = 32;

const entrySchema = z.strictObject({ log: z.string(), files: z.record(z.string(), z.base64()) });

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

async function writeEntry(path: string, { files, log }: ToolResult): Promise<void> {
  const encoded = Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  const body = gzipSync(JSON.stringify({ log, files: Object.fromEntries(encoded) }), { level: 1 });
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, Buffer.concat([digest(body), body]));
}

/** Null where there is no entry, or not a whole one. */
async function readEntry(path: string): Promise<ToolResult | null> {
  const entry = await readFile(path).catch(() => null);
  if (entry === null) return null;
  const body = entry.subarray(DIGEST);
  if (!digest(body).equals(entry.subarray(0, DIGEST))) return null;
  const result = entrySchema.safeParse(JSON.parse(gunzipSync(body).toString()));
  if (!result.success) return null;
  const { log, files } = result.data;
  const decoded = Object.entries(files).map(([name, text]) => [
    name,
    new Uint8Array(Buffer.from(text, "base64")),
  ]);
  return { log, files: Object.fromEntries(decoded) };
}
