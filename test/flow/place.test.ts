import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { circuitOf, parseNetlist, topOf } from "../../hdl/netlist/index.ts";
import { flatten } from "../../hdl/simulate/flatten.ts";
import { Interpreter } from "../../hdl/simulate/interpret.ts";
import { InputError } from "../../models/errors.ts";
import { ICE40_COARSE, ice40Script } from "../../src/flow/ice40-script.ts";
import { pack, unpack } from "../../src/flow/icepack.ts";
import { longestPaths } from "../../src/flow/longest-paths.ts";
import { type Placement, placeAndRoute } from "../../src/flow/nextpnr.ts";
import { HARNESS, registerPorts } from "../../src/flow/out-of-context.ts";
import { parseSdf } from "../../src/flow/sdf.ts";
import { type Synthesis, synthesizeFamily, synthesizeIce40 } from "../../src/flow/synthesize.ts";
import { correctedClock } from "../../src/flow/timing.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { ToolError } from "../../src/flow/tool-error.ts";
import { runYosys } from "../../src/flow/yosys.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });
afterAll(closeTools);

/** Results are kept for this file alone: some designs are used again. */
const kept = { cache: temporaryFolder() };
const none = { cache: null };

/** An SB_MAC16 with all registers that a multiply-accumulate uses, or without one of them. */
const mac = (parameters: Record<string, string>): string => `
module top(input clk, input [15:0] a, input [15:0] b, input add, output [31:0] sum, output reg z);
  wire [31:0] o;
  SB_MAC16 #(${Object.entries({
    ...{ A_REG: "1'b1", B_REG: "1'b1", TOP_8x8_MULT_REG: "1'b1", BOT_8x8_MULT_REG: "1'b1" },
    ...{ PIPELINE_16x16_MULT_REG1: "1'b1", PIPELINE_16x16_MULT_REG2: "1'b1" },
    ...{ TOPOUTPUT_SELECT: "2'b01", TOPADDSUB_LOWERINPUT: "2'b10", TOPADDSUB_CARRYSELECT: "2'b10" },
    ...{ BOTOUTPUT_SELECT: "2'b01", BOTADDSUB_LOWERINPUT: "2'b10" },
    ...parameters,
  })
    .map(([name, value]) => `.${name}(${value})`)
    .join(", ")})
  m(.CLK(clk), .CE(1'b1), .A(a), .B(b), .C(16'd0), .D(16'd0), .O(o), .ADDSUBTOP(add), .ADDSUBBOT(add),
    .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0), .IRSTTOP(1'b0), .IRSTBOT(1'b0), .ORSTTOP(1'b0), .ORSTBOT(1'b0),
    .OLOADTOP(1'b0), .OLOADBOT(1'b0), .OHOLDTOP(1'b0), .OHOLDBOT(1'b0), .CI(1'b0), .ACCUMCI(1'b0), .SIGNEXTIN(1'b0));
  assign sum = o;
  always @(posedge clk) z <= ^o;
endmodule`;

const LOGIC = `
module top(input clk, input rst, input [11:0] a, input [11:0] b, output reg [23:0] sum, output reg late);
  reg [11:0] x, y; reg half;
  always @(posedge clk) begin x <= a; y <= b; sum <= rst ? 0 : sum + x * y; end
  always @(negedge clk) half <= ^sum;
  always @(posedge clk) late <= half & (sum > 1000);
endmodule`;

const MEMORIES = `
module top(input clk, input we, input [13:0] at, input [15:0] d, output reg z);
  wire [15:0] q; reg [7:0] words [0:511]; reg [7:0] r;
  SB_SPRAM256KA s(.CLOCK(clk), .ADDRESS(at), .DATAIN(d), .MASKWREN(4'hf), .WREN(we), .CHIPSELECT(1'b1),
    .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1), .DATAOUT(q));
  always @(posedge clk) begin if (we) words[d[8:0]] <= q[7:0]; r <= words[at[8:0]]; z <= ^{q, r}; end
endmodule`;

const BLOCK_RAM = `
module top(input clk, input we, input [8:0] at, input [7:0] d, output reg z);
  reg [7:0] words [0:511]; reg [7:0] r;
  always @(posedge clk) begin if (we) words[at ^ r] <= d; r <= words[at]; z <= ^r; end
endmodule`;

