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

const NARROW_COMPARISONS = "narrow-comparisons.v";

/** Files that `ice40Script` reads. */
export const ICE40_SCRIPT_FILES = {
  /**
   * `+/cmp2lut.v` takes a negative constant for a large one (YosysHQ/yosys#6085, from 2019 to August 2026): it gets
   * no comparison of signed numbers to see. With their signs turned over these compare like unsigned ones.
   */
  [NARROW_COMPARISONS]: `
(* techmap_celltype = "$lt $le $gt $ge" *)
module signed_comparison(A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CELLTYPE_ = "";
  localparam WIDTH = A_WIDTH > B_WIDTH ? A_WIDTH : B_WIDTH;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  wire _TECHMAP_FAIL_ = !A_SIGNED || !B_SIGNED || WIDTH > 4;
  wire [WIDTH-1:0] sign = 1'b1 << (WIDTH - 1);
  wire [WIDTH-1:0] a = {{WIDTH{A[A_WIDTH-1]}}, A} ^ sign;
  wire [WIDTH-1:0] b = {{WIDTH{B[B_WIDTH-1]}}, B} ^ sign;
  generate
    if (_TECHMAP_CELLTYPE_ == "$lt") assign Y = a < b;
    if (_TECHMAP_CELLTYPE_ == "$le") assign Y = a <= b;
    if (_TECHMAP_CELLTYPE_ == "$gt") assign Y = a > b;
    if (_TECHMAP_CELLTYPE_ == "$ge") assign Y = a >= b;
  endgenerate
endmodule
`,
};

/** Whose delays the mapping goes by: UltraPlus, HX or LP. */
export type Ice40Series = "u" | "hx" | "lp";

/** Commands between reading the source and writing the netlist: `synth_ice40`, right about signed comparisons. */
export function ice40Script(top: string, abc9: boolean, series: Ice40Series = "u"): string[] {
  const synthesis = `synth_ice40 -device ${series}${abc9 ? "" : " -noabc9"}`;
  return [
    `${synthesis} -top ${checkedIdentifier(top)} -run begin:coarse`,
    ...COARSE.flatMap((command) =>
      command.includes("cmp2lut") ? [`techmap -map ${NARROW_COMPARISONS}`, "opt_expr", command] : [command],
    ),
    `${synthesis} -run map_ram:`,
  ];
}

/** For a test that compares it with what Yosys says of itself. */
export const ICE40_COARSE: readonly string[] = COARSE;
