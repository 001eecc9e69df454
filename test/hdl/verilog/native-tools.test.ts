import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasIcarus, hasVerilator, inFolder, runProgram } from "../../../src/flow/native-tools.ts";
import { type Bench, simulateInIcarus, simulateInVerilator } from "../../support/native-simulation.ts";

const ADDER = `module adder (
    input wire clock, input wire [69:0] a, input wire [3:0] b, output wire [69:0] sum, output reg [3:0] last
);
    assign sum = a + {66'd0, b};
    always @(posedge clock) last <= b;
endmodule
`;

const step = (values: Readonly<Record<string, bigint>>, sample = true) => ({
  set: new Map(Object.entries(values)),
  sample,
});

const bench: Bench = {
  module: "adder",
  inputs: [
    { name: "clock", width: 1 },
    { name: "a", width: 70 },
    { name: "b", width: 4 },
  ],
  outputs: [
    { name: "sum", width: 70 },
    { name: "last", width: 4 },
  ],
  steps: [
    step({ clock: 0n, a: 2n ** 69n, b: 9n }),
    step({ clock: 1n }, false),
    step({ clock: 0n, a: -1n, b: 3n }),
  ],
};

describe("native tools", () => {
  it("end what takes too long", async () => {
    const sleep = runProgram(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], {
      folder: ".",
      timeout: 200,
    });
    await expect(sleep).rejects.toThrow("was ended after 200 ms");
  });

  it("give status and output", async () => {
    const script = "console.log('out'); console.error('err'); process.exit(3)";
    expect(await runProgram(process.execPath, ["-e", script], { folder: "." })).toEqual({
      status: 3,
      output: "out\nerr\n",
    });
  });

  it("leave no folders behind", async () => {
    let seen = "";
    await expect(
      inFolder(async (folder) => {
        seen = folder;
        throw new Error("stop");
      }),
    ).rejects.toThrow("stop");
    expect(seen).not.toBe("");
    expect(existsSync(seen)).toBe(false);
  });

  it.skipIf(!hasIcarus())("Icarus: outputs of the sampled steps, null where bits are unknown", async () => {
    const [trace = []] = await simulateInIcarus([{ name: "adder.v", text: ADDER }], [bench]);
    expect(trace.map((row) => Object.fromEntries(row))).toEqual([
      { sum: 2n ** 69n + 9n, last: null },
      { sum: 2n, last: 9n },
    ]);
  });

  it.skipIf(!hasVerilator())(
    "Verilator: several benches in one program, each with its own steps",
    async () => {
      const short = { ...bench, steps: bench.steps.slice(0, 1) };
      const traces = await simulateInVerilator([{ name: "adder.v", text: ADDER }], [bench, short]);
      expect(traces.map((trace) => trace.map((row) => row.get("sum")))).toEqual([
        [2n ** 69n + 9n, 2n],
        [2n ** 69n + 9n],
      ]);
    },
  );

  it.skipIf(!hasIcarus())("say what a tool did not like", async () => {
    const broken = simulateInIcarus([{ name: "adder.v", text: "module adder (" }], [bench]);
    await expect(broken).rejects.toThrow(/iverilog ended with \d+: .*syntax error/s);
  });
});