const clockOf = async (verilog: string) => {
  const { netlist } = await synthesizeIce40(verilog, "top", kept);
  const registered = registerPorts(netlist);
  const placement = await placeAndRoute(registered, kept);
  return { registered, placement, clock: correctedClock(placement.delays, registered) };
};

describe("synthesizeIce40()", () => {
  it("counts the cells of each kind", async () => {
    expect((await synthesizeIce40(mac({}), "top", kept)).cells).toMatchObject({
      dsp: 1,
      flipFlops: 1,
      spram: 0,
      other: {},
    });
    expect((await synthesizeIce40(MEMORIES, "top", kept)).cells).toMatchObject({
      spram: 1,
      blockRam: 1,
      dsp: 0,
    });
    const { cells } = await synthesizeIce40(LOGIC, "top", { ...kept, abc9: false });
    expect(cells).toMatchObject({ flipFlops: 24 + 24 + 2, dsp: 0 });
    // Twelve rows of a multiplier, an adder and a comparison.
    expect(cells.lut4).toBeGreaterThan(100);
    expect(cells.carries).toBeGreaterThan(24);
  });

  it("leaves the parameters of a DSP block alone", async () => {
    const { netlist } = await synthesizeIce40(mac({ MODE_8x8: "1'b1" }), "top", kept);
    const { cells } = topOf(parseNetlist(JSON.parse(netlist))).module;
    const [block] = Object.values(cells).filter(({ type }) => type === "SB_MAC16");
    expect(block?.parameters).toMatchObject({
      MODE_8x8: "1",
      A_REG: "1",
      TOPADDSUB_LOWERINPUT: "10",
      TOPOUTPUT_SELECT: "01",
    });
  });

  it("compares narrow signed numbers with negative constants as it should", async () => {
    const constants = [-4, -3, -1, 0, 1, 3];
    const source = `module top(input signed [2:0] a, output [${constants.length * 4 - 1}:0] y);
      ${constants
        .map((c, i) => {
          const value = c < 0 ? `-3'sd${-c}` : `3'sd${c}`;
          return ["<", "<=", ">", ">="].map((o, j) => `assign y[${4 * i + j}] = a ${o} ${value};`).join(" ");
        })
        .join("\n")} endmodule`;
    for (const abc9 of [true, false]) {
      const { netlist } = await synthesizeIce40(source, "top", { ...kept, abc9 });
      const simulation = new Interpreter(flatten(circuitOf(parseNetlist(JSON.parse(netlist)))));
      for (let a = -4; a < 4; a++) {
        simulation.set("a", BigInt(a & 7));
        const expected = constants.flatMap((c) => [a < c, a <= c, a > c, a >= c]);
        expect(simulation.get("y").toString(2).padStart(24, "0"), `${a}`).toBe(
          expected.map(Number).reverse().join(""),
        );
      }
    }
  });

  it("is what this version of Yosys does itself, but for the comparisons", async () => {
    const help = await runYosys(["tee -q -o help.txt help synth_ice40"], {}, kept);
    const text = new TextDecoder().decode(help.files["help.txt"]);
    const [, coarse = ""] = /\n {4}coarse:\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const commands = coarse
      .split("\n")
      .filter((line) => !line.includes("if -dsp"))
      .map((line) => line.replace(/\[-no-rw-check\]/, "").trim());
    expect(commands).toEqual([...ICE40_COARSE]);
    expect(ice40Script("top", true).join("\n")).not.toContain("-dsp");
  });

  it("a mistake is Yosys' own error, a name that is none is refused", async () => {
    await expect(synthesizeIce40("module top(input a; endmodule", "top", kept)).rejects.toThrow(
      /^yosys: design\.v:1: syntax error/,
    );
    await expect(synthesizeIce40(LOGIC, "other", kept)).rejects.toThrow(/other/);
    await expect(synthesizeIce40(LOGIC, "top; delete", kept)).rejects.toThrow(InputError);
  });

  it("other families are counted", async () => {
    const ecp5 = await synthesizeFamily(LOGIC, "top", "ecp5", kept);
    expect(ecp5).toMatchObject({ dsp: 1, blockRam: 0 });
    expect(ecp5.flipFlops).toBeGreaterThan(25);
    const large = await synthesizeFamily(LOGIC, "top", "ultrascale-plus", kept);
    expect(large).toMatchObject({ dsp: 1, blockRam: 0 });
    expect(large.luts).toBeGreaterThan(1);
  });
});

