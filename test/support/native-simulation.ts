import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inFolder, mustRun, runProgram, succeeded, tail } from "../../src/flow/native-tools.ts";
import { buildVerilated } from "../../src/flow/verilator.ts";

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export async function writeAll(folder: string, files: readonly SourceFile[]): Promise<string[]> {
  for (const { name, text } of files) await writeFile(join(folder, name), text);
  return files.map(({ name }) => name);
}

/** A port of a module under test; pins are not supported. */
export interface BenchPort {
  readonly name: string;
  readonly width: number;
}

/** Values of input ports, clocks among them, and what comes out once all has settled. */
export interface Step {
  /** By name, as integers; negative ones in two's complement. A port that is not named keeps its value; it begins with 0. */
  readonly set: ReadonlyMap<string, bigint>;
  /** Whether the outputs are wanted. */
  readonly sample: boolean;
}

/** A Verilog module, and what is done with its ports. */
export interface Bench {
  readonly module: string;
  readonly inputs: readonly BenchPort[];
  readonly outputs: readonly BenchPort[];
  readonly steps: readonly Step[];
}

/** Outputs of the steps that are sampled: bits as an unsigned number, null where some are unknown (x or z). */
export type Trace = readonly ReadonlyMap<string, bigint | null>[];

export interface SimulateOptions {
  /** Milliseconds for each program that is run; 120,000 if not given. */
  readonly timeout?: number;
  /** Of the C++ compiler, for Verilator: `-O0` if not given, for tests that compile longer than they run. */
  readonly optimise?: string;
}

/**
 * Simulates modules in Icarus, all of them in one program: starting costs more than running.
 * @param files Verilog and data files; those that end in `.v` are compiled
 */
export async function simulateInIcarus(
  files: readonly SourceFile[],
  benches: readonly Bench[],
  { timeout = 120_000 }: SimulateOptions = {},
): Promise<readonly Trace[]> {
  return inFolder(async (folder) => {
    const names = await writeAll(folder, [...files, ...benchFiles(benches)]);
    const driver = `
module icarus_driver;
  reg tick = 1'b0;
  native_benches benches (.tick (tick));
  initial begin
    repeat (${2 * stepCount(benches)}) #1 tick = !tick;
    #1 $finish;
  end
endmodule
`;
    await writeAll(folder, [{ name: "icarus_driver.v", text: driver }]);
    const sources = [...names.filter(isVerilog), "icarus_driver.v"];
    const args = ["-g2005", "-s", "icarus_driver", "-o", "benches.vvp", ...sources];
    await mustRun("iverilog", args, { folder, timeout });
    return tracesOf(benches, await mustRun("vvp", ["-n", "benches.vvp"], { folder, timeout }));
  });
}

/** Simulates modules in Verilator, all of them in one program. Unknown bits are zero there. */
export async function simulateInVerilator(
  files: readonly SourceFile[],
  benches: readonly Bench[],
  { timeout = 120_000, optimise = "-O0" }: SimulateOptions = {},
): Promise<readonly Trace[]> {
  return inFolder(async (folder) => {
    const names = await writeAll(folder, [...files, ...benchFiles(benches)]);
    const main = `#include "Vnative_benches.h"
#include "verilated.h"
double sc_time_stamp() { return 0; }
int main() {
  Vnative_benches benches;
  benches.tick = 0;
  benches.eval();
  for (long i = 0; i < ${2 * stepCount(benches)}; i++) {
    benches.tick = !benches.tick;
    benches.eval();
  }
  benches.final();
}
`;
    const sources = names.filter(isVerilog);
    const program = await buildVerilated("native_benches", sources, main, { folder, timeout, optimise });
    return tracesOf(benches, succeeded(await runProgram(program, [], { folder, timeout }), "the simulation"));
  });
}

const isVerilog = (name: string): boolean => name.endsWith(".v");
const stepCount = (benches: readonly Bench[]): number =>
  Math.max(0, ...benches.map(({ steps }) => steps.length));

