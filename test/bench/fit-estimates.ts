import { writeFileSync } from "node:fs";
import { type Calibration, calibrationPath, KINDS, type Kind } from "../../src/estimate/calibration.ts";
import { calibrated } from "../../src/estimate/estimate.ts";
import { closeTools } from "../../src/flow/tool.ts";
import { fitTo, residualsOf, type Sample, spreadOf } from "./estimates/fit.ts";
import { MACHINES } from "./estimates/machines.ts";
import {
  readSamples,
  recounted,
  synthesisedSample,
  synthesisTool,
  writeSamples,
} from "./estimates/samples.ts";

/**
 * Fits estimates of cells to machines that were synthesised, and prints how far they are from the machines that the fit did
 * not see, as `docs/validation.md` shows it. `--write`: keeps the calibration. `--synthesise`: synthesises all machines
 * first, which takes about an hour; otherwise what synthesis gave is taken from `test/bench/data/estimates.json`.
 */
const HOW =
  "npm run estimates -- --write: non-negative least squares on relative errors over the fitted machines of test/bench/data/estimates.json; every third machine is held out";

async function samplesOf(synthesises: boolean): Promise<readonly Sample[]> {
  if (!synthesises) return readSamples().samples.map(recounted);
  const samples: Sample[] = [];
  try {
    for (let index = 0; index < MACHINES; index++) {
      console.error(`machine ${index + 1} of ${MACHINES}`);
      samples.push(await synthesisedSample(index));
    }
  } finally {
    closeTools();
  }
  return samples;
}

const percent = (error: number): string => `${error < 0 ? "-" : "+"}${(100 * Math.abs(error)).toFixed(1)} %`;
const row = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
const TITLES: Readonly<Record<Kind, string>> = {
  lut4: "LUT4",
  flipFlops: "flip-flops",
  carries: "carries",
  dsp: "SB_MAC16",
  blockRam: "block RAMs",
  spram: "SPRAMs",
};

function print(samples: readonly Sample[], calibration: Calibration): void {
  const { machines, lut4, carries, tools, spread } = calibration;
  const factors = [lut4.logic, lut4.sums, carries].map((factor) => factor.toFixed(3));
  console.log(
    `${machines.fitted} machines fitted, ${machines.heldOut} held out; ${tools}. A table of logic counts ${factors[0]}, one of a sum ${factors[1]}, a carry ${factors[2]}.\n`,
  );
  const sets = [
    { title: "held out", of: samples.filter(({ heldOut }) => heldOut), spread },
    { title: "fitted", of: samples.filter(({ heldOut }) => !heldOut), spread: null },
  ];
  console.log(row(["machines", "", ...KINDS.map((kind) => TITLES[kind])]));
  console.log(row(["---", "---", ...KINDS.map(() => "---:")]));
  for (const { title, of, spread: known } of sets) {
    const found = known ?? spreadOf(of, calibration);
    console.log(row([`${title}, ${of.length}`, "mean", ...KINDS.map((kind) => percent(found[kind].mean))]));
    const largest = KINDS.map((kind) => `${(100 * found[kind].largest).toFixed(1)} %`);
    console.log(row(["", "largest", ...largest]));
  }
  console.log(`\n${row(["machine", "LUT4", "estimated", "error", "flip-flops", "estimated", "error"])}`);
  console.log(row(["---", "---:", "---:", "---:", "---:", "---:", "---:"]));
  for (const sample of [...sets.flatMap(({ of }) => of)]) {
    const estimated = calibrated(sample.counts, calibration);
    const errors = residualsOf(sample, calibration);
    const pair = (kind: "lut4" | "flipFlops"): string[] => [
      sample.synthesised[kind].toLocaleString("en-US"),
      estimated[kind].toLocaleString("en-US"),
      percent(errors[kind]),
    ];
    const name = `${sample.heldOut ? "**held out** " : ""}${sample.what}`;
    console.log(row([name, ...pair("lut4"), ...pair("flipFlops")]));
  }
}

async function main(options: readonly string[]): Promise<void> {
  const synthesises = options.includes("--synthesise");
  const samples = await samplesOf(synthesises);
  const fit = fitTo(samples);
  const heldOut = samples.filter((sample) => sample.heldOut);
  const calibration: Calibration = {
    schema: "accel/estimate-calibration@1",
    how: HOW,
    tools: synthesises ? synthesisTool() : readSamples().tools,
    machines: { fitted: samples.length - heldOut.length, heldOut: heldOut.length },
    ...fit,
    spread: spreadOf(heldOut, fit),
  };
  print(samples, calibration);
  if (!options.includes("--write")) return;
  writeSamples(samples);
  writeFileSync(calibrationPath(), `${JSON.stringify(calibration, null, 2)}\n`);
}

await main(process.argv.slice(2));