describe("placeAndRoute()", () => {
  let synthesis: Synthesis;
  let placement: Placement;
  beforeAll(async () => {
    synthesis = await synthesizeIce40(
      "module top(input clk, input a, output reg [7:0] n); always @(posedge clk) n <= n + a; endmodule",
      "top",
      none,
    );
    placement = await placeAndRoute(synthesis.netlist, kept);
  });

  it("says what is used of what there is, and how fast each clock is", () => {
    const { utilisation, clocks } = placement.report;
    expect(utilisation.ICESTORM_LC?.available).toBe(5280);
    expect(utilisation.ICESTORM_LC?.used).toBeGreaterThanOrEqual(8);
    expect(utilisation.SB_IO?.used).toBe(10);
    expect(clocks.map(({ net }) => net)).toEqual(["clk"]);
  });

  it("the same seed gives the same bits, another one others", async () => {
    const again = await placeAndRoute(synthesis.netlist, { ...none, seed: 1 });
    const other = await placeAndRoute(synthesis.netlist, { ...kept, seed: 2 });
    expect(again.asc).toBe(placement.asc);
    expect(other.asc).not.toBe(placement.asc);
  });

  it("the bitstream unpacked again is the placed design", async () => {
    const bitstream = await pack(placement.asc);
    expect(bitstream.length).toBe(104_090);
    const sections = (asc: string): string[] =>
      asc
        .split(/^(?=\.)/m)
        .filter((part) => !/^\.(comment|sym)/.test(part) && /1/.test(part.replace(/^.*\n/, "")))
        .map((part) => part.trim())
        .sort();
    expect(sections(await unpack(bitstream))).toEqual(sections(placement.asc));
    await expect(pack("nonsense")).rejects.toThrow(ToolError);
  });

  it("pins are those that are asked for, and all are", async () => {
    const pins = [
      "clk 35",
      "a 10",
      ...Array.from({ length: 8 }, (_, i) => `n[${i}] ${[2, 46, 47, 45, 48, 3, 4, 44][i]}`),
    ];
    const pcf = pins.map((pin) => `set_io ${pin}\n`).join("");
    const placed = await placeAndRoute(synthesis.netlist, { ...kept, pcf });
    expect(placed.report.utilisation.SB_IO?.used).toBe(10);
    const some = placeAndRoute(synthesis.netlist, { ...kept, pcf: "set_io clk 35\n" });
    await expect(some).rejects.toThrow(/unconstrained/i);
    const wrong = placeAndRoute(synthesis.netlist, { ...kept, pcf: pcf.replace("clk 35", "clk 99") });
    await expect(wrong).rejects.toThrow(/99/);
  });

  it("a design that does not fit, and options out of range, are refused", async () => {
    const { netlist } = await synthesizeIce40(
      `module top(input clk, input [39:0] a, output reg [39:0] y); always @(posedge clk) y <= a; endmodule`,
      "top",
      none,
    );
    await expect(placeAndRoute(netlist, kept)).rejects.toThrow(
      /^nextpnr-ice40: Unable to find a placement location/,
    );
    await expect(placeAndRoute(synthesis.netlist, { ...kept, seed: -1 })).rejects.toThrow(InputError);
    await expect(placeAndRoute(synthesis.netlist, { ...kept, freqMHz: 0 })).rejects.toThrow(InputError);
  });
});

