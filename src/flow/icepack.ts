import { runTool, type ToolOptions } from "./tool.ts";
import { textFile } from "./yosys.ts";

/**
 * The bitstream of a placed design. Without `-s` its last command would put the flash to sleep that it is loaded from, and
 * that the design reads.
 */
export async function pack(asc: string, options: ToolOptions = {}): Promise<Uint8Array> {
  const run = {
    tool: "icepack",
    args: ["-s", "design.asc", "design.bin"],
    files: { "design.asc": asc },
  } as const;
  const { files } = await runTool(run, options);
  const bitstream = files["design.bin"];
  if (bitstream === undefined) throw new Error("icepack wrote no bitstream");
  return bitstream;
}

/**
 * The placed design of a bitstream: what `pack` was given, without its comments and symbols.
 * @throws ToolError where the bytes are no bitstream
 */
export async function unpack(bitstream: Uint8Array, options: ToolOptions = {}): Promise<string> {
  const run = {
    tool: "iceunpack",
    args: ["design.bin", "design.asc"],
    files: { "design.bin": bitstream },
  } as const;
  return textFile(await runTool(run, options), "design.asc");
}
