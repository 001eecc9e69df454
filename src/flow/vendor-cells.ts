import type { Module } from "../../hdl/builder/graph.ts";
import { circuitOf, parseNetlist } from "../../hdl/netlist/index.ts";
import { InputError } from "../../models/errors.ts";
import type { CacheOptions } from "./cache.ts";
import { checkedIdentifier, runYosys, textFile } from "./yosys.ts";

/** A cell of the iCE40 with its parameters, as Verilog constants without blanks. */
export interface VendorCell {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * What Yosys' own simulation models (`+/ice40/cells_sim.v`) say that cells do: a second opinion on models written by hand.
 * SB_SPRAM256KA is not among them: its model clears 16384 words at once, which takes Yosys a minute, and is left out here.
 * @throws ToolError where Yosys does not know the cell or refuses its parameters
 */
export async function vendorCells(
  cells: readonly VendorCell[],
  options: CacheOptions = {},
): Promise<Module[]> {
  const read = (cell: VendorCell, i: number): string[] => [
    "design -load cells",
    `hierarchy -check -top ${checkedIdentifier(cell.type)} ${parametersOf(cell)}`,
    "proc",
    "flatten",
    "opt -full",
    "memory_dff",
    "memory_collect",
    "opt_clean",
    `write_json cell${i}.json`,
  ];
  const result = await runYosys(
    ["read_verilog -D ICE40_U -D EQUIV +/ice40/cells_sim.v", "design -save cells", ...cells.flatMap(read)],
    {},
    options,
  );
  return cells.map((_, i) => circuitOf(parseNetlist(JSON.parse(textFile(result, `cell${i}.json`)))));
}

function parametersOf({ type, parameters }: VendorCell): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      if (!/^(\d+'[bh][0-9a-fA-FxX]+|\d+|"[\w.]*")$/.test(value))
        throw new InputError(`parameter ${name} of ${type} is ${value}, which is no Verilog constant`);
      return `-chparam ${checkedIdentifier(name)} ${value}`;
    })
    .join(" ");
}
