import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasIcarus, hasVerilator, inFolder, mustRun, runProgram, succeeded } from "../flow/native-tools.ts";
import { buildVerilated } from "../flow/verilator.ts";
import type { TestBench } from "./test-bench.ts";
import type { VectorPort } from "./vectors.ts";

export const SIMULATORS = ["Icarus", "Verilator"] as const;
export type NativeSimulator = (typeof SIMULATORS)[number];

/** What a native simulator said of a circuit. */
export type NativeRun =
  | {
      readonly kind: "equal";
      readonly cycles: number /** Cycles in which an output had unknown bits. */;
      readonly unknown: number;
    }
  | {
      readonly kind: "different";
      readonly cycle: number;
      readonly output: string;
      readonly expected: bigint;
      readonly got: string;
    }
  | { readonly kind: "missing"; readonly why: string };

/** Longest run of a simulator. */
const TIMEOUT = 45 * 60_000;

/** Runs a test bench in a simulator on the PATH. */
export async function runNative(simulator: NativeSimulator, bench: TestBench): Promise<NativeRun> {
  if (simulator === "Icarus" && !hasIcarus())
    return { kind: "missing", why: "iverilog and vvp are not on the PATH" };
  if (simulator === "Verilator" && !hasVerilator())
    return { kind: "missing", why: "verilator and g++ are not on the PATH" };
  return inFolder(async (folder) => {
    for (const { name, text } of [...bench.sources, ...bench.data]) await writeFile(join(folder, name), text);
    const output = simulator === "Icarus" ? await inIcarus(bench, folder) : await inVerilator(bench, folder);
    return resultOf(output, bench.vectors.outputs);
  });
}

async function inIcarus({ sources }: TestBench, folder: string): Promise<string> {
  const names = sources.map(({ name }) => name);
  const run = { folder, timeout: TIMEOUT };
  await mustRun("iverilog", ["-g2005", "-s", "run", "-o", "bench.vvp", ...names], run);
  return mustRun("vvp", ["-n", "bench.vvp"], run);
}

async function inVerilator({ sources, top }: TestBench, folder: string): Promise<string> {
  const names = sources.map(({ name }) => name).filter((name) => name !== "run.v");
  const main = `#include "V${top}.h"
#include "verilated.h"
double sc_time_stamp() { return 0; }
int main() {
  V${top} bench;
  bench.clock = 0;
  bench.eval();
  while (!bench.done) {
    bench.clock = !bench.clock;
    bench.eval();
  }
  bench.final();
}
`;
  const program = await buildVerilated(top, names, main, { folder, timeout: TIMEOUT, optimise: "-O1" });
  return succeeded(await runProgram(program, [], { folder, timeout: TIMEOUT }), "the simulation");
}

function resultOf(output: string, ports: readonly VectorPort[]): NativeRun {
  const equal = /^equal cycles (\d+) unknown (\d+)/m.exec(output);
  if (equal !== null) return { kind: "equal", cycles: Number(equal[1]), unknown: Number(equal[2]) };
  const differs = /^difference cycle (\d+) got ([0-9a-fxzXZ]+) want ([0-9a-f]+)/m.exec(output);
  if (differs === null) throw new Error(`the test bench said nothing: ${output.slice(0, 2000)}`);
  const [, cycle = "0", got = "", want = ""] = differs;
  // Unknown bits were not compared.
  const unknown = BigInt(`0x${got.replaceAll(/[0-9a-f]/g, "0").replaceAll(/[xzXZ]/g, "f")}`);
  const value = BigInt(`0x${got.replaceAll(/[xzXZ]/g, "0")}`);
  const differing = (value ^ BigInt(`0x${want}`)) & ~unknown;
  let at = 0n;
  for (const { name, width } of ports) {
    const mask = (1n << BigInt(width)) - 1n;
    if (((differing >> at) & mask) !== 0n)
      return {
        kind: "different",
        cycle: Number(cycle),
        output: name,
        expected: (BigInt(`0x${want}`) >> at) & mask,
        got: `${(value >> at) & mask}`,
      };
    at += BigInt(width);
  }
  return { kind: "different", cycle: Number(cycle), output: "an output", expected: 0n, got };
}
