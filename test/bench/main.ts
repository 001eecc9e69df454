import { performance } from "node:perf_hooks";
import { shapeNamed } from "../../models/shapes/library.ts";
import { greedy } from "../../sim/effects/effects.ts";
import { Simulator } from "../../sim/simulator.ts";
import { compile } from "../../src/compile/compile.ts";
import { planShape } from "../../src/compile/shape-plan.ts";
import { parseCompression } from "../../src/compress/spec.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { integerDecoder, LoadedModel } from "../../src/experiment/prepare.ts";
import { compareSimulators } from "./hardware.ts";
import { comparePeers } from "./peers.ts";
import { timeRoofline } from "./roofline.ts";

/** Times what the project promises to be fast. Ratios and rates of one run: machines differ and are shared. */
function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Seconds that `work` takes: the best and the median of `runs`, after one that does not count. */
function seconds(runs: number, work: () => void): { best: number; median: number } {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return (performance.now() - start) / 1000;
  });
  return { best: Math.min(...times), median: median(times) };
}

function report(name: string, unit: string, amount: number, time: { best: number; median: number }): void {
  const rate = (s: number): string => (amount / s).toPrecision(3);
  console.log(
    `${name.padEnd(58)} ${rate(time.best).padStart(9)} ${unit} at best, ${rate(time.median)} in the median`,
  );
}

function timing(
  model: string,
  machineName: string,
  sparsity: string,
  position: number,
  tokens: number,
): { simulator: Simulator; run: () => number } {
  const machine = machineFrom(machineName);
  const spec = parseCompression({ sparsity, weights: model === "llama-tiny" ? "w4g32" : "w4g128" });
  const format = { ...spec.weights, pattern: spec.pattern };
  const program = compile(planShape(shapeNamed(model), format, spec.head, 8), machine, {
    context: position + tokens,
  });
  const simulator = new Simulator(program, null);
  const run = (): number => {
    let cycles = 0;
    for (let i = 0; i < tokens; i++)
      cycles += simulator.run({ token: 0, position: position + i, sampler: greedy }).cycles;
    return cycles;
  };
  return { simulator, run };
}

console.log(`Node ${process.version}, ${process.arch}`);
for (const [machine, sparsity] of [
  ["up5k-flash", "2:4"],
  ["up5k-spram", "2:4"],
  ["generic-hbm", "dense"],
] as const) {
  const { run } = timing("llama-tiny", machine, sparsity, 10, 16);
  const cycles = run();
  report(`timing, llama-tiny ${sparsity} on ${machine}`, "Mcycles/s", cycles / 1e6, seconds(9, run));
}
for (const sparsity of ["dense", "2:4"]) {
  const { run } = timing("llama-2-7b", "generic-hbm", sparsity, 512, 1);
  const time = seconds(5, run);
  console.log(
    `${`timing, one llama-2-7b token ${sparsity} on generic-hbm`.padEnd(58)} ${time.best.toFixed(3)} s at best, ${time.median.toFixed(3)} s in the median`,
  );
}

const model = new LoadedModel("llama-tiny");
const { sequences } = model.texts.heldOut({ stories: 20, questions: 1, seed: 0 })!;
const tokens = sequences.reduce((sum, ids) => sum + ids.length, 0);
const decoder = integerDecoder(model.compress(parseCompression({ sparsity: "2:4" })).model);
report(
  "float decoder, llama-tiny, whole stories",
  "tokens/s",
  tokens,
  seconds(3, () => {
    for (const ids of sequences) model.float.start().extend(ids);
  }),
);
report(
  "integer decoder, llama-tiny 2:4, whole stories",
  "tokens/s",
  tokens,
  seconds(3, () => {
    for (const ids of sequences) decoder.start().extend(ids);
  }),
);
const compression = seconds(3, () => void model.compress(parseCompression({ sparsity: "2:4" })));
console.log(
  `${"compress llama-tiny, 2:4 and w4g32, second-order".padEnd(58)} ${compression.best.toFixed(2)} s at best, ${compression.median.toFixed(2)} s in the median`,
);

comparePeers();
timeRoofline();
await compareSimulators();
