import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../models/package-root.ts";
import type { Fpga } from "../devices/device.ts";
import { toolVersion } from "../flow/cache.ts";
import { findTool } from "../flow/native-tools.ts";
import type { Toolchain } from "../flow/tool.ts";

const ICE40 = ["yosys", "nextpnr-ice40", "icepack"] as const;
const ECP5 = ["yosys", "nextpnr-ecp5", "ecppack"] as const;

/**
 * Versions of the programs that make a bitstream of a family, and of this one; of an ECP5's those that are there.
 * @throws ToolError where the toolchain lacks one that is needed
 */
export async function toolVersions(
  toolchain: Toolchain,
  family: Fpga["family"],
): Promise<Record<string, string>> {
  const tools =
    family === "ecp5"
      ? ECP5.filter((tool) => tool === "yosys" || (toolchain === "native" && findTool(tool) !== null))
      : ICE40;
  const versions = await Promise.all(tools.map(async (tool) => [tool, await toolVersion(tool, toolchain)]));
  return { accel: ownVersion(), ...Object.fromEntries(versions) };
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  return String(version);
}
