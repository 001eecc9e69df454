import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../models/package-root.ts";
import { toolVersion } from "../flow/cache.ts";
import type { Toolchain } from "../flow/tool.ts";

const TOOLS = ["yosys", "nextpnr-ice40", "icepack"] as const;

/**
 * Versions of the programs that make a bitstream of an iCE40, and of this one.
 * @throws ToolError where the toolchain lacks one
 */
export async function toolVersions(toolchain: Toolchain): Promise<Record<string, string>> {
  const versions = await Promise.all(TOOLS.map(async (tool) => [tool, await toolVersion(tool, toolchain)]));
  return { accel: ownVersion(), ...Object.fromEntries(versions) };
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  return String(version);
}
