import type { Module } from "../../../hdl/builder/index.ts";
import { type VerilogOptions, writeVerilog } from "../../../hdl/verilog/index.ts";

/** Lines of a module's Verilog behind its ports, without indentation and empty lines. */
export function bodyOf(module: Module, options: VerilogOptions = {}): string[] {
  const { tops } = writeVerilog(module, { sources: false, ...options });
  const lines = (tops[0]?.text ?? "").split("\n").map((line) => line.trim());
  return lines.slice(lines.indexOf(");") + 1).filter((line) => line !== "" && line !== "endmodule");
}

/** The lines that declare a wire or assign one, spaces counted once. */
export const assignmentsOf = (module: Module): string[] =>
  bodyOf(module)
    .filter((line) => /^(wire|assign)\b/.test(line))
    .map((line) => line.replaceAll(/ +/g, " "));
