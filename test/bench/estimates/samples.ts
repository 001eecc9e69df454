import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../models/package-root.ts";
import { addCounts, countCircuit } from "../../../src/estimate/counts.ts";
import { versionOf } from "../../../src/flow/cache.ts";
import { sourceOf } from "../../../src/flow/source.ts";
import { synthesizeIce40 } from "../../../src/flow/synthesize.ts";
import type { Sample } from "./fit.ts";
import { estimatedMachine, isHeldOut } from "./machines.ts";

/** What the fit rests on, so that it can be done again without synthesis. */
export interface SampleFile {
  readonly schema: "accel/estimate-samples@1";
  readonly tools: string;
  readonly samples: readonly Sample[];
}

const PATH = join(packageRoot(), "test", "bench", "data", "estimates.json");

export const readSamples = (): SampleFile => JSON.parse(readFileSync(PATH, "utf8"));

export const writeSamples = (samples: readonly Sample[]): void =>
  writeFileSync(
    PATH,
    `${JSON.stringify({ schema: "accel/estimate-samples@1", tools: synthesisTool(), samples } satisfies SampleFile, null, 2)}\n`,
  );

export const synthesisTool = (): string => `yosys ${versionOf("yosys")}`;

/** Synthesises a machine, which takes minutes where the cache does not have it. */
export async function synthesisedSample(index: number): Promise<Sample> {
  const { what, module } = estimatedMachine(index);
  const { text, top, data } = sourceOf(module);
  const { cells } = await synthesizeIce40(text, top, { data });
  const { lut4, flipFlops, carries, dsp, blockRam, spram } = cells;
  const synthesised = { lut4, flipFlops, carries, dsp, blockRam, spram };
  const counts = addCounts(countCircuit(module));
  return { index, what, heldOut: isHeldOut(index), synthesised, counts };
}

/** The same sample with what is counted in the circuit as it is described now. */
export function recounted(sample: Sample): Sample {
  const { what, module } = estimatedMachine(sample.index);
  return { ...sample, what, counts: addCounts(countCircuit(module)) };
}
