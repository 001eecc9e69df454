import type { RooflineReportData } from "../roofline-data.ts";
import type { Evaluated, Outcome } from "../what-if/evaluate.ts";
import { PARTS, type Part, type StepName } from "../what-if/figures.ts";
import type { WhatIf } from "../what-if/state.ts";
import type { Mark } from "./marks.ts";

/** What is looked at: it changes no number. */
export interface View {
  readonly step: StepName;
  /** Entries that the chart leaves out. */
  readonly hidden: ReadonlySet<number>;
  readonly parts: ReadonlySet<Part>;
  /** The entry whose operations are listed. */
  readonly chosen: number;
}

export const firstView = (entry: number): View => ({
  step: "decode",
  hidden: new Set(),
  parts: new Set(PARTS),
  chosen: entry,
});

export interface ShownEntry extends Evaluated {
  /** Of the entry in the report; null where it was added, or where nothing differs from the report. */
  readonly original: Outcome | null;
  readonly mark: Mark;
  /** Its device and format. */
  readonly label: string;
}

/** All that the sections draw. */
export interface Shown {
  readonly data: RooflineReportData;
  readonly state: WhatIf;
  readonly isChanged: boolean;
  readonly entries: readonly ShownEntry[];
  readonly view: View;
}

export type Draw = (shown: Shown) => void;

/** What controls do to the page. */
export interface Controls {
  readonly change: (next: (state: WhatIf) => WhatIf) => void;
  /** Puts the whole state in the place of the present one, errors at fields included. */
  readonly reset: (state: WhatIf) => void;
  readonly look: (next: (view: View) => Partial<View>) => void;
}

/** The set without the value, or with it. */
export function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

export const formatText = ({ weights, sparsity }: { weights: string; sparsity: string }): string =>
  sparsity === "dense" ? weights : `${weights} ${sparsity}`;
