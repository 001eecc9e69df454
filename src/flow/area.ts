import type { Module } from "../../hdl/builder/graph.ts";
import { InputError } from "../../models/errors.ts";
import type { CacheOptions } from "./cache.ts";
import type { Path } from "./longest-paths.ts";
import { type PlaceOptions, placeAndRoute } from "./nextpnr.ts";
import { registerPorts } from "./out-of-context.ts";
import { sourceOf } from "./source.ts";
import {
  type CellCounts,
  type Family,
  type FamilyCounts,
  type SynthesisOptions,
  synthesizeFamily,
  synthesizeIce40,
} from "./synthesize.ts";
import { type CorrectedClock, correctedClock } from "./timing.ts";

export interface AreaOptions extends SynthesisOptions, Omit<PlaceOptions, "pcf" | "seed"> {
  /** Seeds of the placer; the one with the fastest clock counts. Default [1]. */
  readonly seeds?: readonly number[];
}

/** What a unit takes on an iCE40 UP5K, and how fast it is. */
export interface Area extends CellCounts {
  /** Null where it cannot be told; `limitedBy` says why. Infinite for a unit whose outputs follow its inputs by nothing. */
  readonly clockMHz: number | null;
  /** The path, or the figure of the data sheet, that sets the clock. */
  readonly limitedBy: string;
  /** The longest path of the slowest clock. */
  readonly criticalPath: Path | null;
  /** The seed that gave this clock. */
  readonly seed: number;
}

/**
 * Synthesises, places and routes a module by itself, with its ports registered (`registerPorts`), so that paths from inputs
 * and to outputs count. The cells are the module's own; the clock is that of `correctedClock`.
 * @throws ToolError where the module does not fit the part
 */
export async function areaOf(module: Module, options: AreaOptions = {}): Promise<Area> {
  const { seeds = [1] } = options;
  const { text, data, top } = sourceOf(module);
  const { netlist, cells } = await synthesizeIce40(text, top, { ...options, data });
  const registered = registerPorts(netlist);
  const runs = await Promise.all(
    seeds.map(async (seed) => {
      const { delays } = await placeAndRoute(registered, { ...options, seed });
      return { seed, clock: correctedClock(delays, registered) };
    }),
  );
  const [best] = runs.sort((a, b) => speedOf(b.clock) - speedOf(a.clock));
  if (best === undefined) throw new InputError("the area of a module needs one seed at least");
  const { clock, seed } = best;
  if (clock.kind === "unknown")
    return { ...cells, clockMHz: null, limitedBy: clock.reasons.join("; "), criticalPath: null, seed };
  const { megahertz, limitedBy, paths } = clock;
  return { ...cells, clockMHz: megahertz, limitedBy, criticalPath: paths[0] ?? null, seed };
}

const speedOf = (clock: CorrectedClock): number => (clock.kind === "known" ? clock.megahertz : 0);

/**
 * Synthesises a module for another family, for the numbers of its cells.
 * @throws ToolError for a module with cells of the iCE40 in it
 */
export function familyAreaOf(
  module: Module,
  family: Family,
  options: CacheOptions = {},
): Promise<FamilyCounts> {
  const { text, data, top } = sourceOf(module);
  return synthesizeFamily(text, top, family, { ...options, data });
}
