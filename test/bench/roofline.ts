import { performance } from "node:perf_hooks";
import { openShape } from "../../models/shapes/library.ts";
import { rooflineDeviceNamed } from "../../src/roofline/resolve-device.ts";
import { predict } from "../../src/roofline/scenario.ts";

const SCENARIO = {
  weights: "w4g128",
  sparsity: "dense",
  batch: 1,
  context: 2048,
  newTokens: 128,
  keysAndValuesBits: 8,
  activationBits: null,
  flashAttention: true,
  tensorParallel: 1,
};

/** What the report's page computes for each entry when a control is moved: the best of several runs. */
export function timeRoofline(): void {
  const { shape } = openShape("llama-2-7b");
  for (const name of ["a100-80g", "u280"]) {
    const device = rooflineDeviceNamed(name);
    let best = Infinity;
    for (let run = 0; run < 10; run++) {
      const start = performance.now();
      predict(shape, device, SCENARIO);
      best = Math.min(best, performance.now() - start);
    }
    console.log(`${`roofline of a LLaMA-2-7B answer on ${name}`.padEnd(58)} ${best.toFixed(1)} ms`);
  }
}
