import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { Tool as FlowTool } from "./tool-protocol.ts";

/**
 * Native tools on the PATH: simulators, the FPGA flow, programmers. They are not required: ask `hasTools`, and say what was skipped.
 * Everything is run with a list of arguments, without a shell, and ended after its time.
 */
export type Tool =
  | FlowTool
  | "iverilog"
  | "vvp"
  | "verilator"
  | "g++"
  | "openFPGALoader"
  | "iceprog"
  | "tinyprog"
  | "dfu-util"
  | "icebox_vlog";

const paths = new Map<Tool, string | null>();

/** Where a tool is, or null. */
export function findTool(tool: Tool): string | null {
  const known = paths.get(tool);
  if (known !== undefined) return known;
  const places = (process.env.PATH ?? "")
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, tool));
  const found = places.find(isExecutable) ?? null;
  paths.set(tool, found);
  return found;
}

export const hasTools = (...tools: readonly Tool[]): boolean =>
  tools.every((tool) => findTool(tool) !== null);
export const hasIcarus = (): boolean => hasTools("iverilog", "vvp");
export const hasVerilator = (): boolean => hasTools("verilator", "g++");

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface ToolRun {
  readonly status: number;
  /** Standard output and standard error, in this order. */
  readonly output: string;
}

export interface RunOptions {
  readonly folder: string;
  /** Milliseconds; 60,000 if not given. */
  readonly timeout?: number;
}

/** Runs a tool to its end. @throws Error where there is none, or where it takes too long */
export function runTool(tool: Tool, args: readonly string[], options: RunOptions): Promise<ToolRun> {
  const path = findTool(tool);
  return path === null
    ? Promise.reject(new Error(`${tool} is not on the PATH`))
    : runProgram(path, args, options);
}

/** Runs a program of which the path is known. */
export function runProgram(
  path: string,
  args: readonly string[],
  { folder, timeout = 60_000 }: RunOptions,
): Promise<ToolRun> {
  return new Promise((done, fail) => {
    execFile(
      path,
      args,
      { cwd: folder, timeout, killSignal: "SIGKILL", maxBuffer: 2 ** 30, encoding: "utf8" },
      (error, stdout, stderr) => {
        const output = stdout + stderr;
        if (error === null) done({ status: 0, output });
        else if (typeof error.code === "number") done({ status: error.code, output });
        else fail(new Error(`${path} was ended after ${timeout} ms: ${tail(output)}`));
      },
    );
  });
}

/** Runs a tool that has to succeed; gives its output. */
export async function mustRun(tool: Tool, args: readonly string[], options: RunOptions): Promise<string> {
  return succeeded(await runTool(tool, args, options), tool);
}

export function succeeded({ status, output }: ToolRun, what: string): string {
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${tail(output)}`);
  return output;
}

export const tail = (text: string): string => text.slice(0, 4000);

/** Calls `body` with a fresh folder, and removes it. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "accel-native-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
