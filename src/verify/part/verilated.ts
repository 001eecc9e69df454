import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Netlist, topOf } from "../../../hdl/netlist/json.ts";
import { CellParameters } from "../../../hdl/netlist/parameters.ts";
import type { CacheOptions } from "../../flow/cache.ts";
import { hasVerilator, inFolder, runProgram, succeeded } from "../../flow/native-tools.ts";
import { buildVerilated } from "../../flow/verilator.ts";
import { runYosys, textFile } from "../../flow/yosys.ts";
import { type PinComparison, pinOutputs, SETTLING } from "./compare.ts";
import { TraceLayout } from "./layout.ts";
import type { PinTrace } from "./recording.ts";

/** Longest run of the simulator. */
const TIMEOUT = 45 * 60_000;

/**
 * The same comparison as `comparePins`, of a netlist of library cells in Verilator, with Yosys' own models of the cells
 * (`ice40/cells_sim.v`). Null where Verilator is not there.
 */
export async function comparePinsInVerilator(
  netlist: Netlist,
  trace: PinTrace,
  options: CacheOptions = {},
): Promise<PinComparison | null> {
  if (!hasVerilator()) return null;
  const { name: top } = topOf(netlist);
  const yosys = ["read_json netlist.json", `hierarchy -top ${top}`, "write_verilog -noattr netlist.v"];
  const written = await runYosys(yosys, { "netlist.json": JSON.stringify(netlist) }, options);
  const pins = pinsOf(netlist);
  const layout = layoutOf(netlist, trace, pins);
  const { compared, missing } = layout;
  return inFolder(async (folder) => {
    const sources = {
      "bench.v": benchText(netlist, layout, pins),
      "netlist.v": textFile(written, "netlist.v"),
      "cells.v": await cellModels(),
    };
    for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
    await writeFile(join(folder, "trace.bin"), bytesOf(trace));
    const flags = ["-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-DICE40_U"];
    const run = { folder, timeout: TIMEOUT };
    const main = mainText(layout, trace.cycles);
    const program = await buildVerilated("bench", Object.keys(sources), main, {
      ...run,
      optimise: "-O1",
      flags,
    });
    const output = succeeded(await runProgram(program, [], run), "the simulation");
    const [, cycles, half, expected, got] =
      /^(?:equal|different) (\d+) (\d) (\d+) (\d+)$/m.exec(output)?.map(Number) ?? [];
    if (cycles === undefined || expected === undefined || got === undefined)
      throw new Error(`the simulation said nothing: ${output.slice(0, 2000)}`);
    const difference = layout.difference(expected, got, cycles, half === 2 ? "second" : "first");
    return { compared, missing, cycles, difference };
  });
}

/** A pin of a netlist's port, and where its cell says that it drives it. */
interface Pin {
  readonly name: string;
  /** Verilog: what the cell would put there, and whether it does. */
  readonly out: string;
  readonly enable: string;
}

function pinsOf(netlist: Netlist): Pin[] {
  const { module } = topOf(netlist);
  const ports = Object.entries(module.ports).filter(([, { direction }]) => direction === "inout");
  return ports.map(([name, { bits }]) => {
    const cells = Object.entries(module.cells);
    const found = cells.find(([, { connections }]) => connections.PACKAGE_PIN?.[0] === bits[0]);
    if (found === undefined) throw new RangeError(`pin ${name} has no cell`);
    const [cell, { parameters }] = found;
    const type = new CellParameters(parameters, cell).integer("PIN_TYPE", 0) >> 4;
    const inside = (signal: string): string => `part.\\${cell} .${signal}`;
    const enable = ["1'b0", "1'b1", inside("OUTPUT_ENABLE"), inside("outena_q")][type] ?? "1'b0";
    return { name, out: inside("dout"), enable };
  });
}

const RGB = ["RGB0", "RGB1", "RGB2"] as const;

function layoutOf(netlist: Netlist, trace: PinTrace, pins: readonly Pin[]): TraceLayout {
  const { ports, cells } = topOf(netlist).module;
  // Yosys' model of a current sink has no behaviour.
  const sinks = Object.values(cells).filter(({ type }) => type === "SB_RGBA_DRV");
  const sunk = new Set(sinks.flatMap(({ connections }) => RGB.flatMap((port) => connections[port] ?? [])));
  const outputs = Object.entries(ports).filter(
    ([, { direction, bits }]) => direction === "output" && !bits.some((bit) => sunk.has(bit)),
  );
  const names = [...outputs.map(([name]) => name), ...pins.flatMap(({ name }) => pinOutputs(name))];
  return new TraceLayout(
    trace,
    new Set(names),
    pins.map(({ name }) => name),
  );
}

function benchText(netlist: Netlist, layout: TraceLayout, pins: readonly Pin[]): string {
  const { name: top, module } = topOf(netlist);
  const outputs = new Map(
    pins.flatMap(({ name, out, enable }) => [
      [`${name}_out`, out],
      [`${name}_enable`, enable],
    ]),
  );
  const connections = Object.entries(module.ports).map(([name, { direction }]): string => {
    if (direction !== "input") return `.${name}(${name})`;
    return `.${name}(${name === "rx" ? "rx" : name === "reset" ? "restart" : "clock"})`;
  });
  const wires = Object.entries(module.ports).flatMap(([name, { direction, bits }]) =>
    direction === "input" ? [] : [`  wire [${bits.length - 1}:0] ${name};`],
  );
  const drivers = pins.map(({ name, enable }) => {
    const line = /^flash_data_([0-3])$/.exec(name)?.[1];
    return line === undefined ? "" : `  assign ${name} = ${enable} ? 1'bz : lines[${line}];`;
  });
  const all = layout.outputs.map(({ name, width }) =>
    layout.missing.includes(name) ? `${width}'b0` : (outputs.get(name) ?? name),
  );
  return `\`timescale 1ns / 1ps
module bench (input clock, input restart, input rx, input [3:0] lines, output [31:0] all);
${wires.join("\n")}
  ${top} part (${connections.join(", ")});
${drivers.filter((text) => text !== "").join("\n")}
  assign all = {${all.toReversed().join(", ")}};
endmodule
`;
}

