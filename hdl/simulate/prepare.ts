import type { Module } from "../builder/graph.ts";
import type { FlatDesign, FlatSignal } from "./flat.ts";
import { flatten } from "./flatten.ts";
import { optimise } from "./optimise.ts";
import { split } from "./split.ts";

/** A module as the compiled simulation takes it: ports and the signals in `keep` can be seen, with no more than that takes. */
export function prepare(module: Module, keep: (signal: FlatSignal) => boolean): FlatDesign {
  return split(optimise(flatten(module), keep), { signals: keep, memories: () => false });
}
