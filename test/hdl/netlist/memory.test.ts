import { beforeAll, describe, expect, it } from "vitest";
import { circuitOf, type Netlist, parseNetlist, readNetlist } from "../../../hdl/netlist/index.ts";
import { runYosys, textFile } from "../../../src/flow/yosys.ts";
import { firstDifference } from "./compare.ts";

/** Kinds of memories as people write them; what they hold at power-up is said, so that all is defined. */
const MEMORIES = {
  "a read that gives the old word": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 3; end
    always @(posedge clk) begin if (we) words[wa] <= d; if (re) q <= words[ra]; end
    assign y = q;`,
  "a read at once": `
    reg [7:0] words [0:15]; initial begin ${fill(16)} end
    always @(posedge clk) if (we) words[wa] <= d;
    assign y = words[ra];`,
  "a read that gives the new word": `
    reg [7:0] words [0:15]; reg [3:0] at; reg seen; initial begin ${fill(16)} seen = 0; end
    always @(posedge clk) begin if (we) words[wa] <= d; at <= ra; seen <= 1; end
    assign y = words[at] & {8{seen}};`,
  "a read with a reset over its enable": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin if (we) words[wa] <= d; if (r) q <= 99; else if (re) q <= words[ra]; end
    assign y = q;`,
  "a read with a reset under its enable": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin if (we) words[wa] <= d; if (re) begin if (r) q <= 99; else q <= words[ra]; end end
    assign y = q;`,
  "a read with an asynchronous reset": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) if (we) words[wa] <= d;
    always @(posedge clk, posedge r) if (r) q <= 7; else q <= words[ra];
    assign y = q;`,
  "two writes, the later one first in turn": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin
      if (we) words[wa] <= d; if (re) words[ra] <= ~d; q <= words[ra ^ wa];
    end
    assign y = q;`,
  "writes of lanes": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin
      if (we) words[wa][3:0] <= d[3:0]; if (re) words[wa][7:4] <= d[7:4]; q <= words[ra];
    end
    assign y = q;`,
  "writes of uneven lanes": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin
      if (we) words[wa][2:0] <= d[2:0]; if (re) words[wa][7:3] <= d[7:3]; q <= words[ra];
    end
    assign y = q;`,
  "a falling edge for reads": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) if (we) words[wa] <= d;
    always @(negedge clk) q <= words[ra];
    assign y = q;`,
  "a table": `
    reg [7:0] words [0:15]; reg [7:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) q <= words[ra];
    assign y = q ^ words[wa];`,
  "a read of the address that it gives": `
    reg [3:0] words [0:15]; reg [3:0] q; initial begin ${fill(16)} q = 0; end
    always @(posedge clk) begin if (we) words[wa] <= d[3:0]; if (re) q <= words[q]; end
    assign y = {4'd0, q};`,
};

function fill(words: number): string {
  return Array.from({ length: words }, (_, i) => `words[${i}] = ${(i * 37 + 11) % 16};`).join(" ");
}

/** Memories as block RAM has them: nobody says what a read gives before the first one. */
const BLOCKS = {
  "a read and a write": "if (we) words[wa] <= d; q <= words[ra];",
  "a read with an enable": "if (we) words[wa] <= d; if (re) q <= words[ra];",
  "a read at the address that is written": "if (we) words[wa] <= d; q <= words[r ? wa : ra];",
  "two writes": "if (we) words[wa] <= d; if (re) words[ra] <= ~d; q <= words[ra ^ wa];",
  "a write of lanes": "if (we) words[wa][3:0] <= d[3:0]; if (r) words[wa][7:4] <= d[7:4]; q <= words[ra];",
  "a write of uneven lanes":
    "if (we) words[wa][2:0] <= d[2:0]; if (r) words[wa][7:3] <= d[7:3]; q <= words[ra];",
  "no write": "q <= words[ra];",
};

const blocks = Object.entries(BLOCKS).map(
  ([name, body]) =>
    [
      `block RAM with ${name}`,
      `reg [7:0] words [0:15]; reg [7:0] q; reg seen; initial begin ${fill(16)} seen = 0; end
    always @(posedge clk) begin ${body} seen <= seen | ${body.includes("if (re) q") ? "re" : "1'b1"}; end
    assign y = q & {8{seen}};`,
    ] as const,
);

const entries = [...Object.entries(MEMORIES), ...blocks];

const verilog = entries
  .map(
    (
      [, body],
      i,
    ) => `module memory${i}(input clk, we, re, r, input [3:0] wa, ra, input [7:0] d, output [7:0] y);
    ${body}
    endmodule`,
  )
  .join("\n");

describe("memories", () => {
  let memories: Netlist;
  let gates: Netlist;
  beforeAll(async () => {
    const result = await runYosys(
      [
        "read_verilog design.v",
        "proc",
        "opt",
        "memory_dff",
        "memory_collect",
        "opt_clean",
        "write_json memories.json",
        "memory_map",
        "opt",
        "techmap",
        "opt",
        "write_json gates.json",
      ],
      { "design.v": verilog },
      { cache: null },
    );
    memories = parseNetlist(JSON.parse(textFile(result, "memories.json")));
    gates = parseNetlist(JSON.parse(textFile(result, "gates.json")));
  }, 120_000);

  it.each(entries.map(([name], i) => [name, i] as const))("%s is what Yosys makes of it", (_, i) => {
    const top = `memory${i}`;
    const memory = circuitOf(memories, { top });
    expect(firstDifference(circuitOf(gates, { top }), memory, 400, i)).toBeNull();
  });

  it("block RAM stays a memory", () => {
    const counts = entries.map(([name], i) => [
      name,
      circuitOf(memories, { top: `memory${i}` }).memories.length,
    ]);
    expect(counts.filter(([, count]) => count === 1)).toEqual(blocks.map(([name]) => [name, 1]));
  });

  it("a memory in use by one write and one read is one, with its words", async () => {
    const source = `module top(input clk, we, input [3:0] wa, ra, input [7:0] d, output reg [7:0] q);
      reg [7:0] words [0:15]; initial begin ${fill(16)} end
      always @(posedge clk) begin if (we) words[wa] <= d; q <= words[ra]; end
    endmodule`;
    const result = await runYosys(
      [
        "read_verilog design.v",
        "proc",
        "opt",
        "memory_dff",
        "memory_collect",
        "opt_clean",
        "write_json out.json",
      ],
      { "design.v": source },
      { cache: null },
    );
    const { memories: found, registers } = readNetlist(JSON.parse(textFile(result, "out.json")));
    expect(registers).toEqual([]);
    expect(
      found.map(({ name, depth, type, initial, reads, writes }) => [
        name,
        depth,
        type.width,
        initial,
        reads.length,
        writes.length,
      ]),
    ).toEqual([["words", 16, 8, Array.from({ length: 16 }, (_, i) => BigInt((i * 37 + 11) % 16)), 1, 1]]);
  }, 60_000);
});
