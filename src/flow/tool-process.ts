import type { Command, Tree } from "@yowasp/yosys";
import { Lines } from "./lines.ts";
import { isPackaged, type PackagedTool, type ToolMessage, type ToolRun } from "./tool-protocol.ts";

/**
 * The child process of `tool.ts`: runs one program after another, each in WebAssembly and with files in memory, so that it
 * leaves nothing behind wherever it is killed. A program's code and its chip database stay loaded for the next run.
 */
const COMMANDS: Readonly<Record<PackagedTool, () => Promise<Command>>> = {
  yosys: async () => (await import("@yowasp/yosys")).runYosys,
  "nextpnr-ice40": async () => (await import("@yowasp/nextpnr-ice40")).runNextpnrIce40,
  icepack: async () => (await import("@yowasp/nextpnr-ice40")).runIcepack,
  iceunpack: async () => (await import("@yowasp/nextpnr-ice40")).runIceunpack,
};

const parent = process.ppid;

async function answer({ tool, args, files }: ToolRun): Promise<ToolMessage> {
  const output: Uint8Array[] = [];
  const lines = new Lines((line) => process.send?.({ kind: "said", line } satisfies ToolMessage));
  const write = (bytes: Uint8Array | null): void => {
    if (bytes !== null) {
      output.push(bytes.slice());
      lines.add(bytes);
    }
    // No event arrives while a program runs; without this, one whose parent was killed would run to its end.
    if (process.ppid !== parent) process.exit(1);
  };
  const log = (): string => Buffer.concat(output).toString("utf8");
  try {
    if (!isPackaged(tool)) throw new Error(`${tool} comes with no package`);
    const command = await COMMANDS[tool]();
    const after = await command(
      [...args],
      { ...files },
      { stdout: write, stderr: write, decodeASCII: false },
    );
    return { kind: "done", files: made(after ?? {}, files), log: log() };
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error), log: log() };
  }
}

function made(tree: Tree, given: ToolRun["files"]): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [name, contents] of Object.entries(tree)) {
    if (contents instanceof Uint8Array && !(name in given)) files[name] = contents;
  }
  return files;
}

process.on("message", (run: ToolRun) => {
  void answer(run).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit());
