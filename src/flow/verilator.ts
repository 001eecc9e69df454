import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheFolder } from "./cache.ts";
import { inFolder, mustRun, type RunOptions } from "./native-tools.ts";

/**
 * Translates Verilog in `folder` and compiles it with a C++ main program that uses class `V<top>`.
 * @returns the path of the program
 */
export async function buildVerilated(
  top: string,
  sources: readonly string[],
  main: string,
  options: RunOptions & { readonly optimise?: string; readonly flags?: readonly string[] },
): Promise<string> {
  const { folder, timeout = 120_000, optimise = "-O0", flags = [] } = options;
  const run = { folder, timeout };
  const object = join(folder, "verilated");
  const quiet = ["-Wno-lint", "-Wno-style", "-Wno-fatal", "--noassert"];
  const split = ["--output-split", "20000"];
  const args = ["--cc", "--top-module", top, "--Mdir", object, ...quiet, ...split, ...flags, ...sources];
  await mustRun("verilator", args, run);
  await writeFile(join(object, "main.cpp"), main);
  const runtime = await verilatedRuntime(optimise, timeout);
  // One translation unit: the headers are read once.
  const parts = (await readdir(object)).sort().filter((name) => name.endsWith(".cpp") && name !== "main.cpp");
  const all = [...parts, "main.cpp"].map((name) => `#include "${name}"\n`).join("");
  await writeFile(join(object, "all.cpp"), all);
  const program = join(object, "program");
  const compile = [
    ...(await compilerFlags(optimise)),
    "-I.",
    "all.cpp",
    ...runtime,
    "-lpthread",
    "-o",
    program,
  ];
  await mustRun("g++", compile, { folder: object, timeout });
  return program;
}

let root: Promise<string> | undefined;
const verilatorRoot = (): Promise<string> => {
  root ??= mustRun("verilator", ["--getenv", "VERILATOR_ROOT"], { folder: tmpdir() }).then((text) =>
    text.trim(),
  );
  return root;
};

async function compilerFlags(optimise: string): Promise<string[]> {
  const include = join(await verilatorRoot(), "include");
  return [
    optimise,
    "-std=gnu++17",
    "-w",
    `-I${include}`,
    `-I${join(include, "vltstd")}`,
    ...["VM_COVERAGE", "VM_SC", "VM_TRACE", "VM_TRACE_FST", "VM_TRACE_VCD"].map((name) => `-D${name}=0`),
  ];
}

/** Verilator's own code, compiled once: it would take most of the time. */
async function verilatedRuntime(optimise: string, timeout: number): Promise<readonly string[]> {
  const version = await mustRun("verilator", ["--version"], { folder: tmpdir() });
  const key = `${version.trim()}${optimise}`.replaceAll(/[^A-Za-z0-9.]+/g, "-");
  const cache = join(defaultCacheFolder(), "verilator", key);
  const names = ["verilated", "verilated_threads"];
  const objects = names.map((name) => join(cache, `${name}.o`));
  if (objects.every((path) => existsSync(path))) return objects;
  await mkdir(cache, { recursive: true });
  const include = join(await verilatorRoot(), "include");
  await inFolder(async (folder) => {
    for (const [i, name] of names.entries()) {
      const made = join(folder, `${name}.o`);
      const args = [...(await compilerFlags(optimise)), "-c", join(include, `${name}.cpp`), "-o", made];
      await mustRun("g++", args, { folder, timeout });
      const place = objects[i];
      if (place !== undefined) await moveTo(made, place);
    }
  });
  return objects;
}

/** So that others see the whole file or none. */
async function moveTo(from: string, to: string): Promise<void> {
  const beside = `${to}.${process.pid}`;
  await copyFile(from, beside);
  await rename(beside, to);
}
