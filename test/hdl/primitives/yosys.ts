import { readFileSync } from "node:fs";
import type { Module } from "../../../hdl/builder/graph.ts";
import { circuitOf, type NetlistOptions, parseNetlist } from "../../../hdl/netlist/index.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { type Bench, inputsOf, outputsOf, run, type Trace } from "./bench.ts";
import { CELLS_SIM } from "./icarus.ts";

/** Verilog of a module for each cell with nothing in it but the cell, and of one with all of them. */
function benchVerilog({ cells, clocks }: Bench): string {
  const modules = cells.map((cell, i) => {
    const ports = [...inputsOf(cell), ...outputsOf(cell)].map(({ name }) => name);
    const range = (width: number): string => `[${width - 1}:0]`;
    const clockPins = new Set(
      cell.model.domains.map(({ clock }) => `.${clock}(${CLOCK_PORTS[clocks[clock]!]})`),
    );
    return [
      `(* keep_hierarchy *) module wrapped_${i}(${[...CLOCK_PORTS, ...ports].join(", ")});`,
      `  input ${CLOCK_PORTS.join(", ")};`,
      ...inputsOf(cell).map(({ name, type }) => `  input ${range(type.width)} ${name};`),
      ...outputsOf(cell).map(({ name, type }) => `  output ${range(type.width)} ${name};`),
      `  ${cell.name} #(${[...cell.parameters].map(([name, value]) => `.${name}(${value})`).join(", ")})`,
      `  cell_ (${[...clockPins, ...ports.map((port) => `.${port}(${port})`)].join(", ")});`,
      "endmodule",
    ].join("\n");
  });
  return `${modules.join("\n")}\nmodule all; ${cells.map((_, i) => `wrapped_${i} w${i} ();`).join(" ")} endmodule\n`;
}

const CLOCK_PORTS = ["clock", "other_clock"];

/** The cells as Yosys reads its own models of them; SB_SPRAM256KA with 8 words, and keeping them without power. */
export async function yosysModels(bench: Bench): Promise<readonly Module[]> {
  const library = readFileSync(CELLS_SIM, "utf8");
  const names = new Set(bench.cells.map(({ name }) => name));
  const models = [...names].map(
    (name) => new RegExp(`^module ${name} .*?^endmodule`, "ms").exec(library)?.[0],
  );
  const text = models
    .join("\n")
    // Yosys makes registers of a memory that is written beside an asynchronous reset: 8 words of SB_SPRAM256KA are enough.
    .replace("reg [15:0] mem [0:16383]", "reg [15:0] mem [0:7]")
    // A loop over all words, which sets them to x.
    .replace(/always @\(negedge POWEROFF\) begin.*?^\tend/ms, "");
  return read(bench, "read_verilog cells.v", MACROS + text, {});
}

/** What the library defines for inputs that are not connected. */
const MACROS = [
  "`define ICE40_DEFAULT_ASSIGNMENT_V(v)",
  "`define ICE40_DEFAULT_ASSIGNMENT_0",
  "`define ICE40_DEFAULT_ASSIGNMENT_1\n",
].join("\n");

/** The cells as instances that a netlist has of them. */
export function instancesRead(
  bench: Bench,
  library: NonNullable<NetlistOptions["library"]>,
): Promise<readonly Module[]> {
  return read(bench, "read_verilog -lib cells.v", readFileSync(CELLS_SIM, "utf8"), { library });
}

async function read(
  bench: Bench,
  command: string,
  models: string,
  options: NetlistOptions,
): Promise<readonly Module[]> {
  const design = [command, "read_verilog bench.v", "hierarchy -purge_lib -top all"];
  const passes = ["proc", "flatten", "opt_expr", "opt_clean", "memory -nomap", "opt_clean"];
  const files = { "cells.v": models, "bench.v": benchVerilog(bench) };
  const result = await runYosys([...design, ...passes, "write_json out.json"], files);
  const netlist = parseNetlist(JSON.parse(textFile(result, "out.json")));
  return bench.cells.map((_, i) =>
    circuitOf(netlist, { top: `wrapped_${i}`, clocks: CLOCK_PORTS, ...options }),
  );
}

export const traceOf = (modules: readonly Module[], { rows }: Bench): Trace =>
  modules.map((module) => run(module, false, rows, 0n));
