import { z } from "zod";
import { type CacheOptions, runCached } from "./cache.ts";
import { rightComparisons, SCRIPT_FILES } from "./narrow-comparisons.ts";
import type { Source } from "./source.ts";
import { countsOf, type FamilyCounts } from "./synthesize.ts";
import { checkedIdentifier, runYosys, textFile } from "./yosys.ts";

/** Yosys' 0.55 `synth_ecp5`, its part `coarse` (`help synth_ecp5`). */
const COARSE = [
  "proc",
  "flatten",
  "tribuf -logic",
  "deminout",
  "opt_expr",
  "opt_clean",
  "check",
  "opt -nodffe -nosdff",
  "fsm",
  "opt",
  "wreduce",
  "peepopt",
  "opt_clean",
  "share",
  "techmap -map +/cmp2lut.v -D LUT_WIDTH=4",
  "opt_expr",
  "opt_clean",
  "techmap -map +/mul2dsp.v -map +/ecp5/dsp_map.v -D DSP_A_MAXWIDTH=18 -D DSP_B_MAXWIDTH=18 -D DSP_A_MINWIDTH=2 -D DSP_B_MINWIDTH=2 -D DSP_NAME=$__MUL18X18",
  "chtype -set $mul t:$__soft_mul",
  "alumacc",
  "opt",
  "memory -nomap",
  "opt_clean",
] as const;

/** For a test that compares it with what Yosys says of itself. */
export const ECP5_COARSE: readonly string[] = COARSE;

/**
 * Synthesis for ECP5, right about signed comparisons.
 * @throws ToolError with the line of the Verilog that Yosys refuses
 */
export async function synthesizeEcp5(
  { text, top, data }: Source,
  options: CacheOptions = {},
): Promise<{ readonly netlist: string; readonly cells: FamilyCounts }> {
  const synthesis = `synth_ecp5 -top ${checkedIdentifier(top)}`;
  const script = [
    "read_verilog design.v",
    `${synthesis} -run begin:coarse`,
    ...rightComparisons(COARSE),
    `${synthesis} -run map_ram:`,
    "write_json netlist.json",
  ];
  const result = await runYosys(script, { ...data, ...SCRIPT_FILES, "design.v": text }, options);
  const netlist = textFile(result, "netlist.json");
  return { netlist, cells: countsOf(netlist, "ecp5") };
}

export interface Ecp5PlaceOptions extends CacheOptions {
  /** `--85k` and the like, the package, and the speed grade, as nextpnr-ecp5 calls them. */
  readonly device: string;
  readonly package: string;
  readonly speedGrade: number | null;
  readonly seed: number;
  readonly freqMHz: number;
  /** Constraints (LPF). */
  readonly lpf: string;
}

export interface Ecp5Placement {
  /** For `packEcp5`. */
  readonly config: string;
  /** Of the slowest clock, by nextpnr's timing; null where there is none. */
  readonly clockMHz: number | null;
}

const reportSchema = z.object({ fmax: z.record(z.string(), z.object({ achieved: z.number().positive() })) });

/**
 * Places and routes a netlist of `synthesizeEcp5`. No package brings this program: it has to be on the PATH.
 * @throws ToolError where it is missing, or the design does not fit
 */
export async function placeEcp5(netlist: string, options: Ecp5PlaceOptions): Promise<Ecp5Placement> {
  const { device, speedGrade, seed, freqMHz, lpf } = options;
  const args = [
    ...[device, "--package", options.package, "--seed", `${seed}`, "--freq", `${freqMHz}`],
    ...(speedGrade === null ? [] : ["--speed", `${speedGrade}`]),
    ...[
      "--json",
      "design.json",
      "--lpf",
      "pins.lpf",
      "--textcfg",
      "design.config",
      "--report",
      "report.json",
    ],
    "--timing-allow-fail",
  ];
  const files = { "design.json": netlist, "pins.lpf": lpf };
  const result = await runCached({ tool: "nextpnr-ecp5", args, files }, options);
  const { fmax } = reportSchema.parse(JSON.parse(textFile(result, "report.json")));
  const clocks = Object.values(fmax).map(({ achieved }) => achieved);
  return {
    config: textFile(result, "design.config"),
    clockMHz: clocks.length === 0 ? null : Math.min(...clocks),
  };
}

/** The bitstream of a placed design. @throws ToolError where ecppack is missing */
export async function packEcp5(config: string, options: CacheOptions = {}): Promise<Uint8Array> {
  const run = {
    tool: "ecppack",
    args: ["--compress", "design.config", "design.bit"],
    files: { "design.config": config },
  } as const;
  const { files } = await runCached(run, options);
  const bitstream = files["design.bit"];
  if (bitstream === undefined) throw new Error("ecppack wrote no bitstream");
  return bitstream;
}
