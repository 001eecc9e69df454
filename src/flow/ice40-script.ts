import { rightComparisons } from "./narrow-comparisons.ts";
import { checkedIdentifier } from "./yosys.ts";

/** Yosys' 0.55 `synth_ice40`, its part `coarse` (`help synth_ice40`), without what only its option `-dsp` does. */
const COARSE = [
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
  "memory_dff",
  "wreduce t:$mul",
  "alumacc",
  "opt",
  "memory -nomap",
  "opt_clean",
] as const;

/** Whose delays the mapping goes by: UltraPlus, HX or LP. */
export type Ice40Series = "u" | "hx" | "lp";

/** Commands between reading the source and writing the netlist: `synth_ice40`, right about signed comparisons. */
export function ice40Script(top: string, abc9: boolean, series: Ice40Series = "u"): string[] {
  const synthesis = `synth_ice40 -device ${series}${abc9 ? "" : " -noabc9"}`;
  return [
    `${synthesis} -top ${checkedIdentifier(top)} -run begin:coarse`,
    ...rightComparisons(COARSE),
    `${synthesis} -run map_ram:`,
  ];
}

/** For a test that compares it with what Yosys says of itself. */
export const ICE40_COARSE: readonly string[] = COARSE;
