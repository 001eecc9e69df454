import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lines } from "./lines.ts";
import { findTool, inFolder } from "./native-tools.ts";
import { ToolError } from "./tool-error.ts";
import type { Tool, ToolFiles, ToolRun } from "./tool-protocol.ts";

/** Most that a program may say, in bytes. */
const MOST_OUTPUT = 64 << 20;

/**
 * Runs a program of the PATH in a fresh folder that holds the run's files, without a shell.
 * @throws ToolError where it fails or is missing; the signal's reason where it was stopped
 */
export function runNative(
  { tool, args, files }: ToolRun,
  stop: AbortSignal,
  said?: (line: string) => void,
): Promise<{ readonly files: Record<string, Uint8Array>; readonly log: string }> {
  const path = nativePath(tool);
  return inFolder(async (folder) => {
    for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
    const { code, log } = await ended(path, args, folder, stop, said);
    if (code !== 0) throw new ToolError(tool, `it ended with ${code}`, log);
    return { files: await made(folder, files), log };
  });
}

/** @throws ToolError where the PATH has no such program */
function nativePath(tool: Tool): string {
  const path = findTool(tool);
  if (path === null) throw new ToolError(tool, "it is not on the PATH", "");
  return path;
}

function ended(
  path: string,
  args: readonly string[],
  cwd: string,
  stop: AbortSignal,
  said: (line: string) => void = () => {},
): Promise<{ readonly code: number | string; readonly log: string }> {
  stop.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      signal: stop,
      killSignal: "SIGKILL",
    });
    const output: Buffer[] = [];
    let size = 0;
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new Lines(said);
      stream.on("data", (bytes: Buffer) => {
        size += bytes.length;
        if (size > MOST_OUTPUT) child.kill("SIGKILL");
        else output.push(bytes);
        lines.add(bytes);
      });
    }
    running.add(child);
    let failure: unknown = null;
    child.on("error", (error) => {
      failure = error;
      // A program that could not be started has no end.
      if (child.pid === undefined) settle(null, null);
    });
    const settle = (code: number | null, signal: string | null): void => {
      running.delete(child);
      if (stop.aborted) reject(stop.reason);
      else if (failure !== null) reject(failure);
      else resolve({ code: code ?? signal ?? "nothing", log: Buffer.concat(output).toString() });
    };
    child.on("close", settle);
  });
}

/** Children that run; ended with this process. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

async function made(folder: string, given: ToolFiles): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !(entry.name in given)).map(({ name }) => name);
  const contents = await Promise.all(
    names.map(async (name) => new Uint8Array(await readFile(join(folder, name)))),
  );
  return Object.fromEntries(names.map((name, i) => [name, contents[i] ?? new Uint8Array(0)]));
}

const known = new Map<Tool, Promise<string>>();

/**
 * What a program of the PATH says of its version, and the beginning of its hash, as versions of one name differ.
 * @throws ToolError where there is none
 */
export function nativeVersion(tool: Tool): Promise<string> {
  const version = known.get(tool) ?? askVersion(tool);
  known.set(tool, version);
  return version;
}

const HASH_DIGITS = 12;

async function askVersion(tool: Tool): Promise<string> {
  const path = nativePath(tool);
  const hash = createHash("sha256")
    .update(await readFile(path))
    .digest("hex")
    .slice(0, HASH_DIGITS);
  const option = tool === "yosys" ? "-V" : "--version";
  const { log } = await inFolder((folder) => ended(path, [option], folder, AbortSignal.timeout(10_000)));
  // A packer has no such option, and says how it is used.
  const line = /^.*\d+\.\d+.*$/m.exec(log)?.[0].trim() ?? "unknown version";
  return `${line} (${hash})`;
}
