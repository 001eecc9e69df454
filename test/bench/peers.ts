import { performance } from "node:perf_hooks";
import { timedShape } from "../../models/shapes/timed.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { LaunchTiming } from "../../src/experiment/launch-timing.ts";
import { packagedFormats } from "../../src/experiment/shape-formats.ts";

/** What simulators of the same layers need, measured on two shared cores of a Xeon at 2.5 GHz; quoted. */
const PEERS = [
  { name: "SCALE-Sim v3, a layer's matrices, 128 x 128, one token", layers: 1, cpuSeconds: 1850 },
  { name: "ONNXim, a layer, 128 x 128, one token at context 128", layers: 1, cpuSeconds: 177.5 },
] as const;

const CONTEXT = 128;
const PROMPT = 128;
const ANSWER = 512;

const cpuSeconds = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** A LLaMA-2-7B on FlightLLM's machine: a token, a whole answer, and how much longer others take for a layer of it. */
export function comparePeers(): void {
  const shape = timedShape("llama-2-7b");
  const machine = machineFrom("u280-flightllm");
  const formats = packagedFormats(machine.package!, 8);
  const start = performance.now();
  const timing = new LaunchTiming(shape, machine, formats, PROMPT + ANSWER);
  const compiled = performance.now();
  timing.decode(CONTEXT);
  const first = performance.now();
  const runs = 50;
  for (let i = 0; i < runs; i++) timing.decode(CONTEXT + i);
  const token =
    cpuSeconds(() => {
      for (let i = 0; i < runs; i++) timing.decode(CONTEXT + i);
    }) / runs;
  const answer = performance.now();
  timing.prefillMs(PROMPT);
  for (let i = 1; i <= ANSWER; i++) timing.decode(PROMPT + i);
  const done = performance.now();
  const show = (what: string, value: string): void => console.log(`${what.padEnd(58)} ${value}`);
  show("llama-2-7b on u280-flightllm, compile", `${(compiled - start).toFixed(0)} ms`);
  show("  the first token, all launches cut", `${(first - compiled).toFixed(0)} ms`);
  show(`  a token at context ${CONTEXT}`, `${(1e3 * token).toFixed(1)} ms of CPU`);
  show(`  a prompt of ${PROMPT} and ${ANSWER} tokens`, `${((done - answer) / 1e3).toFixed(2)} s`);
  for (const { name, layers, cpuSeconds: seconds } of PEERS) {
    const ratio = seconds / ((token * layers) / shape.layers);
    show(
      `  ${name}`,
      `${seconds} CPU s (quoted): ${Math.round(ratio).toLocaleString("en-US")} times as long`,
    );
  }
}