/** As in `hdl/primitives/ice40/pll40.ts`: the output is a clock like the reference, and LOCK comes 8 cycles after RESETB. */
const pllModel = (name: string, reference: string): string => `module ${name} (
  input ${reference}, input RESETB, input BYPASS, output PLLOUTCORE, output PLLOUTGLOBAL, output LOCK
);
  parameter FEEDBACK_PATH = "SIMPLE";
  parameter PLLOUT_SELECT = "GENCLK";
  parameter DELAY_ADJUSTMENT_MODE_FEEDBACK = "FIXED";
  parameter DELAY_ADJUSTMENT_MODE_RELATIVE = "FIXED";
  parameter DIVR = 0, DIVF = 0, DIVQ = 0, FILTER_RANGE = 0, SHIFTREG_DIV_MODE = 0;
  parameter FDA_FEEDBACK = 0, FDA_RELATIVE = 0, ENABLE_ICEGATE = 0, TEST_MODE = 0;
  reg [7:0] settled = 0;
  always @(posedge ${reference}) settled <= {settled[6:0], RESETB};
  assign PLLOUTCORE = ${reference};
  assign PLLOUTGLOBAL = ${reference};
  assign LOCK = RESETB & settled[7];
endmodule`;

/** Cells that Yosys only names. The oscillator's clock is that of the bench. */
const NAMED_ONLY: Readonly<Record<string, string>> = {
  SB_HFOSC: `module SB_HFOSC (input CLKHFPU, input CLKHFEN, output CLKHF);
  parameter CLKHF_DIV = "0b00";
  parameter TRIM_EN = "0b0";
  assign CLKHF = bench.clock;
endmodule`,
  SB_PLL40_PAD: pllModel("SB_PLL40_PAD", "PACKAGEPIN"),
  SB_PLL40_CORE: pllModel("SB_PLL40_CORE", "REFERENCECLK"),
};

/** Yosys' models, but for a comparison with z that Verilator does not know: the pin's enable is always connected here. */
async function cellModels(): Promise<string> {
  const path = new URL("share/ice40/cells_sim.v", import.meta.resolve("@yowasp/yosys"));
  let text = (await readFile(fileURLToPath(path), "utf8")).replace(" || CLOCK_ENABLE === 1'bz", "");
  for (const [name, model] of Object.entries(NAMED_ONLY))
    text = text.replace(new RegExp(`^module ${name}\\b.*?^endmodule`, "ms"), model);
  return text;
}

/** All inputs in one byte a cycle, then the words. */
function bytesOf({ cycles, rx, restart, lines, first, second }: PinTrace): Uint8Array {
  const bytes = new Uint8Array(9 * cycles);
  for (let i = 0; i < cycles; i++)
    bytes[i] = (rx[i] ?? 0) | ((restart[i] ?? 0) << 1) | ((lines[i] ?? 0) << 2);
  const words = [first, second];
  for (const [at, word] of words.entries())
    bytes.set(new Uint8Array(word.buffer, word.byteOffset, word.byteLength), (1 + 4 * at) * cycles);
  return bytes;
}

const mainText = ({ always, enables }: TraceLayout, cycles: number): string => `#include "Vbench.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <vector>
double sc_time_stamp() { return 0; }
static bool differs(uint32_t expected, uint32_t got) {
  return ((expected ^ got) & (${always}u | ((expected & ${enables}u) >> 1))) != 0;
}
int main() {
  const size_t cycles = ${cycles};
  std::vector<uint8_t> inputs(cycles);
  std::vector<uint32_t> first(cycles), second(cycles);
  FILE* file = fopen("trace.bin", "rb");
  if (!file || fread(inputs.data(), 1, cycles, file) != cycles || fread(first.data(), 4, cycles, file) != cycles ||
      fread(second.data(), 4, cycles, file) != cycles)
    return 1;
  Vbench bench;
  for (size_t i = 0; i < cycles; i++) {
    bench.clock = 1;
    bench.eval();
    // Inputs change behind the edge.
    bench.rx = inputs[i] & 1;
    bench.restart = inputs[i] >> 1 & 1;
    bench.lines = inputs[i] >> 2 & 15;
    bench.eval();
    if (i >= ${SETTLING} && differs(first[i], bench.all))
      return printf("different %zu 1 %u %u\\n", i, first[i], bench.all), 0;
    bench.clock = 0;
    bench.eval();
    // The word of the second half stands in the cycle behind.
    if (i >= ${SETTLING} && i + 1 < cycles && differs(second[i + 1], bench.all))
      return printf("different %zu 2 %u %u\\n", i, second[i + 1], bench.all), 0;
  }
  printf("equal %zu 0 0 0\\n", cycles);
}
`;