/** A module that holds all benches: with each rising `tick` their inputs change, with each falling one outputs are shown. */
function benchFiles(benches: readonly Bench[]): SourceFile[] {
  const instances = benches.map((_, i) => `  native_bench_${i} bench_${i} (.tick (tick));`);
  const all = `module native_benches (input wire tick);\n${instances.join("\n")}\nendmodule\n`;
  return [...benches.flatMap((bench, i) => benchOf(bench, i)), { name: "native_benches.v", text: all }];
}

function benchOf({ module, inputs, outputs, steps }: Bench, index: number): SourceFile[] {
  const values = new Map(inputs.map(({ name }) => [name, 0n]));
  const rows = steps.map(({ set, sample }) => {
    for (const [name, value] of set) {
      if (!values.has(name)) throw new Error(`${module} has no input ${name}`);
      values.set(name, value);
    }
    const words = inputs.map(({ name, width }) => bits(values.get(name) ?? 0n, width));
    return (sample ? "1" : "0") + words.join("");
  });
  const first = steps[0]?.set ?? new Map<string, bigint>();
  const width = 1 + inputs.reduce((sum, port) => sum + port.width, 0);
  const range = (port: BenchPort): string => `[${port.width - 1}:0]`;
  const pins = [
    ...inputs.map(({ name }) => `.${name} (in_${name})`),
    ...outputs.map(({ name }) => `.${name} (out_${name})`),
  ];
  const shown = outputs.length === 0 ? "1'b0" : `{${outputs.map(({ name }) => `out_${name}`).join(", ")}}`;
  // Inputs begin with what the first step sets, so that it makes no clock edge.
  const text = `module native_bench_${index} (input wire tick);
${inputs.map((port) => `  reg ${range(port)} in_${port.name} = ${port.width}'b${bits(first.get(port.name) ?? 0n, port.width)};`).join("\n")}
${outputs.map((port) => `  wire ${range(port)} out_${port.name};`).join("\n")}
  ${module} under_test (${pins.join(", ")});
  reg [${width - 1}:0] steps [0:${Math.max(1, steps.length) - 1}];
  integer next = 0;
  reg sample = 1'b0;
  initial $readmemb("native_bench_${index}.bin", steps);
  always @(posedge tick)
    if (next < ${steps.length}) begin
      {${["sample", ...inputs.map(({ name }) => `in_${name}`)].join(", ")}} = steps[next];
      next = next + 1;
    end else sample = 1'b0;
  always @(negedge tick)
    if (sample) $display("bench ${index} %b", ${shown});
endmodule
`;
  return [
    { name: `native_bench_${index}.v`, text },
    {
      name: `native_bench_${index}.bin`,
      text: `${rows.length === 0 ? "0".repeat(width) : rows.join("\n")}\n`,
    },
  ];
}

const bits = (value: bigint, width: number): string =>
  BigInt.asUintN(width, value).toString(2).padStart(width, "0");

function tracesOf(benches: readonly Bench[], output: string): readonly Trace[] {
  const traces = benches.map((): ReadonlyMap<string, bigint | null>[] => []);
  for (const [, index = "", text = ""] of output.matchAll(/^bench (\d+) ([01xz]+)$/gm)) {
    const bench = benches[Number(index)];
    if (bench === undefined) throw new Error(`there is no bench ${index}`);
    let at = 0;
    const row = bench.outputs.map(({ name, width }) => {
      const word = text.slice(at, at + width);
      at += width;
      return [name, /[xz]/.test(word) ? null : BigInt(`0b${word}`)] as const;
    });
    traces[Number(index)]?.push(new Map(row));
  }
  for (const [i, { steps, module }] of benches.entries()) {
    const wanted = steps.filter(({ sample }) => sample).length;
    if (traces[i]?.length !== wanted)
      throw new Error(`${traces[i]?.length} of ${wanted} samples of ${module}: ${tail(output)}`);
  }
  return traces;
}
