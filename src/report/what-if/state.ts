import type { Scenario } from "../../roofline/scenario.ts";
import type { WeightWords } from "../../roofline/workload/format-words.ts";
import type { ReportEntry, RooflineReportData } from "../roofline-data.ts";

/** A scenario without the weights' format, which each entry has for itself. */
export type Settings = Omit<Scenario, keyof WeightWords>;

/** A device with a format, as the page compares it. */
export interface Entry extends ReportEntry {
  /** Its place among the report's entries; from their count on, entries that were added in the page. */
  readonly id: number;
}

/** All that the page's controls say: whatever else the page shows follows from it. */
export interface WhatIf {
  /** A shape's name. */
  readonly shape: string;
  readonly settings: Settings;
  /** By how much every memory of every device is faster than it is. */
  readonly bandwidth: number;
  readonly entries: readonly Entry[];
}

export const BANDWIDTH_BOUNDS = { least: 1 / 64, most: 64 } as const;
/** More could not be told apart in the charts; a report that was written for more keeps them. */
const MOST_ENTRIES = 8;
export const mostEntries = ({ entries }: RooflineReportData): number =>
  Math.max(MOST_ENTRIES, entries.length);

/** What the report was written for. */
export function originalOf({ shape, scenario, bandwidth, entries }: RooflineReportData): WhatIf {
  const { weights: _, sparsity: __, ...settings } = scenario;
  return { shape: shape.name, settings, bandwidth, entries: entries.map((entry, id) => ({ ...entry, id })) };
}

/** The entries with one more at the end: the device in the format of the last entry. */
export function withDevice(state: WhatIf, device: string, { scenario, entries }: RooflineReportData): WhatIf {
  const { weights, sparsity } = state.entries.at(-1) ?? scenario;
  const id = Math.max(entries.length - 1, ...state.entries.map((entry) => entry.id)) + 1;
  return { ...state, entries: [...state.entries, { id, device, weights, sparsity }] };
}

export const withoutEntry = (state: WhatIf, id: number): WhatIf => ({
  ...state,
  entries: state.entries.filter((entry) => entry.id !== id),
});

export const withEntry = (state: WhatIf, id: number, change: Partial<ReportEntry>): WhatIf => ({
  ...state,
  entries: state.entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
});

export const withSettings = (state: WhatIf, change: Partial<Settings>): WhatIf => ({
  ...state,
  settings: { ...state.settings, ...change },
});
