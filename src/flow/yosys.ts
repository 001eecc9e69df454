import { InputError } from "../../models/errors.ts";
import { type CacheOptions, runCached } from "./cache.ts";
import type { ToolResult } from "./tool.ts";
import type { ToolFiles } from "./tool-protocol.ts";

const SCRIPT = "accel.ys";

/**
 * Runs Yosys on a script, one command a line, in a folder that holds `files`. The log has warnings and errors only.
 * @throws ToolError with Yosys' own error line
 */
export function runYosys(
  script: readonly string[],
  files: ToolFiles,
  options: CacheOptions = {},
): Promise<ToolResult> {
  const commands = script.map((line) => `${line}\n`).join("");
  return runCached(
    { tool: "yosys", args: ["-q", "-s", SCRIPT], files: { ...files, [SCRIPT]: commands } },
    options,
  );
}

/** A file that a program made, as text. */
export function textFile(result: ToolResult, name: string): string {
  const bytes = result.files[name];
  if (bytes === undefined)
    throw new Error(`the program did not write ${name}; it wrote ${Object.keys(result.files)}`);
  return Buffer.from(bytes).toString("utf8");
}

/**
 * A name as it may stand in a script: a plain Verilog identifier, so that no name is taken for a command or an option.
 * @throws InputError for any other text
 */
export function checkedIdentifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name)) return name;
  throw new InputError(
    `${JSON.stringify(name)} cannot name a module here: use letters, digits, $ and _, and begin with a letter or _`,
  );
}
