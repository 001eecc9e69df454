import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import type { Circuit } from "./circuit.ts";
import type { Row, VectorPort, Vectors } from "./vectors.ts";

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Verilog of a board with its memories, and a test bench that plays a token and looks at every output in every cycle. */
export interface TestBench {
  /** Verilog files, the test bench among them. */
  readonly sources: readonly TextFile[];
  /** Files that they read: memories' contents, inputs, expected outputs. */
  readonly data: readonly TextFile[];
  /** The module with the bench: `clock` goes in, `done` and `failed` come out. */
  readonly top: string;
  readonly vectors: Vectors;
}

const TOP = "test_bench";
const COUNT_BITS = 32;

export function testBench({ sizes, images }: Circuit, vectors: Vectors): TestBench {
  const written = writeVerilog(simulatedBoard(sizes, images), {
    sources: false,
    primitives: "models",
    inlineWords: 64,
  });
  const [board] = written.tops;
  if (board === undefined) throw new RangeError("a board is written");
  const portOf = (name: string): string => board.ports.get(name) ?? name;
  return {
    sources: [
      { name: "board.v", text: written.text },
      { name: `${TOP}.v`, text: benchText(board.moduleName, vectors, portOf) },
      { name: "run.v", text: DRIVER },
    ],
    data: [
      ...written.data,
      { name: "inputs.hex", text: rowsText(vectors.stimulus, widthOf(vectors.inputs)) },
      { name: "outputs.hex", text: rowsText(vectors.expected, widthOf(vectors.outputs)) },
    ],
    top: TOP,
    vectors,
  };
}

const widthOf = (ports: readonly VectorPort[]): number => ports.reduce((sum, { width }) => sum + width, 0);

/** Number of cycles, and bits, in hexadecimal. */
function rowsText(rows: readonly Row[], width: number): string {
  const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, "0");
  return rows
    .map(({ cycles, bits }) => `${hex(BigInt(cycles), COUNT_BITS / 4)}${hex(bits, Math.ceil(width / 4))}\n`)
    .join("");
}

/** Ticks the clock where nobody else does, as in Icarus. */
const DRIVER = `// Drives the test bench: iverilog -g2005 -s run *.v, then vvp.
\`timescale 1ns / 1ps
module run;
  reg clock = 1'b0;
  wire done, failed;
  ${TOP} bench (.clock (clock), .done (done), .failed (failed));
  always #5 clock = !clock;
  always @(posedge done) begin
    if (failed) $display("The circuit differs.");
    #1 $finish;
  end
endmodule
`;

function benchText(board: string, vectors: Vectors, portOf: (name: string) => string): string {
  const { inputs, outputs, stimulus, expected, cycles } = vectors;
  const inBits = 4 * Math.ceil(widthOf(inputs) / 4);
  const outBits = 4 * Math.ceil(widthOf(outputs) / 4);
  const slices = (ports: readonly VectorPort[], vector: string): string[] => {
    let at = 0;
    return ports.map(({ name, width }) => {
      const text = `.${portOf(name)} (${vector}[${at + width - 1}:${at}])`;
      at += width;
      return text;
    });
  };
  const pins = [".clock (clock)", ...slices(inputs, "in"), ...slices(outputs, "got")].join(",\n    ");
  return `// Plays a token on the circuit and compares every output in every cycle with what the compiled simulation gave.
\`timescale 1ns / 1ps
module ${TOP} (input wire clock, output reg done, output reg failed);
  reg [${COUNT_BITS + inBits - 1}:0] inputs [0:${stimulus.length - 1}];
  reg [${COUNT_BITS + outBits - 1}:0] outputs [0:${expected.length - 1}];
  reg [${inBits - 1}:0] in;
  wire [${outBits - 1}:0] got;
  reg [${outBits - 1}:0] want;
  reg [${COUNT_BITS - 1}:0] inputs_left, outputs_left;
  integer cycle, input_row, output_row, unknown;
  ${board} board (
    ${pins}
  );
${outBits > widthOf(outputs) ? `  assign got[${outBits - 1}:${widthOf(outputs)}] = 0;\n` : ""}  initial begin
    done = 1'b0;
    failed = 1'b0;
    cycle = 0;
    unknown = 0;
    input_row = 1;
    output_row = 1;
    $readmemh("inputs.hex", inputs);
    $readmemh("outputs.hex", outputs);
    {inputs_left, in} = inputs[0];
    {outputs_left, want} = outputs[0];
  end
  always @(posedge clock)
    if (!done) begin
      if (^got === 1'bx) unknown <= unknown + 1;
      // Bits that are unknown (x), as registers without a beginning are, are not compared.
      if (((got ^ want) & ~(got ^ got)) != 0) begin
        $display("difference cycle %0d got %h want %h", cycle, got, want);
        failed <= 1'b1;
        done <= 1'b1;
      end else if (cycle == ${cycles - 1}) begin
        $display("equal cycles %0d unknown %0d", cycle + 1, unknown);
        done <= 1'b1;
      end
      cycle <= cycle + 1;
      inputs_left <= inputs_left - 1;
      if (inputs_left == 1 && input_row < ${stimulus.length}) begin
        {inputs_left, in} <= inputs[input_row];
        input_row <= input_row + 1;
      end
      outputs_left <= outputs_left - 1;
      if (outputs_left == 1 && output_row < ${expected.length}) begin
        {outputs_left, want} <= outputs[output_row];
        output_row <= output_row + 1;
      end
    end
endmodule
`;
}
