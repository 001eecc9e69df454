import type { Fpga } from "../devices/device.ts";
import type { FolderFile } from "../flow/write-folder.ts";
import type { Circuit } from "../verify/circuit.ts";
import { type Build, type BuildRequest, build } from "./build.ts";
import { buildEcp5, type Ecp5Build } from "./ecp5.ts";
import { buildFiles, ecp5Files } from "./files.ts";
import { ecp5Summary, ice40Summary, type Summary, type SummaryFacts } from "./summary.ts";

/** What a build has made, by the family of the board's part. */
export type Outcome =
  | { readonly kind: "ice40"; readonly build: Build }
  | { readonly kind: "ecp5"; readonly build: Ecp5Build };

/** @throws as `build` and `buildEcp5` */
export async function buildFor(family: Fpga["family"], request: BuildRequest): Promise<Outcome> {
  return family === "ecp5"
    ? { kind: "ecp5", build: await buildEcp5(request) }
    : { kind: "ice40", build: await build(request) };
}

export const outcomeFiles = (circuit: Circuit, outcome: Outcome): FolderFile[] =>
  outcome.kind === "ecp5" ? ecp5Files(circuit, outcome.build) : buildFiles(circuit, outcome.build);

export const summaryOf = (outcome: Outcome, facts: SummaryFacts): Summary =>
  outcome.kind === "ecp5" ? ecp5Summary(outcome.build, facts) : ice40Summary(outcome.build, facts);
