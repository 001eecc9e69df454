const NARROW_COMPARISONS = "narrow-comparisons.v";

/** Files that scripts with `rightComparisons` read. */
export const SCRIPT_FILES = {
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

/** Commands of a synthesis, with what takes those comparisons out of `+/cmp2lut.v`'s sight. */
export const rightComparisons = (commands: readonly string[]): string[] =>
  commands.flatMap((command) =>
    command.includes("cmp2lut") ? [`techmap -map ${NARROW_COMPARISONS}`, "opt_expr", command] : [command],
  );
