import type { NetlistCell } from "../../hdl/netlist/json.ts";
import { CellParameters } from "../../hdl/netlist/parameters.ts";

/**
 * Timing of iCE40 UltraPlus blocks where nextpnr 0.8 has none: its `ice40/arch.cc` gives every port of SB_MAC16, SB_SPRAM256KA and
 * SB_RAM40_4K 0.1 ns of setup, takes SB_MAC16 for registered all over, and its outputs to come 0.1 ns after the clock.
 *
 * Figures in nanoseconds, slow corner, largest over bits and edges, of icestorm's `icefuzz/timings_up5k.txt`
 * (3cdcf4b009bb), which stem from the vendor's own timing files.
 */
export interface BlockTiming {
  /** Before the clock edge, by port; where the tool has more, that counts. */
  readonly setup: Readonly<Record<string, number>>;
  /** After the clock edge, of all outputs; null: the tool's own figures are right. */
  readonly clockToOut: number | null;
}

/** LogicCell40: setup of sr. */
export const LOGIC_CELL: BlockTiming = { setup: { SR: 0.53 }, clockToOut: null };

/** SB_RAM40_4K. */
export const BLOCK_RAM: BlockTiming = {
  setup: {
    MASK: 0.517,
    RADDR: 0.384,
    RCLKE: 0.503,
    RE: 0.185,
    WADDR: 0.424,
    WCLKE: 0.503,
    WDATA: 0.305,
    WE: 0.252,
  },
  clockToOut: null,
};

/** SB_SPRAM256KA. */
export const SPRAM: BlockTiming = {
  setup: {
    ADDRESS: 0.268,
    CHIPSELECT: 0.404,
    DATAIN: 0.143,
    MASKWREN: 0.143,
    WREN: 0.289,
    STANDBY: 1.715,
    SLEEP: 41.506,
  },
  clockToOut: null,
};

/** Most that the data sheet allows (FPGA-DS-02008, typical building block function performance and following), in MHz. */
export const LIMITS = {
  /** Global buffers. */
  clock: { megahertz: 185, what: "the data sheet's limit of the clock network" },
  blockRam: { megahertz: 150, what: "the data sheet's limit of block RAM" },
  spram: { megahertz: 70, what: "the data sheet's limit of SPRAM" },
  /** "Signed MULT8x8 (16x16) bypassing pipeline register". */
  multiplier: {
    megahertz: 50,
    what: "the data sheet's limit of a multiplier without its pipeline registers",
  },
} as const;

/** What to know of one SB_MAC16, which depends on its parameters. */
export interface DspTiming extends BlockTiming {
  /** A product goes on without a register behind the multiplier. */
  readonly unpipelined: boolean;
  /** What makes its timing unknown: registers that are off on a path that is used. */
  readonly problems: readonly string[];
}

/**
 * Setup: SB_MAC16_*_ALL_PIPELINE, largest of all. A and B that go to the adder alone: SB_MAC16_ACC_U_32P32_BYPASS. C and D
 * without a register: no figure for their way to the output register; the longer one to the output itself,
 * SB_MAC16_ADS_U_32P32_BYPASS. Clock to O: SB_MAC16_MUL_U_8X8_ALL_PIPELINE.
 */
export function dspTiming(cell: NetlistCell): DspTiming {
  const of = new CellParameters(cell.parameters, "SB_MAC16");
  const flag = (name: string): boolean => of.flag(name, false);
  const uses = (port: string): boolean =>
    (cell.connections[port] ?? []).some((bit) => typeof bit === "number");
  const usesHalf = (high: boolean): boolean =>
    (cell.connections.O ?? []).slice(high ? 16 : 0, high ? 32 : 16).some((bit) => typeof bit === "number");
  const halves = (["TOP", "BOT"] as const).map((half) => ({
    half,
    output: of.integer(`${half}OUTPUT_SELECT`, 0),
    lower: of.integer(`${half}ADDSUB_LOWERINPUT`, 0),
    used: usesHalf(half === "TOP"),
  }));
  const multiplies = halves.some(({ output, lower }) => output >= 2 || lower === 1 || lower === 2);
  const problems: string[] = [];
  if (flag("NEG_TRIGGER"))
    problems.push("it works at the falling edge, which the tool takes for the rising one");
  for (const [port, register] of [
    ["A", "A_REG"],
    ["B", "B_REG"],
  ] as const)
    if (multiplies && !flag(register) && uses(port))
      problems.push(`${port} goes into the multiplier without a register (${register} is 0)`);
  for (const { half, output, used } of halves) {
    if (!used) continue;
    const registered =
      output === 1 ||
      (output === 2 && flag(`${half}_8x8_MULT_REG`)) ||
      (output === 3 && flag("PIPELINE_16x16_MULT_REG2"));
    if (!registered)
      problems.push(
        `its ${half === "TOP" ? "upper" : "lower"} output has no register (${half}OUTPUT_SELECT is ${output})`,
      );
  }
  for (const port of ["CO", "ACCUMCO", "SIGNEXTOUT", "ACCUMCI", "SIGNEXTIN"])
    if (uses(port)) problems.push(`${port} is used, which has no register`);
  const whole = halves.some(({ output, lower }) => output === 3 || lower === 2);
  const stage = ["TOP_8x8_MULT_REG", "BOT_8x8_MULT_REG", ...(whole ? ["PIPELINE_16x16_MULT_REG1"] : [])];
  return {
    setup: {
      A: flag("A_REG") ? 0.015 : 2.597,
      B: flag("B_REG") ? 0.007 : 2.761,
      C: flag("C_REG") ? 0.228 : 3.904,
      D: flag("D_REG") ? 0.291 : 5.122,
      ...{ AHOLD: 0.378, BHOLD: 0.351, CHOLD: 0.261, DHOLD: 0.319, OHOLDTOP: 0.294, OHOLDBOT: 0.432 },
      ...{ OLOADTOP: 0.393, OLOADBOT: 0.456, ADDSUBTOP: 1.887, ADDSUBBOT: 2.646, CI: 1.695 },
      // Their recovery.
      ...{ IRSTTOP: 1.125, IRSTBOT: 1.057, ORSTTOP: 0.943, ORSTBOT: 0.816 },
    },
    clockToOut: 2.12,
    unpipelined: multiplies && !stage.every(flag),
    problems,
  };
}
