import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Module } from "../../hdl/builder/graph.ts";
import { simulate } from "../../hdl/simulate/index.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import {
  hasIcarus,
  hasVerilator,
  inFolder,
  mustRun,
  runProgram,
  succeeded,
} from "../../src/flow/native-tools.ts";
import { macArray } from "./designs/mac-array.ts";
import { matrixLoop } from "./designs/matrix.ts";
import { uartEcho } from "./designs/uart-echo.ts";

/**
 * The compiled simulation beside Verilator (-O3, one thread, g++ -O3) and Icarus: the same Verilog, the same inputs in
 * every cycle, all outputs of all cycles compared. Times are wall times of this run.
 */
const CYCLES = 1_000_000;
const ROUNDS = 5;

export interface Design {
  readonly name: string;
  readonly make: () => Module;
  /** Cycles that Icarus is asked for: it is far slower. */
  readonly icarusCycles: number;
}

const DESIGNS: readonly Design[] = [
  { name: "64 int8 multiply-accumulates with memories", make: () => macArray(64), icarusCycles: 5_000 },
  { name: "UART, echoing bytes", make: uartEcho, icarusCycles: 100_000 },
  { name: "matrix unit, 64 lanes, three formats", make: matrixLoop, icarusCycles: 2_000 },
];

/** Values of every input but the clock, in each cycle: reset for two of them, then random. */
function stimulus(module: Module, cycles: number): Map<string, Int32Array | Uint32Array> {
  let state = 0x9e3779b9;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const values = new Map<string, Int32Array | Uint32Array>();
  for (const { name, type } of module.inputs) {
    if (type.width > 32) throw new Error(`${name} is wider than 32 bits`);
    const places = 32 - type.width;
    values.set(
      name,
      type.signed
        ? Int32Array.from({ length: cycles }, () => (next() | 0) >> places)
        : Uint32Array.from({ length: cycles }, () => next() >>> places),
    );
  }
  for (const { reset } of module.resets)
    values.set(
      reset,
      Uint32Array.from({ length: cycles }, (_, i) => (i < 2 ? 1 : 0)),
    );
  return values;
}

/** Cycles after which nothing is left of what stood in registers and memories at power-up. */
const SETTLED = 64;

/** A number that depends on every output of every cycle, once all is settled. */
function checksum(columns: readonly ArrayLike<number>[], cycles: number): number {
  let sum = 1;
  for (let cycle = SETTLED; cycle < cycles; cycle++)
    for (const column of columns) sum = (Math.imul(sum, 31) + column[cycle]!) | 0;
  return sum >>> 0;
}

const compared = (module: Module): string[] => module.outputs.map(({ name }) => name);

interface Measured {
  /** From the source text's change to the result of all cycles, in seconds. */
  readonly editToResult: number;
  /** The fastest of some runs, in cycles a second. */
  readonly cyclesPerSecond: number;
  readonly checksum: number;
}

function ours({ make }: Design): Measured {
  const started = performance.now();
  const module = make();
  const inputs = stimulus(module, CYCLES);
  const prepared = performance.now();
  const simulation = simulate(module);
  const capture = compared(module);
  const run = (): readonly ArrayLike<number>[] => {
    const played = simulation.play({ inputs: Object.fromEntries(inputs), capture });
    return capture.map((name) => played[name]!);
  };
  const first = checksum(run(), CYCLES);
  const editToResult = seconds(prepared);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, seconds(start));
  }
  return {
    editToResult: editToResult + (prepared - started) / 1000,
    cyclesPerSecond: CYCLES / best,
    checksum: first,
  };
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

/** Compiled with all the optimisation that both compilers have, for this very processor. */
async function verilator(module: Module, top: string, text: string, folder: string): Promise<Measured> {
  const inputs = [...stimulus(module, 1).keys()];
  const outputs = compared(module);
  await writeFile(join(folder, "design.v"), text);
  await writeFile(join(folder, "main.cpp"), verilatorMain(top, inputs, outputs));
  await writeStimulus(module, folder);
  const started = performance.now();
  const args = [
    "--cc",
    "--exe",
    "--build",
    "-O3",
    "-CFLAGS",
    "-O3 -march=native",
    "--top-module",
    top,
    "-Wno-fatal",
  ];
  await mustRun("verilator", [...args, "design.v", "main.cpp"], { folder, timeout: 600_000 });
  const run = await runProgram(join(folder, "obj_dir", `V${top}`), [String(CYCLES), "1"], {
    folder,
    timeout: 600_000,
  });
  const [, sum] = succeeded(run, "the model").trim().split(" ");
  const editToResult = seconds(started);
  const again = await runProgram(join(folder, "obj_dir", `V${top}`), [String(CYCLES), String(ROUNDS)], {
    folder,
    timeout: 600_000,
  });
  const [best] = succeeded(again, "the model").trim().split(" ");
  return { editToResult, cyclesPerSecond: CYCLES / Number(best), checksum: Number(sum) };
}

async function writeStimulus(module: Module, folder: string): Promise<void> {
  for (const [name, values] of stimulus(module, CYCLES))
    await writeFile(join(folder, `${name}.bin`), new Uint8Array(values.buffer));
}

