import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Primitive } from "../../../hdl/builder/graph.ts";
import { inFolder, mustRun } from "../../../src/flow/native-tools.ts";
import { type Bench, hasPin, inputsOf, outputsOf, PIN, type Trace } from "./bench.ts";

/** Yosys' models of the iCE40's cells. */
export const CELLS_SIM = fileURLToPath(
  new URL("share/ice40/cells_sim.v", import.meta.resolve("@yowasp/yosys")),
);

/**
 * What Yosys' models of the cells give in Icarus Verilog. Inputs change with the clocks, behind the edge.
 * @param verilog more modules, of which there may be instances as of cells
 */
export async function icarusTrace(bench: Bench, verilog = ""): Promise<Trace> {
  const { cells, rows } = bench;
  const inputs = inputWidths(cells);
  const width = 3 + inputs.reduce((sum, [, bits]) => sum + bits, 0);
  const lines = rows.map((row) => {
    const values = inputs.map(([name, bits]) => (row.inputs[name] ?? 0).toString(2).padStart(bits, "0"));
    return [row.toggles.toString(2).padStart(2, "0"), row.pin, ...values].join("");
  });
  const text = await inFolder(async (folder) => {
    await writeFile(join(folder, "rows.txt"), `${lines.join("\n")}\n`);
    await writeFile(join(folder, "bench.v"), `${benchVerilog(bench, inputs, width)}${verilog}`);
    const options = ["-g2012", "-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-o", "bench.vvp"];
    await mustRun("iverilog", [...options, "bench.v", CELLS_SIM], { folder });
    return mustRun("vvp", ["-n", "bench.vvp"], { folder });
  });
  const words = Array.from(text.matchAll(/^row ([01xz]+)$/gim), ([, bits = ""]) => bits.toLowerCase());
  if (words.length !== rows.length)
    throw new Error(`Icarus gave ${words.length} of ${rows.length} rows: ${text.slice(0, 2000)}`);
  const places = signals(cells);
  return cells.map((_, c) =>
    words.map((word) => {
      const found = places.filter(({ cell }) => cell === c);
      return new Map(found.map(({ name, from, to }) => [name, word.slice(from, to).replaceAll("z", "x")]));
    }),
  );
}

function inputWidths(cells: readonly Primitive[]): readonly (readonly [string, number])[] {
  return [
    ...new Map(cells.flatMap((cell) => inputsOf(cell).map(({ name, type }) => [name, type.width] as const))),
  ];
}

/** Where each cell's outputs stand in a printed row. */
function signals(cells: readonly Primitive[]) {
  let at = 0;
  return cells.flatMap((cell, c) => {
    const names = outputsOf(cell).map(({ name, type }) => ({ name, width: type.width }));
    if (hasPin(cell)) names.push({ name: PIN, width: 1 });
    return names.map(({ name, width }) => {
      at += width;
      return { cell: c, name, width, from: at - width, to: at };
    });
  });
}

function benchVerilog(
  { cells, clocks, rows }: Bench,
  inputs: readonly (readonly [string, number])[],
  width: number,
): string {
  const places = signals(cells);
  const wireOf = (cell: number, name: string): string => `${name}_${cell}`;
  const instances = cells.map((cell, c) => {
    const parameters = [...cell.parameters].map(([name, value]) => `.${name}(${value})`);
    const ports = [
      ...new Set(cell.model.domains.map(({ clock }) => `.${clock}(clock${clocks[clock]})`)),
      ...inputsOf(cell).map(({ name }) => `.${name}(${name})`),
      ...places.filter((place) => place.cell === c).map(({ name }) => `.${name}(${wireOf(c, name)})`),
    ];
    return `  ${cell.name} #(${parameters.join(", ")}) cell_${c} (${ports.join(", ")});`;
  });
  const now = ["toggles", "pin", ...inputs.map(([name]) => name)];
  // The pin's weak driver gives way to the cell's.
  return `
module bench;
  reg [${width - 1}:0] rows [0:${rows.length - 1}];
  reg [1:0] toggles; reg pin; reg clock0 = 0, clock1 = 0;
${inputs.map(([name, bits]) => `  reg [${bits - 1}:0] ${name};`).join("\n")}
${places.map(({ cell, name, width: bits }) => `  wire [${bits - 1}:0] ${wireOf(cell, name)};`).join("\n")}
${places
  .filter(({ name }) => name === PIN)
  .map(({ cell }) => `  assign (weak0, weak1) ${wireOf(cell, PIN)} = pin;`)
  .join("\n")}
${instances.join("\n")}
  integer i;
  initial begin
    $readmemb("rows.txt", rows);
    {${now.join(", ")}} = rows[0];
    for (i = 0; i < ${rows.length}; i = i + 1) begin
      #5 $display("row %b", {${places.map(({ cell, name }) => wireOf(cell, name)).join(", ")}});
      #5 {clock1, clock0} = {clock1, clock0} ^ toggles;
      if (i + 1 < ${rows.length}) {${now.join(", ")}} <= rows[i + 1];
    end
    $finish;
  end
endmodule
`;
}
