import { type NetlistModule, parseNetlist, topOf } from "../../../hdl/netlist/json.ts";
import type { SourceOptions } from "../synthesize.ts";
import { checkedIdentifier, runYosys, textFile } from "../yosys.ts";

/** A design as its Verilog says: words, operators and flip-flops of the top module, all that it instantiates within it. */
export interface Design {
  readonly module: NetlistModule;
  /** Memories that were made block RAMs, as synthesis does it. A proof takes this step as given. */
  readonly memories: readonly string[];
}

/** Nothing but what the Verilog means: neither made smaller nor mapped. */
const ELABORATE = ["proc -norom", "flatten", "opt_clean"];

/**
 * Memories as block RAMs, by the commands of `ice40Script`. Before, what Yosys has to see of a memory's ports: which bits are
 * written together, and which register with which enable holds a word that was read.
 */
const MAP_MEMORIES = [
  "opt_reduce",
  "opt_expr -mux_bool",
  "opt_dff -nosdff",
  "opt_clean",
  "memory -nomap",
  "opt_clean",
  "memory_libmap -lib +/ice40/brams.txt -lib +/ice40/spram.txt -no-auto-huge",
  "techmap -map +/ice40/brams_map.v -map +/ice40/spram_map.v",
  "ice40_braminit",
  "memory_map",
  "opt_clean",
];

/** @throws ToolError with the line of the Verilog that Yosys refuses; InputError where `top` is no identifier */
export async function readDesign(verilog: string, top: string, options: SourceOptions = {}): Promise<Design> {
  const name = checkedIdentifier(top);
  const read = async (commands: readonly string[]): Promise<NetlistModule> => {
    const script = [
      // Ports of the part's cells.
      "read_verilog -lib -D ICE40_U +/ice40/cells_sim.v",
      "read_verilog design.v",
      `hierarchy -check -top ${name}`,
      ...commands,
      `select ${name}`,
      "write_json -selected design.json",
    ];
    const result = await runYosys(script, { ...options.data, "design.v": verilog }, options);
    return topOf(parseNetlist(JSON.parse(textFile(result, "design.json"))), name).module;
  };
  const module = await read(ELABORATE);
  const memories = memoriesOf(module);
  if (memories.length === 0) return { module, memories };
  const mapped = await read([...ELABORATE, ...MAP_MEMORIES]);
  const blocks = Object.keys(mapped.cells);
  return {
    module: mapped,
    memories: memories.filter((memory) => blocks.some((block) => block.startsWith(`${memory}.`))),
  };
}

/** Names of all memories. */
function memoriesOf({ cells }: NetlistModule): string[] {
  const names = Object.values(cells).flatMap(({ type, parameters }) =>
    type.startsWith("$mem") ? [String(parameters.MEMID).replace(/^\\/, "")] : [],
  );
  return [...new Set(names)];
}