/** Reads the inputs' values, runs them through a fresh model some times, and prints the best seconds and the checksum. */
function verilatorMain(top: string, inputs: readonly string[], outputs: readonly string[]): string {
  return `#include "V${top}.h"
#include "verilated.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>
static std::vector<uint32_t> column(const char* name, size_t cycles) {
  std::vector<uint32_t> values(cycles);
  FILE* file = fopen(name, "rb");
  if (!file || fread(values.data(), 4, cycles, file) != cycles) exit(1);
  fclose(file);
  return values;
}
int main(int, char** argv) {
  size_t cycles = atoi(argv[1]);
  int rounds = atoi(argv[2]);
${inputs.map((name) => `  auto in_${name} = column("${name}.bin", cycles);`).join("\n")}
${outputs.map((name) => `  std::vector<uint32_t> out_${name}(cycles);`).join("\n")}
  double best = 1e9;
  for (int round = 0; round < rounds; round++) {
    VerilatedContext context;
    V${top} top(&context);
    auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < cycles; i++) {
${inputs.map((name) => `      top.${name} = in_${name}[i];`).join("\n")}
      top.clock = 0;
      top.eval();
${outputs.map((name) => `      out_${name}[i] = top.${name};`).join("\n")}
      top.clock = 1;
      top.eval();
    }
    std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (taken.count() < best) best = taken.count();
  }
  uint32_t sum = 1;
  for (size_t i = ${SETTLED}; i < cycles; i++) {
${outputs.map((name) => `    sum = sum * 31 + out_${name}[i];`).join("\n")}
  }
  printf("%.9f %u\\n", best, sum);
}
`;
}

/** Cycles a second of Icarus; it runs a part of the cycles only, and its outputs are not gathered. */
async function icarus(module: Module, top: string, cycles: number, folder: string): Promise<number> {
  const inputs = module.inputs.map(({ name, type }) => `reg [${type.width - 1}:0] ${name} = 0;`);
  const resets = [...module.resets].map(({ reset }) => `reg ${reset} = 1;`);
  const ports = [...module.inputs.map(({ name }) => name), ...[...module.resets].map(({ reset }) => reset)];
  const bench = `module bench;
reg clock = 0; ${[...inputs, ...resets].join(" ")}
${top} top(.clock(clock)${ports.map((name) => `, .${name}(${name})`).join("")});
integer i;
initial begin
  for (i = 0; i < ${cycles}; i = i + 1) begin
    ${module.inputs.map(({ name }) => `${name} = $random;`).join(" ")}
    #1 clock = 1; #1 clock = 0;
    ${[...module.resets].map(({ reset }) => `if (i == 1) ${reset} = 0;`).join(" ")}
  end
  $finish;
end
endmodule
`;
  await writeFile(join(folder, "bench.v"), bench);
  await mustRun("iverilog", ["-g2005", "-o", "bench.vvp", "design.v", "bench.v"], { folder });
  const start = performance.now();
  await mustRun("vvp", ["bench.vvp"], { folder, timeout: 600_000 });
  return cycles / seconds(start);
}

const millions = (rate: number): string => `${(rate / 1e6).toPrecision(3)} Mcycles/s`;

/** Prints the table. Without the tools it says what it cannot compare with. */
export async function compareSimulators(designs: readonly Design[] = DESIGNS): Promise<void> {
  console.log(`\nSimulation of circuits, ${CYCLES.toLocaleString("en")} cycles, the best of ${ROUNDS} runs`);
  // An edit is made where the tools are running already.
  ours({ name: "warm-up", make: uartEcho, icarusCycles: 0 });
  for (const design of designs) {
    const here = ours(design);
    console.log(`${design.name}`);
    console.log(
      `  compiled here  ${millions(here.cyclesPerSecond)}, from edit to result ${here.editToResult.toFixed(2)} s`,
    );
    const module = design.make();
    const { text, tops } = writeVerilog(module);
    const top = tops[0]!.moduleName;
    await inFolder(async (folder) => {
      if (!hasVerilator()) return console.log("  Verilator is not on this machine: not compared");
      const there = await verilator(module, top, text, folder);
      console.log(
        `  Verilator -O3  ${millions(there.cyclesPerSecond)}, from edit to result ${there.editToResult.toFixed(2)} s`,
      );
      const equal =
        there.checksum === here.checksum ? "all outputs of all cycles are equal" : "OUTPUTS DIFFER";
      const faster = here.cyclesPerSecond / there.cyclesPerSecond;
      const sooner = there.editToResult / here.editToResult;
      console.log(
        `  ratio          ${faster.toFixed(2)}x the cycles a second, ${sooner.toFixed(1)}x sooner from edit to result; ${equal}`,
      );
      if (!hasIcarus()) return console.log("  Icarus is not on this machine: not compared");
      const icarusRate = await icarus(module, top, design.icarusCycles, folder);
      console.log(
        `  Icarus         ${millions(icarusRate)}: ${Math.round(here.cyclesPerSecond / icarusRate)}x`,
      );
    });
  }
}