describe("timing", () => {
  it("without its corrections is the tool's own", async () => {
    for (const design of [LOGIC, mac({}), BLOCK_RAM]) {
      const { placement } = await clockOf(design);
      const [path] = longestPaths(parseSdf(placement.delays));
      const [tool] = placement.report.clocks;
      expect(path?.clock).toBe(tool?.net);
      expect(1000 / (path?.period ?? 0)).toBeCloseTo(tool?.megahertz ?? 0, 1);
      const last = path?.steps.at(-1)?.arrival ?? 0;
      expect(path?.steps.every(({ arrival }, i, steps) => i === 0 || arrival >= steps[i - 1]!.arrival)).toBe(
        true,
      );
      expect(path?.delay).toBeGreaterThan(last);
    }
  });

  it("a path out of a DSP block is two nanoseconds longer than the tool says", async () => {
    const { placement, clock } = await clockOf(mac({}));
    const [tool] = placement.report.clocks;
    if (clock.kind !== "known") throw new Error("the clock should be known");
    const [path] = clock.paths;
    expect(path?.from).toMatch(/_DSP$/);
    expect(path?.steps[0]?.arrival).toBe(2.12);
    const uncorrected = longestPaths(parseSdf(placement.delays))[0];
    expect(path?.period).toBeLessThanOrEqual((uncorrected?.period ?? 0) + 2.02 + 1e-9);
    expect(clock.megahertz).toBeLessThan(tool?.megahertz ?? 0);
    expect(clock.limitedBy).toBe(`the path ${path?.from} -> ${path?.to}`);
  });

  it.each([
    [{ A_REG: "1'b0" }, /m: A goes into the multiplier without a register \(A_REG is 0\)/],
    [{ NEG_TRIGGER: "1'b1" }, /m: it works at the falling edge/],
    [{ TOPOUTPUT_SELECT: "2'b00" }, /m: its upper output has no register \(TOPOUTPUT_SELECT is 0\)/],
    [{ BOTOUTPUT_SELECT: "2'b11", PIPELINE_16x16_MULT_REG2: "1'b0" }, /m: its lower output has no register/],
  ])(
    "registers that are off make the clock unknown, wherever they are placed: %j",
    async (parameters, reason) => {
      const { netlist } = await synthesizeIce40(mac(parameters), "top", kept);
      const clock = correctedClock('(DELAYFILE (SDFVERSION "3.0"))', netlist);
      expect(clock.kind === "unknown" ? clock.reasons.join() : clock.limitedBy).toMatch(reason);
    },
  );

  it("the data sheet has the last word", async () => {
    const slow = await clockOf(mac({ PIPELINE_16x16_MULT_REG1: "1'b0" }));
    expect(slow.clock).toMatchObject({ megahertz: 50, limitedBy: expect.stringMatching(/multiplier/) });
    const { clock, placement } = await clockOf(MEMORIES);
    if (clock.kind !== "known") throw new Error("the clock should be known");
    expect(clock.megahertz).toBeLessThanOrEqual(70);
    // The tool takes the clock to come to SPRAM earlier than to others; nothing is gained by that here.
    const [path] = longestPaths(parseSdf(placement.delays));
    expect(1000 / (path?.period ?? 0)).toBeLessThanOrEqual(
      (placement.report.clocks[0]?.megahertz ?? 0) + 0.05,
    );
  });
});

describe("registerPorts()", () => {
  it("leaves the unit's cells as they are, and needs three pins", async () => {
    const { netlist } = await synthesizeIce40(LOGIC, "top", kept);
    const before = topOf(parseNetlist(JSON.parse(netlist))).module;
    const after = topOf(parseNetlist(JSON.parse(registerPorts(netlist)))).module;
    expect(Object.keys(after.ports).sort()).toEqual(["clk", `${HARNESS}in`, `${HARNESS}out`]);
    const own = Object.entries(after.cells).filter(([name]) => !name.startsWith(HARNESS));
    expect(Object.fromEntries(own)).toEqual(before.cells);
  });

  it("every input can be set and every output is seen", async () => {
    const source = "module top(input [5:0] a, input [5:0] b, output [6:0] y); assign y = a + b; endmodule";
    const { netlist } = await synthesizeIce40(source, "top", kept);
    const module = circuitOf(parseNetlist(JSON.parse(registerPorts(netlist))));
    const seen = (bits: readonly number[]): bigint => {
      const simulation = new Interpreter(flatten(module));
      for (const bit of bits) {
        simulation.set(`${HARNESS}in`, BigInt(bit));
        simulation.step();
      }
      // The output register, and two levels of XOR.
      simulation.step();
      simulation.set(`${HARNESS}in`, 0n);
      simulation.step();
      simulation.step();
      return simulation.get(`${HARNESS}out`);
    };
    const order = topOf(parseNetlist(JSON.parse(netlist))).module.ports;
    expect(Object.keys(order)).toEqual(["a", "b", "y"]);
    for (const [a, b] of [
      [0, 0],
      [1, 0],
      [5, 9],
      [63, 1],
      [42, 21],
    ] as const) {
      const word = a | (b << 6);
      // The first bit goes furthest, to the last input; one more step brings the last one in.
      const bits = Array.from({ length: 12 }, (_, i) => (word >> (11 - i)) & 1);
      const sum = a + b;
      const parity = [...sum.toString(2)].filter((digit) => digit === "1").length % 2;
      expect(seen(bits), `${a} + ${b}`).toBe(BigInt(parity));
    }
  });
});
