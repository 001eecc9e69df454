import type { Module } from "../../hdl/builder/graph.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import type { ToolFiles } from "./tool-protocol.ts";

/** A module as synthesis wants it. */
export interface Source {
  readonly text: string;
  /** Name of the module in the Verilog. */
  readonly top: string;
  /** Files that the Verilog reads, by name. */
  readonly data: ToolFiles;
}

export function sourceOf(module: Module): Source {
  const { text, data, tops } = writeVerilog(module, { sources: false });
  const [top] = tops;
  if (top === undefined) throw new Error(`no Verilog was written for ${module.name}`);
  return { text, top: top.moduleName, data: Object.fromEntries(data.map((file) => [file.name, file.text])) };
}
