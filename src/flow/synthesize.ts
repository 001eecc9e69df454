import { type Netlist, parseNetlist, topOf } from "../../hdl/netlist/json.ts";
import type { CacheOptions } from "./cache.ts";
import { type Ice40Series, ice40Script } from "./ice40-script.ts";
import { SCRIPT_FILES } from "./narrow-comparisons.ts";
import type { ToolFiles } from "./tool-protocol.ts";
import { checkedIdentifier, runYosys, textFile } from "./yosys.ts";

export interface SourceOptions extends CacheOptions {
  /** Files that the source reads (`$readmemh`), by name. */
  readonly data?: ToolFiles;
}

export interface SynthesisOptions extends SourceOptions {
  /** Map logic with ABC9, which knows delays; otherwise with ABC. Default true. */
  readonly abc9?: boolean;
  /** Default u, UltraPlus. */
  readonly series?: Ice40Series;
}

export interface Synthesis {
  /** Yosys' JSON, for `placeAndRoute` and `readNetlist`. */
  readonly netlist: string;
  readonly cells: CellCounts;
  /** Warnings. */
  readonly log: string;
}

/** Cells of an iCE40 netlist. Place and route packs up to one of the first three each into one logic cell. */
export interface CellCounts {
  readonly lut4: number;
  readonly flipFlops: number;
  readonly carries: number;
  /** SB_MAC16. */
  readonly dsp: number;
  /** SB_RAM40_4K, 4 kbit each. */
  readonly blockRam: number;
  /** SB_SPRAM256KA, 256 kbit each. */
  readonly spram: number;
  /** All others, by type. */
  readonly other: Readonly<Record<string, number>>;
}

/**
 * Synthesis for iCE40. DSP blocks and large memories are those that the source instantiates: `-dsp` is never
 * given, because it overwrites parameters of such blocks and miscompiles some registered sums (Yosys 0.23 and 0.55).
 * @throws ToolError with the line of the Verilog that Yosys refuses; InputError where `top` is no identifier
 */
export async function synthesizeIce40(
  verilog: string,
  top: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> {
  const result = await runYosys(
    [
      "read_verilog design.v",
      ...ice40Script(top, options.abc9 ?? true, options.series),
      "write_json netlist.json",
    ],
    { ...options.data, ...SCRIPT_FILES, "design.v": verilog },
    options,
  );
  const netlist = textFile(result, "netlist.json");
  return { netlist, cells: countCells(parseNetlist(JSON.parse(netlist))), log: result.log };
}

/** Of the top module, which synthesis has made flat. */
export function countCells(netlist: Netlist): CellCounts {
  const byType = cellsByType(netlist);
  const take = (pattern: RegExp): number => {
    let count = 0;
    for (const [type, cells] of byType) {
      if (!pattern.test(type)) continue;
      count += cells;
      byType.delete(type);
    }
    return count;
  };
  return {
    lut4: take(/^SB_LUT4$/),
    flipFlops: take(/^SB_DFF/),
    carries: take(/^SB_CARRY$/),
    dsp: take(/^SB_MAC16$/),
    blockRam: take(/^SB_RAM40_4K/),
    spram: take(/^SB_SPRAM256KA$/),
    other: Object.fromEntries(byType),
  };
}

function cellsByType(netlist: Netlist): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of Object.values(topOf(netlist).module.cells)) {
    // A note of Yosys about the source's hierarchy.
    if (type !== "$scopeinfo") counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/** Families that are synthesised for the numbers of their cells alone. */
export type Family = "ecp5" | "ultrascale-plus";

export interface FamilyCounts {
  readonly family: Family;
  /** Look-up tables of all sizes; a distributed memory or a shift register counts as the tables that it takes. */
  readonly luts: number;
  readonly flipFlops: number;
  readonly dsp: number;
  /** Blocks: 18 kbit in ECP5; in UltraScale+ 36 kbit, a half one as 0.5. */
  readonly blockRam: number;
  /** All cells, by type. */
  readonly cells: Readonly<Record<string, number>>;
}

const FAMILIES: Readonly<
  Record<Family, { command: string; weights: readonly (readonly [keyof Weights, RegExp, number])[] }>
> = {
  ecp5: {
    command: "synth_ecp5 -noabc9",
    weights: [
      ["luts", /^LUT4$/, 1],
      ["luts", /^CCU2C$/, 2],
      ["luts", /^TRELLIS_DPR16X4$/, 4],
      ["flipFlops", /^TRELLIS_FF$/, 1],
      ["dsp", /^MULT18X18D$/, 1],
      ["blockRam", /^DP16KD$/, 1],
    ],
  },
  "ultrascale-plus": {
    command: "synth_xilinx -family xcup -noiopad -noclkbuf",
    weights: [
      ["luts", /^LUT[1-6]$/, 1],
      ["luts", /^INV$/, 1],
      ["luts", /^SRL(16E|C32E)$/, 1],
      ["luts", /^RAM(32X1S|64X1S)$/, 1],
      ["luts", /^RAM(32X1D|64X1D|128X1S)$/, 2],
      ["luts", /^RAM(128X1D|256X1S|64M|32M)$/, 4],
      ["luts", /^RAM(256X1D|32M16|64M8)$/, 8],
      ["flipFlops", /^FD[RSCP]E(_1)?$/, 1],
      ["dsp", /^DSP48E2$/, 1],
      ["blockRam", /^RAMB36E2$/, 1],
      ["blockRam", /^RAMB18E2$/, 0.5],
    ],
  },
};

type Weights = Pick<FamilyCounts, "luts" | "flipFlops" | "dsp" | "blockRam">;

/**
 * Synthesis for another family, for its cells only: no open place and route gives a clock here.
 * @throws ToolError with the line of the Verilog that Yosys refuses; InputError where `top` is no identifier
 */
export async function synthesizeFamily(
  verilog: string,
  top: string,
  family: Family,
  options: SourceOptions = {},
): Promise<FamilyCounts> {
  const { command } = FAMILIES[family];
  const result = await runYosys(
    [
      "read_verilog design.v",
      `${command} -flatten -top ${checkedIdentifier(top)}`,
      "write_json netlist.json",
    ],
    { ...options.data, "design.v": verilog },
    options,
  );
  return countsOf(textFile(result, "netlist.json"), family);
}

/** Of a netlist that synthesis for a family has made flat. */
export function countsOf(netlist: string, family: Family): FamilyCounts {
  const { weights } = FAMILIES[family];
  const cells = cellsByType(parseNetlist(JSON.parse(netlist)));
  const total = (kind: keyof Weights): number => {
    let sum = 0;
    for (const [of, pattern, weight] of weights) {
      if (of !== kind) continue;
      for (const [type, count] of cells) if (pattern.test(type)) sum += weight * count;
    }
    return sum;
  };
  return {
    family,
    luts: total("luts"),
    flipFlops: total("flipFlops"),
    dsp: total("dsp"),
    blockRam: total("blockRam"),
    cells: Object.fromEntries(cells),
  };
}
