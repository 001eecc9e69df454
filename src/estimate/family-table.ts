import type { Module } from "../../hdl/builder/graph.ts";
import { familyAreaOf } from "../flow/area.ts";
import type { CacheOptions } from "../flow/cache.ts";
import type { Family, FamilyCounts } from "../flow/synthesize.ts";
import type { CostedUnit } from "../verify/unit-costs.ts";

export interface FamilyRow {
  /** Names of the instances on the way to it, joined by points. */
  readonly path: string;
  /** Units around it that are in the list too. */
  readonly depth: number;
  /** Name of its module. */
  readonly unit: string;
  /** Null: it has cells of the iCE40 in it, which the family has not. */
  readonly counts: FamilyCounts | null;
}

/**
 * What Yosys makes of units for another family, each by itself: of circuits with `multiplier: "soft"`, whose products it finds
 * and puts into DSP blocks.
 * @param progress called before each synthesis
 * @throws ToolError where Yosys fails
 */
export async function familyTable(
  units: readonly CostedUnit[],
  family: Family,
  options: CacheOptions & { readonly progress?: (unit: CostedUnit, index: number) => void } = {},
): Promise<FamilyRow[]> {
  const { progress, ...cache } = options;
  const rows: FamilyRow[] = [];
  for (const [index, unit] of units.entries()) {
    const { path, depth, module } = unit;
    progress?.(unit, index);
    const counts = hasCells(module) ? null : await familyAreaOf(module, family, cache);
    rows.push({ path, depth, unit: module.name, counts });
  }
  return rows;
}

/** The table's lines, the head first: cells of text. */
export function familyLines(rows: readonly FamilyRow[]): readonly (readonly string[])[] {
  const whole = (count: number): string => count.toLocaleString("en-US");
  return [
    ["unit", "instance", "LUTs", "flip-flops", "DSP blocks", "block RAMs"],
    ...rows.map(({ unit, path, depth, counts }) => [
      `${"· ".repeat(depth)}${unit}`,
      path,
      ...(counts === null
        ? ["-", "-", "-", "-"]
        : [counts.luts, counts.flipFlops, counts.dsp, counts.blockRam].map(whole)),
    ]),
  ];
}

const hasCells = ({ instances }: Module): boolean =>
  instances.some(({ of }) => of.kind === "primitive" || hasCells(of));
