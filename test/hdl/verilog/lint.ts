import { join } from "node:path";
import type { Verilog } from "../../../hdl/verilog/index.ts";
import { hasTools, inFolder, runTool } from "../../../src/flow/native-tools.ts";
import { writeAll } from "../../support/native-simulation.ts";

/** A tool that reads Verilog and says what it does not like. */
export interface Linter {
  readonly name: string;
  readonly installed: boolean;
  /** How it wants to see cells of the part. */
  readonly primitives: "cells" | "models";
  /** Everything it says; empty where it has nothing to say. */
  complaints(verilog: Verilog): Promise<string>;
}

async function said(
  verilog: Verilog,
  tool: "iverilog" | "verilator" | "yosys",
  args: (file: string) => readonly string[],
): Promise<string> {
  return inFolder(async (folder) => {
    await writeAll(folder, [{ name: "design.v", text: verilog.text }, ...verilog.data]);
    const { status, output } = await runTool(tool, args(join(folder, "design.v")), { folder });
    return status === 0 ? output : `ended with ${status}: ${output}`;
  });
}

const tops = ({ tops: all }: Verilog): readonly string[] => all.map(({ moduleName }) => moduleName);

/** The checks that all Verilog passes without a word. */
export const LINTERS: readonly Linter[] = [
  {
    name: "Verilator -Wall",
    installed: hasTools("verilator"),
    primitives: "models",
    complaints: (verilog) => {
      // Several tops are the tests' doing, and so is the file's name.
      const quiet = ["-Wno-MULTITOP", "-Wno-DECLFILENAME"];
      const one = tops(verilog);
      const top = one.length === 1 ? ["--top-module", ...one] : [];
      return said(verilog, "verilator", (file) => ["--lint-only", "-Wall", ...quiet, ...top, file]);
    },
  },
  {
    name: "Icarus -Wall, Verilog-2005",
    installed: hasTools("iverilog"),
    primitives: "models",
    complaints: (verilog) =>
      said(verilog, "iverilog", (file) => [
        ...["-g2005", "-Wall", "-t", "null"],
        ...tops(verilog).flatMap((top) => ["-s", top]),
        file,
      ]),
  },
  {
    name: "Yosys check -assert",
    installed: hasTools("yosys"),
    primitives: "cells",
    complaints: (verilog) =>
      said(verilog, "yosys", (file) => [
        "-q",
        "-p",
        `read_verilog -lib +/ice40/cells_sim.v; read_verilog ${file}; hierarchy -check; proc; check -assert`,
      ]),
  },
];
